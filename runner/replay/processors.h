/*
 * Go's Ps: which M each is bound to and for how long, level full.
 *
 * A P is bound by runtime.wirep and unbound by runtime.releasep; from an M in a system call it is taken
 * (runtime.handoffp, called by sysmon). Stopping the world takes the Ps of system calls without either, up to
 * Go 1.25: the next bind tells, and the stop's start is taken for the end. Up to Go 1.25 a return from a
 * system call binds the P again that was never taken: that ends nothing.
 */
#ifndef RUNNER_REPLAY_PROCESSORS_H
#define RUNNER_REPLAY_PROCESSORS_H

#include <stdint.h>

#include "bpf/events.h"
#include "runner/replay/carriers.h"
#include "runner/replay/table.h"
#include "runner/support/histogram.h"

struct processor {
    struct table_key key; /* id: the P's; space: pid */
    uint32_t tid;         /* of its M; 0: bound to none */
    uint64_t since;       /* it is bound, ns */
};

struct processors {
    struct table table;
    struct table processes;
    struct histogram bind_time;
    uint64_t handoffs, handoffs_syscall; /* of these from an M in a system call */
    uint64_t steals, stolen;             /* that took something, and how many goroutines */
    uint64_t steals_in_vain;
    double bound, available; /* ns, summed over the Ps of the programs that have ended */
    uint32_t most;           /* Ps of one program */
    uint64_t ignored;        /* events of Ps beyond the limit */
};

int processors_open(struct processors *processors);
void processors_close(struct processors *processors);
struct processor *processors_find(const struct processors *processors, uint32_t proc, uint32_t pid);
/* Kinds p_bind, p_unbind, p_handoff, steal, and stw_start. The threads are told their Ps. 0 or -ENOMEM. */
int processors_event(struct processors *processors, struct carriers *carriers,
                     const struct event_header *event, uint64_t now);
/* The thread ended, and took its P with it. 0 or -ENOMEM. */
int processors_thread_end(struct processors *processors, const struct carrier *carrier, uint32_t pid,
                          uint64_t now);
/* The process ended or executes another program: closes what is open. `procs`: how many Ps a program has at
 * least (GOMAXPROCS), 0: those that were bound. 0 or -ENOMEM. */
int processors_end(struct processors *processors, uint32_t pid, uint32_t procs, uint64_t now);
/* All processes. */
int processors_finish(struct processors *processors, uint32_t procs, uint64_t now);

#endif
