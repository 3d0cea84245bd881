/*
 * Stacks as a tree of calls: a node is a function as called along one way from a group (whose stacks they
 * are) on; stacks share the nodes of what they have in common. What a flame graph draws.
 */
#ifndef RUNNER_PROFILE_CALLS_H
#define RUNNER_PROFILE_CALLS_H

#include <stddef.h>
#include <stdint.h>

#include "runner/replay/table.h"

struct call {
    int64_t parent; /* index of the node that called it, always below its own; -1 - group: the outermost */
    uint32_t function;
    uint64_t samples; /* that ended here, with no callee */
};

#define CALLS_MOST (1u << 18)

struct calls {
    struct call *items;
    size_t count, room, limit;
    struct table children; /* by parent and function */
};

/* `limit`: most nodes. 0 or -ENOMEM. calls_close() in any case. */
int calls_open(struct calls *calls, size_t limit);
void calls_close(struct calls *calls);
/* Counts a sample of `depth` functions (at least one), innermost first. -ENOSPC: there is no room for its
   stack, nothing was counted; -ENOMEM. */
int calls_add(struct calls *calls, uint32_t group, const uint32_t *functions, size_t depth);

#endif
