/*
 * What level full adds to a replay: the Go scheduler's inside, one module for each idea. Here is who gets
 * which event, and in which order.
 */
#ifndef RUNNER_REPLAY_FULL_H
#define RUNNER_REPLAY_FULL_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/events.h"
#include "runner/replay/carriers.h"
#include "runner/replay/goroutines.h"
#include "runner/replay/netpoll.h"
#include "runner/replay/preemption.h"
#include "runner/replay/processors.h"
#include "runner/replay/sysmon.h"
#include "runner/replay/timers.h"

struct full {
    uint32_t procs; /* GOMAXPROCS, 0: not known */
    struct processors processors;
    struct preemption preemption;
    struct sysmon sysmon;
    struct netpoll netpoll;
    struct timers timers;
};

struct replay_settings;
/* Names of wait reasons are resolved. */
int full_open(struct full *full, const struct replay_settings *settings);
void full_close(struct full *full);
/* Any event of the Go runtime that changes no goroutine's state, behind remarks_event(). 0 or -ENOMEM, as all
   below. */
int full_event(struct full *full, struct carriers *carriers, const struct event_header *event, uint64_t now);
/* One that does, behind remarks_event() and goroutines_event(). */
int full_goroutine(struct full *full, struct carriers *carriers, struct goroutines *goroutines,
                   const struct event_header *event, const struct goroutine_change *change, uint64_t now);
int full_switch(struct full *full, const struct event_sched_switch *event, uint64_t now);
/* Kinds process_exec and process_exit, before carriers_end(). */
int full_process(struct full *full, const struct carriers *carriers, const struct event_header *event,
                 uint64_t now);
int full_finish(struct full *full, uint64_t end);
/* Events that came and could not be used. */
uint64_t full_ignored(const struct full *full);

#endif
