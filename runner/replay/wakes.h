/*
 * The latency of a goroutine that was woken, split by what kept it: from ready to run it stands in Go's
 * queues, and while the thread that runs it in the end could not go on, it is the kernel's run queue or
 * cpu.max that keeps it. The three add up exactly to the wake-up's latency.
 */
#ifndef RUNNER_REPLAY_WAKES_H
#define RUNNER_REPLAY_WAKES_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/events.h"
#include "runner/replay/threads.h"
#include "runner/support/histogram.h"

struct wakes {
    struct histogram go_queue, run_queue, throttled; /* one value of each for each wake-up */
    struct event_go_wake derived;                    /* the newest */
};

void wakes_close(struct wakes *wakes);
/* The goroutine of `run` was made ready at `ready` and runs now. 0 or -ENOMEM. */
int wakes_add(struct wakes *wakes, const struct threads *threads, const struct event_header *run,
              uint64_t ready, uint64_t now);

#endif
