/*
 * A finished replay in the shape that the findings are judged by: what became of the goroutines of each go
 * statement, what they waited for, and where; functions and reasons by name. Plain data, so that a test can
 * write it down.
 *
 * Times are ns, those of the clock count from the demo's start. Names are the executable's or the Go
 * version's own: they live as long as the replay's context; NULL: not known.
 */
#ifndef RUNNER_REPLAY_TALLIES_H
#define RUNNER_REPLAY_TALLIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/events.h"
#include "runner/replay/crowd.h"

struct replay;

/* Functions, innermost first; depth 0: no stack is known. A frame without a name is NULL. */
struct tally_stack {
    const char *frames[EVENT_STACK_DEPTH];
    size_t depth;
};

/* Waits of the goroutines of one origin for one reason. */
struct tally_wait {
    const char *reason;   /* "chan send" */
    uint64_t count;       /* ended or not */
    uint64_t time;        /* in all of them, those that had not ended up to the end */
    uint64_t first, last; /* when the first and the last began */
    struct tally_stack stack;
    uint64_t stuck; /* had not ended at the end */
    uint64_t
        stuck_late; /* of those: since the second half of the time in which the origin's goroutines came */
    uint64_t stuck_first, stuck_last;
    struct tally_stack stuck_stack;
};

/* Goroutines of one go statement. */
struct tally_origin {
    const char *creator;  /* the function that the go statement stands in */
    const char *function; /* that was started */
    bool runtime;         /* the runtime's own */
    bool main;            /* the main goroutine */
    uint64_t created, exited;
    uint64_t first_created, last_created;
    uint64_t lived; /* from creation to exit, of those that exited */
    uint64_t ran;   /* on a CPU */
    uint64_t timers_made;
    uint64_t syscalls_blocked, syscall_time; /* that took more than a millisecond */
    uint64_t late; /* waits for a P that came late after netpoll (runner/replay/starvation.h) */
    /* Runs that held a P while somebody waited so: how many, that waiting's time in them, CPU time of the
       longest, when the first and the last ended. */
    uint64_t holds, held, longest_hold, first_held, last_held;
    struct tally_wait *waits; /* longest time first */
    size_t wait_count;
};

struct tally_lock {
    const char *reason;  /* "sync.Mutex.Lock" */
    const char *creator; /* as in tally_origin, of the goroutine that waited last; NULL for main */
    const char *function;
    uint64_t address;
    uint64_t waits, time, peak; /* peak: goroutines that waited at once */
    uint64_t first, last;
    struct tally_stack stack;
};

/* What the collector accounted for its cycles. */
struct tally_gc {
    uint64_t cycles;
    uint64_t accounted; /* cycles whose times are known */
    uint64_t assist, mark, idle;
};

/* Waits for a P of goroutines whose descriptor was ready. */
struct tally_starvation {
    uint64_t waits, late, late_time; /* those that came late, and their sum */
    uint64_t time;                   /* in which at least one waited */
};

struct tallies {
    uint64_t events;    /* of the replay */
    uint64_t lifetime;  /* of the demo */
    bool cpu_clock;     /* `ran` and `looked` are CPU time; else wall time: the kernel's probes were off */
    bool reasons_named; /* waits have names; else nobody knows those of this Go version */
    struct tally_origin *origins; /* most created first */
    size_t origin_count;
    struct tally_lock *locks; /* longest time first */
    size_t lock_count;
    struct crowd crowd;
    struct tally_gc gc;
    struct tally_starvation starvation;
    uint64_t runs;            /* of goroutines */
    uint64_t timers_fired;    /* once; those of time.Sleep and of deadlines included */
    uint64_t looks, looked;   /* for work in vain: how often, CPU time */
    uint64_t handoffs;        /* of a P */
    uint64_t threads_created; /* by the runtime */
};

/* From what the replay has gathered; `end`: when the demo's life ended. 0 or -ENOMEM. */
int tallies_fill(struct replay *replay, uint64_t end);
void tallies_free(struct tallies *tallies);

#endif
