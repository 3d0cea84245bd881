/*
 * Coroutines among the goroutines. The runtime tries a compare and swap first, and has no event where that
 * succeeds; where the collector looks at the goroutine in that moment, the side that gives parks and the one
 * that takes is readied and run (runtime/coro.go, coroswitch_m). None of these is a park or a wake-up.
 */
#include "runner/replay/goroutine.h"

static bool can_take(const struct goroutine *goroutine)
{
    return goroutine->state == GOROUTINE_SWITCHED || goroutine->state == GOROUTINE_RUNNABLE;
}

static void take(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t since)
{
    goroutine_set_state(goroutines, goroutine, GOROUTINE_RUNNING, since);
    goroutine->run_start = since;
}

int goroutine_switch(struct goroutines *goroutines, struct goroutine *goroutine,
                     const struct event_go_coro *event, uint64_t now)
{
    uint64_t goid = goroutine->key.id;
    uint32_t space = goroutine->key.space;
    int result = goroutine->state == GOROUTINE_RUNNING ? goroutine_end_slice(goroutines, goroutine, now) : 0;
    goroutine->run_start = 0;
    goroutine->reason = goroutines->coroutine_reason;
    goroutine->stack = 0;
    goroutine_set_state(goroutines, goroutine, GOROUTINE_SWITCHED, now);
    goroutines->coroutine_switches += !goroutine->runtime;
    struct goroutine *next = NULL; /* takes the place of `goroutine`, whose entry may move now */
    if (result == 0 && event->next && event->next != goid)
        result = goroutine_resolve(goroutines, event->next, event->next_g, space, now, &next);
    if (next && can_take(next))
        take(goroutines, next, now);
    return result < 0 ? result
                      : coroutines_switch(&goroutines->coroutines, event->header.tid, goid,
                                          next ? event->next : 0, space, now);
}

/* What the side that gave its thread away shows before the other one has done anything with it. */
static bool of_giver(struct goroutines *goroutines, struct goroutine *goroutine, uint16_t kind, uint64_t now)
{
    if (kind == EVENT_GO_EXIT) /* it gave it away for good: nothing ends but its life */
        goroutine_set_state(goroutines, goroutine, GOROUTINE_RUNNING, now);
    return kind == EVENT_GO_PARK;
}

bool goroutine_in_coroutine(struct goroutines *goroutines, struct goroutine *goroutine,
                            const struct event_header *event, uint64_t now)
{
    struct coroutines *coroutines = &goroutines->coroutines;
    const struct coroutine_switch *newest = coroutines_of(coroutines, event->tid, goroutine->key.space);
    uint64_t goid = goroutine->key.id;
    bool blocked = goroutine->state == GOROUTINE_SWITCHED;
    if (event->kind == EVENT_GO_READY)
        return blocked || (newest && newest->to == goid);
    if (event->kind == EVENT_GO_UNPARK)
        return false;
    if (blocked && newest && newest->from == goid)
        return of_giver(goroutines, goroutine, event->kind, now);
    if (newest && newest->to == 0 && can_take(goroutine))
        take(goroutines, goroutine, newest->at);
    else if (blocked && event->kind != EVENT_GO_RUN) /* the switch that let it run was lost */
        goroutine_set_state(goroutines, goroutine, GOROUTINE_RUNNING, now);
    bool again = event->kind == EVENT_GO_RUN && newest && (newest->to == goid || newest->to == 0);
    if (newest)
        coroutines_drop(coroutines, event->tid);
    return again && goroutine->state == GOROUTINE_RUNNING;
}
