/*
 * Reads a trial's profile.json for tests: what share of the samples went through a function, or was whose.
 */
#ifndef TESTS_INTEGRATION_PROFILED_H
#define TESTS_INTEGRATION_PROFILED_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/integration/lab.h"

struct profiled {
    json_t *trial, *profile;
    size_t nodes;
};

/* The first observed trial of a demo. */
void profiled_open(struct profiled *profiled, const struct lab *lab, const char *demo);
void profiled_close(struct profiled *profiled);

/* A stack on its way through a node: which functions, whose. NULL asks for nothing. */
struct wanted {
    const char *function, *creator; /* of the group */
    const char *kind;               /* of the group */
    const char *through;            /* a function on the stack, at any place */
    const char *also;               /* another one */
    const char *outermost;          /* the outermost one */
    const char *innermost;
    const char *has_kind; /* a function on the stack is of this kind */
    size_t times;         /* `through` stands that often; 0: at least once */
};
/* Samples of the stacks that are as wanted. */
uint64_t profiled_count(const struct profiled *profiled, const struct wanted *wanted);

/* A figure of trial.json's "profile"; -1 where it is not a number. */
int64_t profiled_figure(const struct profiled *profiled, const char *block, const char *key);

#endif
