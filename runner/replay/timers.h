/*
 * Timers, level full: made, stopped, reset, fired, how late they fire, and how long they live on average.
 *
 * A timer lives from its making until it is stopped or fires for the last time; a reset lets it live again.
 * The mean life is the time that all timers lived together (what lives at the end of the process ends there)
 * over the number that was made: that is Little's law, which asks for no pairs. Up to Go 1.22 a timer's
 * address is known when it is made. From Go 1.23 on it is not, and the runtime's own timers, which fire as
 * well, have to be told apart:
 *   - the timer of a time.Sleep readies a goroutine that waits for "sleep", as the next thing on its thread
 *   - an address that has ended cannot belong to a new timer before a collection has freed the old one
 *     (a stop or firing before is of the same timer and ends nothing)
 */
#ifndef RUNNER_REPLAY_TIMERS_H
#define RUNNER_REPLAY_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/events.h"
#include "runner/replay/goroutines.h"
#include "runner/replay/table.h"
#include "runner/support/histogram.h"

#define TIMER_THREADS 16

struct timers {
    struct table table;     /* by address and pid */
    struct table processes; /* by pid */
    uint64_t made, stopped, reset, fired;
    uint64_t fired_once;            /* of the fired: those without a period */
    struct histogram fire_lateness; /* ns */
    double lived;                   /* ns, of all timers together, up to the newest change */
    uint64_t alive, since;          /* since that change */
    uint64_t ended;                 /* stopped in time or fired for good */
    uint64_t cut_off;               /* alive when their process ended */
    uint64_t untracked;             /* ends that could not be looked up, for want of room */
    uint32_t sleep_reason;          /* number of the wait reason "sleep" */
    uint32_t offset;                /* of the runtime's timer in what package time calls one */
    struct {
        uint32_t tid, pid;
        uint64_t address; /* that the last firing on the thread ended; 0: none */
    } last[TIMER_THREADS];
};

int timers_open(struct timers *timers, uint32_t go_minor, const struct reason_names *names);
void timers_close(struct timers *timers);
/* Kinds timer_make, timer_stop, timer_reset, timer_fire, and gc_end. 0 or -ENOMEM. */
int timers_event(struct timers *timers, const struct event_header *event, uint64_t now);
/* Kind ready of a goroutine. */
void timers_ready(struct timers *timers, const struct event_header *event,
                  const struct goroutine_change *change);
/* The process ended or executes another program. */
void timers_end(struct timers *timers, uint32_t pid, uint64_t now);
/* Mean life of a timer, ns; 0: none was made. */
double timers_mean_life(const struct timers *timers, uint64_t now);

#endif
