/*
 * The garbage collector's side of a replay, and what level full adds: cycles, stops of the world, plain
 * counts. Starts and ends are paired by process; the runtime allows one stop and one cycle at a time
 * (runtime.worldsema, gcController).
 */
#ifndef RUNNER_REPLAY_COLLECTOR_H
#define RUNNER_REPLAY_COLLECTOR_H

#include <stdint.h>

#include "bpf/events.h"
#include "runner/replay/table.h"
#include "runner/support/histogram.h"

/* stwReason 0..31; the last stands for all that are larger. Go 1.27 has 17. */
#define STW_REASONS 33

struct collector {
    struct table table; /* by process */
    uint64_t cycles;    /* ended */
    uint64_t heap_goal; /* largest, bytes; 0: none seen */
    struct histogram cycle_time, stw_time, stw_time_by_reason[STW_REASONS];
    uint64_t syscalls, timers_made, timers_stopped, timers_reset;
    uint64_t ignored; /* events of processes beyond the limit */
};

int collector_open(struct collector *collector);
void collector_close(struct collector *collector);
int collector_event(struct collector *collector, const struct event_header *event, uint64_t now);

#endif
