/*
 * The garbage collector's side of a replay: cycles, stops of the world, and what the collector itself says a
 * cycle cost. Starts and ends are paired by process; the runtime allows one stop and one cycle at a time
 * (runtime.worldsema, gcController).
 */
#ifndef RUNNER_REPLAY_COLLECTOR_H
#define RUNNER_REPLAY_COLLECTOR_H

#include <stdint.h>

#include "bpf/events.h"
#include "runner/replay/reasons.h"
#include "runner/replay/table.h"
#include "runner/support/histogram.h"

struct collector {
    struct table table; /* by process */
    uint64_t cycles;    /* ended */
    uint64_t heap_goal; /* largest, bytes; 0: none seen */
    struct histogram cycle_time, stw_time, stw_time_by_reason[STW_REASONS];
    /* ns of CPU time, of the cycles that told. The runtime measures them by its clock, so that time in which
       a worker's thread was off its CPU is in them (runtime/mgcpacer.go). */
    struct histogram assist_time, mark_time, idle_time;
    uint64_t accounted;          /* cycles that told the first two */
    uint64_t assist, mark, idle; /* sums over the whole life, also where a load has a window */
    uint64_t ignored;            /* events of processes beyond the limit */
};

int collector_open(struct collector *collector);
void collector_close(struct collector *collector);
int collector_event(struct collector *collector, const struct event_header *event, uint64_t now);

#endif
