/*
 * Whose samples they are: goroutines by the function that they run and the one that started them, threads
 * without a goroutine apart.
 */
#ifndef RUNNER_PROFILE_GROUPS_H
#define RUNNER_PROFILE_GROUPS_H

#include <stddef.h>
#include <stdint.h>

#include "runner/replay/table.h"

enum group_kind {
    GROUP_GOROUTINE, /* function and creator tell which */
    GROUP_RUNTIME,   /* a thread of the Go runtime that runs no goroutine: scheduler, sysmon */
    GROUP_THREAD,    /* of another program: `function` is the name that the kernel has for it */
};
/* "goroutine", "runtime", "thread" */
const char *group_kind_text(enum group_kind kind);

#define GROUP_NO_NAME UINT32_MAX

struct group {
    enum group_kind kind;
    uint32_t function, creator; /* numbers of names; GROUP_NO_NAME: none */
    uint64_t samples;
    uint64_t goroutines; /* that were seen, up to GROUPS_GOROUTINES_MOST in all */
};

struct groups {
    struct group *items;
    size_t count, room;
    struct table numbers;    /* by kind and names */
    struct table goroutines; /* struct group_goroutine by goid and process */
};

#define GROUPS_GOROUTINES_MOST (1u << 16)
struct group_goroutine {
    struct table_key key; /* id: goid, space: pid */
    uint32_t group;
    uint64_t samples;
};

/* 0 or -ENOMEM. groups_close() in any case. */
int groups_open(struct groups *groups);
void groups_close(struct groups *groups);
/* The number of a group; -ENOSPC beyond 65,536, -ENOMEM. */
int64_t groups_find(struct groups *groups, enum group_kind kind, uint32_t function, uint32_t creator);
/* Counts a sample of the group and of its goroutine (0: none). 0 or -ENOMEM. */
int groups_add(struct groups *groups, uint32_t group, uint32_t pid, uint64_t goid);
/* Those with the most samples, most first; at most `most`. Free it. NULL: no memory. */
const struct group_goroutine **groups_busiest(const struct groups *groups, size_t most, size_t *count);

#endif
