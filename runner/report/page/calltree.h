/*
 * The CPU profiles of several trials as one tree of calls, of the shape of profile.json
 * (runner/profile/profile.h): same groups, same paths of names, added up.
 */
#ifndef RUNNER_REPORT_PAGE_CALLTREE_H
#define RUNNER_REPORT_PAGE_CALLTREE_H

#include <jansson.h>
#include <stdbool.h>

struct calltree {
    json_t *functions, *groups, *parent, *function, *samples; /* as in profile.json, without goroutines */
    json_t *function_of, *group_of, *node_of;                 /* keys to their places in these */
    json_int_t period_ns, all;
};

int calltree_open(struct calltree *tree); /* 0 or -ENOMEM */
void calltree_close(struct calltree *tree);
/* False where `profile` is damaged: parents that come later, numbers of nothing. What was added of it before
   stays. All profiles have one period. */
bool calltree_add(struct calltree *tree, const json_t *profile);
/* {"period_ns", "samples", "functions", "groups", "nodes"}; owned by the caller. */
json_t *calltree_json(const struct calltree *tree);

/* A function over the whole tree; with recursion a sample counts once in `total`. */
struct calltree_function {
    const char *name, *kind; /* owned by the tree */
    json_int_t self, total;
};
/* Fills `list` with the `room` functions that have the most samples of their own, most first; returns how
   many. */
size_t calltree_hottest(const struct calltree *tree, struct calltree_function *list, size_t room);

#endif
