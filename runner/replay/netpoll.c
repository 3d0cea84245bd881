#include "runner/replay/netpoll.h"

#include <errno.h>

/* Goroutines that a poll made ready and that have not run yet. */
#define READY_MAX (1u << 17)

struct ready {
    struct table_key key; /* id: goid; space: pid */
    uint64_t since;
};

int netpoll_open(struct netpoll *netpoll)
{
    *netpoll = (struct netpoll){0};
    int result = table_open(&netpoll->ready, sizeof(struct ready), READY_MAX);
    return result < 0 ? result : starvation_open(&netpoll->starvation);
}

void netpoll_close(struct netpoll *netpoll)
{
    table_close(&netpoll->ready);
    starvation_close(&netpoll->starvation);
    histogram_free(&netpoll->wake_latency);
}

static int on_ready(struct netpoll *netpoll, const struct event_header *event, uint64_t now)
{
    netpoll->descriptors++;
    netpoll->nobody += event->goid == 0;
    if (event->goid == 0 || table_find(&netpoll->ready, event->goid, event->pid))
        return 0;
    struct ready *ready;
    int result = table_insert(&netpoll->ready, event->goid, event->pid, &ready);
    if (result < 0)
        return result == -ENOSPC ? 0 : result;
    ready->since = now;
    return starvation_begins(&netpoll->starvation, event->pid, now);
}

int netpoll_event(struct netpoll *netpoll, const struct event_header *event, uint64_t now)
{
    if (event->kind == EVENT_GO_NETPOLL_READY)
        return on_ready(netpoll, event, now);
    int64_t delay = (int64_t)((const struct event_go_value *)event)->value;
    (*(delay < 0 ? &netpoll->endless : delay > 0 ? &netpoll->waits : &netpoll->looks))++;
    return 0;
}

int netpoll_goroutine(struct netpoll *netpoll, const struct event_header *event, struct place *place,
                      uint64_t now)
{
    if (netpoll->ready.count == 0)
        return 0;
    struct ready *ready = table_find(&netpoll->ready, event->goid, event->pid);
    if (!ready)
        return 0;
    uint64_t since = ready->since;
    table_remove(&netpoll->ready, ready);
    starvation_ends(&netpoll->starvation, event->pid, now);
    if (event->kind != EVENT_GO_RUN) /* that was lost */
        return 0;
    starvation_waited(&netpoll->starvation, place, now - since);
    return histogram_add(&netpoll->wake_latency, now - since);
}

void netpoll_end(struct netpoll *netpoll, uint32_t pid, uint64_t now)
{
    table_remove_space(&netpoll->ready, pid);
    starvation_end(&netpoll->starvation, pid, now);
}
