/*
 * What the events of the Go runtime say about each other: a run and the park that ends it, on its thread's
 * clock; a stack or a lock and the park that follows; a timer or a system call and the goroutine that made
 * it. Called with every Go event before the goroutines (goroutines.h) see it.
 */
#ifndef RUNNER_REPLAY_REMARKS_H
#define RUNNER_REPLAY_REMARKS_H

#include <stdint.h>

#include "bpf/events.h"

struct replay;

/* Plain counts, and what the collector accounted for its cycles (ns of CPU time). */
struct remark_counts {
    uint64_t timers_fired; /* that fire once */
    uint64_t handoffs, threads_created;
    uint64_t cycles, cycles_accounted, assist, mark, idle;
};

void remarks_event(struct replay *replay, const struct event_header *event);

#endif
