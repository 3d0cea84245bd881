/*
 * The network poller, level full: how often it is asked, what it finds ready, and how long the goroutine that
 * waits for a descriptor takes from there (runtime.netpollready) until it runs.
 */
#ifndef RUNNER_REPLAY_NETPOLL_H
#define RUNNER_REPLAY_NETPOLL_H

#include <stdint.h>

#include "bpf/events.h"
#include "runner/replay/starvation.h"
#include "runner/replay/table.h"
#include "runner/support/histogram.h"

struct netpoll {
    struct table ready;             /* goroutines that are to run, by goid and pid */
    uint64_t looks, waits, endless; /* calls that return at once, wait for a time, wait for an event */
    uint64_t descriptors;           /* found ready */
    uint64_t nobody;                /* of these without a goroutine that waited */
    struct histogram wake_latency;
    struct starvation starvation; /* while they wait to run */
};

int netpoll_open(struct netpoll *netpoll);
void netpoll_close(struct netpoll *netpoll);
/* Kinds netpoll and netpoll_ready. 0 or -ENOMEM. */
int netpoll_event(struct netpoll *netpoll, const struct event_header *event, uint64_t now);
/* What a goroutine of that place does itself, from run to exit: it waits no longer. 0 or -ENOMEM. */
int netpoll_goroutine(struct netpoll *netpoll, const struct event_header *event, struct place *place,
                      uint64_t now);
/* The process ended or executes another program. */
void netpoll_end(struct netpoll *netpoll, uint32_t pid, uint64_t now);

#endif
