/*
 * Stacks by number: equal ones share it, so that a goroutine keeps four bytes of its own. A program blocks at
 * few places; what comes beyond STACKS_MAX different ones is not known (number 0).
 */
#ifndef RUNNER_REPLAY_STACKS_H
#define RUNNER_REPLAY_STACKS_H

#include <stdint.h>

#include "bpf/events.h"
#include "runner/replay/table.h"

#define STACKS_MAX 4096

struct stacks {
    uint64_t (*items)[EVENT_STACK_DEPTH]; /* by number, from 1 on; NULL before the first */
    uint32_t count;
    struct table table; /* hash -> number */
};

int stacks_open(struct stacks *stacks); /* 0 or -ENOMEM */
void stacks_close(struct stacks *stacks);
/* Its number; 0 where it is empty, or there are too many. */
uint32_t stacks_number(struct stacks *stacks, const uint64_t pcs[EVENT_STACK_DEPTH]);
/* NULL for 0. */
const uint64_t *stacks_frames(const struct stacks *stacks, uint32_t number);

#endif
