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
#include "runner/replay/leaks.h"
#include "runner/replay/locks.h"
#include "runner/replay/places.h"
#include "runner/replay/table.h"
#include "runner/support/histogram.h"

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
    struct table processes;
    uint32_t spaces, last_pid, last_space; /* last_space 0: nothing remembered */
    bool (*is_runtime)(void *context, uint64_t start_pc);
    void *context;
    struct {
        uint64_t pc;
        bool known, runtime;
    } cache[256]; /* answers of is_runtime */

    struct goroutine_counts demo, runtime;
    uint64_t parks, readies, yields; /* of the demo's, as all below */
    uint64_t parks_by_reason[WAIT_REASONS];
    struct histogram block_time, block_time_by_reason[WAIT_REASONS];
    struct histogram wake_latency, run_slice;
    struct places places; /* all goroutines, the runtime's included */
    struct locks locks;
    struct goroutine_remarks remarks; /* set by the caller before an event, used up by it */
    uint64_t leaked;
    struct leak_group leaks[LEAK_GROUPS_MAX]; /* largest first */
    unsigned leak_count;

    uint64_t impossible; /* transitions that the runtime does not make */
    uint64_t ignored;    /* events without a goid, or of goroutines beyond the limit */
};

int goroutines_open(struct goroutines *goroutines, bool (*is_runtime)(void *, uint64_t), void *context);
void goroutines_close(struct goroutines *goroutines);
/* Kinds create, run, park, ready, yield, unpark, exit of goroutines, exec and exit of processes. `now` never
 * decreases. 0 or -ENOMEM. */
int goroutines_event(struct goroutines *goroutines, const struct event_header *event, uint64_t now);
/* Row of a goroutine in `places`; 0 where it is not known. */
uint32_t goroutines_place(struct goroutines *goroutines, uint32_t pid, uint64_t goid);
/* Counts what is left at `end`. 0 or -ENOMEM. */
int goroutines_finish(struct goroutines *goroutines, uint64_t end);

#endif
