/*
 * Goroutines that were blocked at the end, grouped by what started them and what they waited for.
 */
#ifndef RUNNER_REPLAY_LEAKS_H
#define RUNNER_REPLAY_LEAKS_H

#include <stddef.h>
#include <stdint.h>

struct leak_group {
    uint64_t creator_pc, start_pc, count;
    uint32_t reason;
};
#define LEAK_GROUPS_MAX 50

/* Joins equal origins in place, largest group first. Returns how many groups there are. */
size_t leaks_group(struct leak_group *leaks, size_t count);

#endif
