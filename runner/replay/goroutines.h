/*
 * The Go side of a replay: every goroutine's life, from create to exit.
 *
 * States follow runtime.casgstatus: runnable (created, readied or yielded), running, waiting. A goroutine is
 * keyed by (process, goid), for goids are never given twice and the addresses of their g are. Before Go 1.24
 * the goid is not set yet when a goroutine is created: it waits under its address until its first event that
 * knows the goid. What is seen without a create (its event was lost) counts as created at that moment, so
 * that created less exited is alive, always.
 */
#ifndef RUNNER_REPLAY_GOROUTINES_H
#define RUNNER_REPLAY_GOROUTINES_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/events.h"
#include "runner/replay/coroutines.h"
#include "runner/replay/leaks.h"
#include "runner/replay/locks.h"
#include "runner/replay/origins.h"
#include "runner/replay/places.h"
#include "runner/replay/reasons.h"
#include "runner/replay/spaces.h"
#include "runner/replay/table.h"
#include "runner/support/histogram.h"

enum goroutine_state {
    GOROUTINE_NONE,     /* not born yet, or gone */
    GOROUTINE_RUNNABLE, /* created, or yielded: nobody woke it */
    GOROUTINE_READY,    /* runnable, because somebody woke it */
    GOROUTINE_RUNNING,
    GOROUTINE_WAITING,
    GOROUTINE_SWITCHED, /* blocked in a coroutine: born so, or it gave its thread to the other side */
};

/* What an event did to a goroutine, for whoever counts something else by it. */
struct goroutine_change {
    uint64_t since;   /* of the state that ended, ns */
    uint8_t from, to; /* enum goroutine_state; equal: nothing changed */
    uint8_t reason;   /* of the wait that began or ended */
    uint16_t place;   /* the goroutine's row of `places` */
    bool runtime;     /* the runtime's own goroutine */
    bool woken;       /* one of the demo's that was made ready, at `since`, and now runs */
};

struct goroutine_counts {
    uint64_t created, exited, alive, peak;
};

/* What other events told about the change of state that comes now. */
struct goroutine_remarks {
    uint64_t ran;   /* run that ends: ns on a CPU */
    uint64_t lock;  /* park: address of the lock; 0: none, or not known */
    uint32_t stack; /* park: number of its stack; 0: not captured */
};

struct goroutines {
    struct table table;   /* by goid and the process's space */
    struct table unnamed; /* by address of g: created, goid not known yet */
    struct spaces spaces;
    struct origins origins;
    struct coroutines coroutines;
    uint8_t coroutine_reason; /* number of the wait reason "coroutine" */

    struct goroutine_counts demo, runtime;
    uint64_t runnable;               /* now; of the demo's, as all below */
    uint64_t parks, readies, yields; /* a coroutine's switch is neither park nor wake-up */
    uint64_t coroutine_switches;
    uint64_t parks_by_reason[WAIT_REASONS];
    struct histogram block_time, block_time_by_reason[WAIT_REASONS];
    struct histogram wake_latency, run_slice, life;
    struct places places; /* all goroutines, the runtime's included */
    struct locks locks;
    struct goroutine_remarks remarks; /* set by the caller before an event, used up by it */
    uint64_t leaked;
    struct leak_group leaks[LEAK_GROUPS_MAX]; /* largest first */
    unsigned leak_count;

    uint64_t impossible; /* transitions that the runtime does not make */
    uint64_t ignored;    /* events without a goid, or of goroutines beyond the limit */
};

/* `origins`: who says what a function is; copied. `names`: of wait reasons. */
int goroutines_open(struct goroutines *goroutines, const struct origins *origins,
                    const struct reason_names *names);
void goroutines_close(struct goroutines *goroutines);
/* Kinds create, run, park, ready, yield, unpark, exit, coro_switch of goroutines, exec and exit of processes.
 * `now` never decreases. *change is filled in any case. 0 or -ENOMEM. */
int goroutines_event(struct goroutines *goroutines, const struct event_header *event, uint64_t now,
                     struct goroutine_change *change);
/* Row of a goroutine in `places`; 0 where it is not known. */
uint32_t goroutines_place(struct goroutines *goroutines, uint32_t pid, uint64_t goid);
/* Counts what is left at `end`. 0 or -ENOMEM. */
int goroutines_finish(struct goroutines *goroutines, uint64_t end);

#endif
