/*
 * What the events of the Go runtime say about each other: a run and the park that ends it, on its thread's
 * clock; a stack or a lock and the park that follows; a timer or a system call and the goroutine that made
 * it. Called with every Go event before the goroutines (goroutines.h) see it.
 */
#ifndef RUNNER_REPLAY_REMARKS_H
#define RUNNER_REPLAY_REMARKS_H

#include <stdint.h>

#include "bpf/events.h"
#include "runner/support/histogram.h"

struct replay;

struct remark_counts {
    uint64_t threads_created;  /* by the runtime */
    uint64_t threads_started;  /* wanted for a P */
    uint64_t threads_spinning; /* of these to look for work */
    uint64_t lock_waits;
    uint64_t syscalls;
    struct histogram syscall_time; /* ns; of those whose begin and end were seen */
};

void remarks_close(struct remark_counts *counts);
/* 0 or -ENOMEM. */
int remarks_event(struct replay *replay, const struct event_header *event);

#endif
