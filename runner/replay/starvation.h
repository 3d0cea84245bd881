/*
 * Goroutines whose descriptor is ready and that wait for a P (netpoll.h), and which goroutines hold the Ps
 * meanwhile, level full.
 *
 * Each program has a clock that runs while one of its goroutines waits so. A run that was long by its own CPU
 * time held a P for as long as that clock ran during it: what a busy machine adds makes no run long.
 */
#ifndef RUNNER_REPLAY_STARVATION_H
#define RUNNER_REPLAY_STARVATION_H

#include <stdint.h>

#include "bpf/events.h"
#include "runner/replay/carriers.h"
#include "runner/replay/places.h"
#include "runner/replay/table.h"

/* CPU time of a run without a break from which on it holds its P; a handler's run takes microseconds, one
   that is never asked to yield 10 ms (runtime/proc.go, forcePreemptNS). */
#define STARVATION_HELD_NS 1000000u
/* A wait that is longer came late. */
#define STARVATION_LATE_NS 1000000u

struct starvation {
    struct table programs; /* clocks by pid */
    uint64_t time;         /* of the clocks of programs that have ended, ns */
    uint64_t waits, late;  /* that ended with a run: all of them, and those that came late */
    uint64_t late_time;    /* sum of the latter, ns */
};

int starvation_open(struct starvation *starvation); /* 0 or -ENOMEM */
void starvation_close(struct starvation *starvation);
/* One goroutine more waits. 0 or -ENOMEM. */
int starvation_begins(struct starvation *starvation, uint32_t pid, uint64_t now);
/* One fewer. */
void starvation_ends(struct starvation *starvation, uint32_t pid, uint64_t now);
/* One of them runs at last, after `waited` ns; its place. */
void starvation_waited(struct starvation *starvation, struct place *place, uint64_t waited);
/* A run begins on the thread, or goes on after a system call that gave the P away. */
void starvation_run(const struct starvation *starvation, struct carrier *carrier, uint32_t pid, uint64_t now);
/* It ends, after `ran` ns on a CPU; the goroutine's place. */
void starvation_leave(const struct starvation *starvation, const struct carrier *carrier, struct place *place,
                      uint32_t pid, uint64_t ran, uint64_t now);
/* The process ended or executes another program. */
void starvation_end(struct starvation *starvation, uint32_t pid, uint64_t now);
void starvation_finish(struct starvation *starvation, uint64_t now);

#endif
