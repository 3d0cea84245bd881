/*
 * Preemption, level full: the runtime asks a P for its goroutine's place (runtime.preemptone, by sysmon
 * after 10 ms and by whoever stops the world), again and again until the goroutine gives it up.
 *
 * The latency runs from the first request to the yield, park or end of the goroutine that ran on the P then.
 * A goroutine gives way
 *   forced         a signal interrupted it (runtime.asyncPreempt2), or the collector stopped it to scan its
 *                  stack (runtime.preemptPark)
 *   cooperatively  at the stack check of a function that it called, or because it blocked, called
 *                  runtime.Gosched or ended while the request stood
 * A request is void where no goroutine runs on the P, or the one that does is in a system call: there it is
 * the P that is taken (processors.h). Goroutines of the runtime's own are not counted.
 */
#ifndef RUNNER_REPLAY_PREEMPTION_H
#define RUNNER_REPLAY_PREEMPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/events.h"
#include "runner/replay/carriers.h"
#include "runner/replay/goroutines.h"
#include "runner/replay/processors.h"
#include "runner/replay/table.h"
#include "runner/support/histogram.h"

struct preemption {
    struct table requests; /* that stand, by P and process */
    uint32_t park_reason;  /* number of the wait reason "preempted" */
    uint64_t asked;        /* requests, repeated ones not counted */
    uint64_t void_requests;
    uint64_t forced, cooperative;
    /* goroutines.yields, split; handed: unasked, to the waiter of a lock that it unlocks (runtime.goyield) */
    uint64_t yields_called, yields_preempted, yields_syscall, yields_handed;
    struct histogram latency;
};

int preemption_open(struct preemption *preemption, const struct reason_names *names);
void preemption_close(struct preemption *preemption);
/* Kind preempt_request. 0 or -ENOMEM. */
int preemption_request(struct preemption *preemption, const struct processors *processors,
                       const struct carriers *carriers, const struct event_go_proc *event, uint64_t now);
/* Kinds run, park, unpark, yield, exit; `carrier`: the event's thread. 0 or -ENOMEM. */
int preemption_goroutine(struct preemption *preemption, const struct carrier *carrier,
                         const struct event_header *event, const struct goroutine_change *change,
                         uint64_t now);
/* The P is bound to another M or to none, before processors_event(). 0 or -ENOMEM. */
int preemption_release(struct preemption *preemption, uint32_t proc, uint32_t pid);
/* The process ended or executes another program. */
void preemption_end(struct preemption *preemption, uint32_t pid);
/* 0 or -ENOMEM. */
int preemption_finish(struct preemption *preemption);

#endif
