/*
 * What the threads do between their goroutines: for each thread that ran one, the CPU time of the slice, what
 * was announced for the park or yield that is to come, the system call that it is in, the P that it is bound
 * to (processors.h), and how long it looked for work in vain.
 *
 * A thread of a Go program (an M) runs a goroutine, or it looks for one (runtime/proc.go, findRunnable), or
 * it is parked. Time is its own clock: the time that it was on a CPU (the wall clock where the kernel's
 * probes are off), so that neighbours on a busy machine do not count.
 */
#ifndef RUNNER_REPLAY_CARRIERS_H
#define RUNNER_REPLAY_CARRIERS_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/replay/table.h"

/* A system call that takes longer than this has blocked: sysmon takes the P away after 20 us at the earliest
   (runtime/proc.go, retake), and a short one stays far below. */
#define CARRIER_BLOCKED_NS 1000000u

#define PROC_NONE UINT32_MAX

struct carrier {
    struct table_key key; /* id: tid */
    uint64_t mark;        /* the thread's clock when it began to run or to look */
    bool runs;            /* a goroutine; else it looks for one */
    uint64_t syscall;     /* time when it entered a system call; 0: it is in none */
    bool has_run;         /* a goroutine, since it parked */
    bool called;          /* its goroutine calls runtime.Gosched: the yield follows */
    bool interrupted;     /* a signal stops its goroutine: the yield or park follows */
    bool lost_proc;       /* its P was taken during this system call */
    uint32_t proc;        /* its P's id; PROC_NONE: bound to none, or not known */
    uint64_t goid;        /* whose park was announced */
    uint64_t lock;        /* address of what it waits for; 0: no lock, or not known */
    uint32_t stack;       /* number (stacks.h); 0: not captured */
    uint64_t starving;    /* starvation.h's clock when its goroutine's run began */
};

struct carriers {
    struct table table;
    uint64_t looks, looked; /* in vain: how often, ns */
    uint64_t parked;        /* times that one parked because it found nothing to do */
    uint64_t in_vain;       /* of these without a goroutine since the one before */
};

int carriers_open(struct carriers *carriers); /* 0 or -ENOMEM */
void carriers_close(struct carriers *carriers);
/* The thread's row, made where there is none; NULL beyond the limit or where memory is short. Valid until the
   next call. */
struct carrier *carriers_of(struct carriers *carriers, uint32_t tid);
/* NULL where there is none. */
struct carrier *carriers_find(const struct carriers *carriers, uint32_t tid);
/* The thread ended, or executes another program. */
void carriers_end(struct carriers *carriers, uint32_t tid);
/* `clock`: the thread's CPU time, ns. */
void carrier_runs(struct carrier *carrier, uint64_t clock);
/* The slice ends; how long it was on a CPU. */
uint64_t carrier_leaves(struct carrier *carrier, uint64_t clock);
/* The thread found nothing and parks. */
void carrier_stops(struct carriers *carriers, struct carrier *carrier, uint64_t clock);
/* What comes is about the next park of `goid`; what was announced for another one is forgotten. */
void carrier_announces(struct carrier *carrier, uint64_t goid);
/* Stack and lock of the park of `goid`, once; 0 where nothing was announced. */
void carrier_take(struct carrier *carrier, uint64_t goid, uint32_t *stack, uint64_t *lock);

#endif
