#include "runner/replay/preemption.h"

#include <errno.h>

#include "runner/replay/reasons.h"

/* Ps that are asked at once. */
#define REQUESTS_MAX (1u << 14)

struct request {
    struct table_key key; /* id: the P's; space: pid */
    uint32_t tid;         /* of the M that it was bound to */
    uint64_t first;       /* ns */
    /* When the goroutine parked, 0: not yet. Some parks are none: the goroutine does something on the system
       stack and goes on with its P (runtime.casGToWaiting). What follows tells. */
    uint64_t answered;
};

int preemption_open(struct preemption *preemption, const struct reason_names *names)
{
    *preemption = (struct preemption){.park_reason = reasons_wait_number(names, "preempted")};
    return table_open(&preemption->requests, sizeof(struct request), REQUESTS_MAX);
}

void preemption_close(struct preemption *preemption)
{
    table_close(&preemption->requests);
    histogram_free(&preemption->latency);
}

static struct request *find(const struct preemption *preemption, uint32_t proc, uint32_t pid)
{
    return preemption->requests.count ? table_find(&preemption->requests, proc, pid) : NULL;
}

/* Counts the request where it was answered, and forgets it. */
static int settle(struct preemption *preemption, struct request *request)
{
    uint64_t answered = request->answered;
    uint64_t first = request->first;
    table_remove(&preemption->requests, request);
    if (answered == 0) {
        preemption->void_requests++;
        return 0;
    }
    preemption->cooperative++;
    return histogram_add(&preemption->latency, answered - first);
}

int preemption_release(struct preemption *preemption, uint32_t proc, uint32_t pid)
{
    struct request *request = find(preemption, proc, pid);
    return request ? settle(preemption, request) : 0;
}

int preemption_request(struct preemption *preemption, const struct processors *processors,
                       const struct carriers *carriers, const struct event_go_proc *event, uint64_t now)
{
    uint32_t pid = event->header.pid;
    const struct processor *processor = processors_find(processors, event->proc, pid);
    const struct carrier *carrier =
        processor && processor->tid ? carriers_find(carriers, processor->tid) : NULL;
    struct request *request = find(preemption, event->proc, pid);
    if (request && (request->answered || !carrier || request->tid != processor->tid)) {
        int result = settle(preemption, request);
        if (result < 0)
            return result;
        request = NULL;
    }
    if (request) /* once more */
        return 0;
    preemption->asked++;
    if (!carrier || carrier->proc != event->proc || !carrier->runs || carrier->syscall ||
        carrier->key.id == event->header.tid) { /* preemptone leaves the caller's own M alone */
        preemption->void_requests++;
        return 0;
    }
    int result = table_insert(&preemption->requests, event->proc, pid, &request);
    if (result < 0) {
        preemption->void_requests += result == -ENOSPC;
        return result == -ENOSPC ? 0 : result;
    }
    request->tid = processor->tid;
    request->first = now;
    return 0;
}

/* How a goroutine gave up its P. */
enum way { BY_ITSELF, COOPERATIVE, FORCED, IN_SYSCALL };

static enum way yield_of(struct preemption *preemption, const struct carrier *carrier,
                         const struct event_header *event, bool asked)
{
    /* From Go 1.26 on the flag is missing: there the goroutine is running again when it finds no P. */
    if (event->flags & EVENT_FLAG_SYSCALL || carrier->lost_proc) {
        preemption->yields_syscall++;
        return IN_SYSCALL;
    }
    if (carrier->called) {
        preemption->yields_called++;
        return BY_ITSELF;
    }
    if (carrier->interrupted || asked) {
        preemption->yields_preempted++;
        return carrier->interrupted ? FORCED : COOPERATIVE;
    }
    preemption->yields_handed++;
    return BY_ITSELF;
}

static int stopped(struct preemption *preemption, struct request *request, enum way way, uint64_t now)
{
    bool answered = request && way != IN_SYSCALL;
    preemption->forced += way == FORCED;
    preemption->cooperative += way != FORCED && answered;
    if (!request)
        return 0;
    uint64_t first = request->first;
    table_remove(&preemption->requests, request);
    preemption->void_requests += !answered;
    return answered ? histogram_add(&preemption->latency, now - first) : 0;
}

int preemption_goroutine(struct preemption *preemption, const struct carrier *carrier,
                         const struct event_header *event, const struct goroutine_change *change,
                         uint64_t now)
{
    struct request *request = find(preemption, carrier->proc, event->pid);
    if (request && request->tid != event->tid)
        request = NULL;
    if (change->runtime) {
        if (request)
            table_remove(&preemption->requests, request);
        return 0;
    }
    switch (event->kind) {
    case EVENT_GO_RUN:
        return request ? settle(preemption, request) : 0;
    case EVENT_GO_UNPARK:
        if (request)
            request->answered = 0;
        return 0;
    case EVENT_GO_PARK:
        if (((const struct event_go_park *)event)->reason == preemption->park_reason)
            return stopped(preemption, request, FORCED, now);
        if (request && !request->answered)
            request->answered = now;
        return 0;
    case EVENT_GO_YIELD:
        return stopped(preemption, request, yield_of(preemption, carrier, event, request != NULL), now);
    case EVENT_GO_EXIT:
        return request ? stopped(preemption, request, BY_ITSELF, now) : 0;
    default:
        return 0;
    }
}

void preemption_end(struct preemption *preemption, uint32_t pid)
{
    if (preemption->requests.count)
        table_remove_space(&preemption->requests, pid);
}

int preemption_finish(struct preemption *preemption)
{
    int result = 0;
    struct request *request;
    while (result == 0 && (request = table_next(&preemption->requests, NULL)))
        result = settle(preemption, request);
    return result;
}
