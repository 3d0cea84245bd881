#include "runner/replay/goroutines.h"

#include <errno.h>

#include "runner/replay/goroutine.h"

/* Each has a stack of 2 KiB at least: 4 Mi of them are 8 GiB of the demo's memory. */
#define GOROUTINES_MAX (1u << 22)

int goroutines_open(struct goroutines *goroutines, const struct origins *origins,
                    const struct reason_names *names)
{
    uint32_t reason = reasons_wait_number(names, "coroutine");
    *goroutines = (struct goroutines){
        .origins = *origins,
        .coroutine_reason = (uint8_t)(reason < WAIT_REASONS - 1 ? reason : WAIT_REASONS - 1),
    };
    int result = table_open(&goroutines->table, sizeof(struct goroutine), GOROUTINES_MAX);
    if (result == 0)
        result = table_open(&goroutines->unnamed, sizeof(struct goroutine), GOROUTINES_MAX);
    if (result == 0)
        result = spaces_open(&goroutines->spaces);
    if (result == 0)
        result = coroutines_open(&goroutines->coroutines);
    if (result == 0)
        result = places_open(&goroutines->places);
    if (result == 0)
        result = locks_open(&goroutines->locks);
    if (result < 0)
        goroutines_close(goroutines);
    return result;
}

void goroutines_close(struct goroutines *goroutines)
{
    table_close(&goroutines->table);
    table_close(&goroutines->unnamed);
    spaces_close(&goroutines->spaces);
    coroutines_close(&goroutines->coroutines);
    places_close(&goroutines->places);
    locks_close(&goroutines->locks);
    histogram_free(&goroutines->block_time);
    histogram_free(&goroutines->wake_latency);
    histogram_free(&goroutines->run_slice);
    histogram_free(&goroutines->life);
    for (unsigned i = 0; i < WAIT_REASONS; i++)
        histogram_free(&goroutines->block_time_by_reason[i]);
}

static struct goroutine_counts *counts_of(struct goroutines *goroutines, const struct goroutine *goroutine)
{
    return goroutine->runtime ? &goroutines->runtime : &goroutines->demo;
}

static void count_created(struct goroutines *goroutines, const struct goroutine *goroutine)
{
    struct goroutine_counts *counts = counts_of(goroutines, goroutine);
    counts->created++;
    if (++counts->alive > counts->peak)
        counts->peak = counts->alive;
}

/* *goroutine is NULL beyond the limit (counted). */
static int insert(struct goroutines *goroutines, struct table *table, uint64_t id, uint32_t space,
                  struct goroutine **goroutine)
{
    *goroutine = NULL;
    int result = table_insert(table, id, space, goroutine);
    if (result != -ENOSPC)
        return result;
    goroutines->ignored++;
    return 0;
}

static bool is_runnable(uint8_t state)
{
    return state == GOROUTINE_RUNNABLE || state == GOROUTINE_READY;
}

void goroutine_set_state(struct goroutines *goroutines, struct goroutine *goroutine,
                         enum goroutine_state state, uint64_t now)
{
    if (!goroutine->runtime) {
        goroutines->runnable += is_runnable((uint8_t)state);
        goroutines->runnable -= is_runnable(goroutine->state);
    }
    goroutine->state = (uint8_t)state;
    goroutine->since = now;
}

static enum origin describe(struct goroutines *goroutines, struct goroutine *goroutine,
                            const struct event_go_create *event, uint64_t now)
{
    enum origin origin = origin_of(&goroutines->origins, event->start_pc);
    goroutine->start_pc = event->start_pc;
    goroutine->creator_pc = event->creator_pc;
    goroutine->runtime = origin == ORIGIN_RUNTIME;
    goroutine->created = now;
    goroutine->place = (uint16_t)places_created(&goroutines->places, event->creator_pc, event->start_pc,
                                                goroutine->runtime, now);
    return origin;
}

/* The create comes behind an event of the same instant: what was taken for granted is set right. */
static void describe_adopted(struct goroutines *goroutines, struct goroutine *goroutine,
                             const struct event_go_create *event, uint64_t now)
{
    uint8_t state = goroutine->state;
    uint64_t since = goroutine->since;
    counts_of(goroutines, goroutine)->created--;
    counts_of(goroutines, goroutine)->alive--;
    goroutine_set_state(goroutines, goroutine, GOROUTINE_NONE, since);
    places_known(&goroutines->places);
    describe(goroutines, goroutine, event, now);
    goroutine_set_state(goroutines, goroutine, (enum goroutine_state)state, since);
    goroutine->adopted = false;
    count_created(goroutines, goroutine);
}

static int on_create(struct goroutines *goroutines, const struct event_go_create *event, uint32_t space,
                     uint64_t now, struct goroutine_change *change)
{
    bool named = event->header.goid != 0;
    struct table *table = named ? &goroutines->table : &goroutines->unnamed;
    uint64_t id = named ? event->header.goid : event->g;
    struct goroutine *goroutine = table_find(table, id, space);
    if (goroutine && goroutine->adopted) {
        describe_adopted(goroutines, goroutine, event, now);
        return 0;
    }
    if (goroutine && named) {
        goroutines->impossible++;
        return 0;
    }
    if (goroutine) { /* its address was used again before it got a name: it stays alive, unnamed */
        goroutines->impossible++;
        goroutine_set_state(goroutines, goroutine, GOROUTINE_NONE, now);
    } else {
        int result = insert(goroutines, table, id, space, &goroutine);
        if (!goroutine)
            return result;
    }
    enum origin origin = describe(goroutines, goroutine, event, now);
    bool parked = origin == ORIGIN_COROUTINE;
    if (parked)
        goroutine->reason = goroutines->coroutine_reason;
    goroutine_set_state(goroutines, goroutine, parked ? GOROUTINE_SWITCHED : GOROUTINE_RUNNABLE, now);
    count_created(goroutines, goroutine);
    *change = (struct goroutine_change){.since = now, .to = goroutine->state, .runtime = goroutine->runtime};
    return 0;
}

int goroutine_resolve(struct goroutines *goroutines, uint64_t goid, uint64_t g, uint32_t space, uint64_t now,
                      struct goroutine **goroutine)
{
    *goroutine = table_find(&goroutines->table, goid, space);
    if (*goroutine)
        return 0;
    int result = insert(goroutines, &goroutines->table, goid, space, goroutine);
    if (!*goroutine)
        return result;
    struct goroutine *created = goroutines->unnamed.count ? table_find(&goroutines->unnamed, g, space) : NULL;
    if (created) {
        struct table_key key = (*goroutine)->key;
        **goroutine = *created;
        (*goroutine)->key = key;
        table_remove(&goroutines->unnamed, created);
        return 0;
    }
    goroutine_set_state(goroutines, *goroutine, GOROUTINE_RUNNING, now);
    (*goroutine)->created = now;
    (*goroutine)->adopted = true;
    (*goroutine)->place = (uint16_t)places_created(&goroutines->places, 0, 0, false, now);
    count_created(goroutines, *goroutine);
    return 0;
}

int goroutine_end_slice(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t end)
{
    uint64_t start = goroutine->run_start;
    goroutine->run_start = 0;
    if (start == 0 || goroutine->runtime)
        return 0;
    return histogram_add(&goroutines->run_slice, end - start);
}

void goroutine_end_lock_wait(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t now)
{
    if (goroutine->lock)
        locks_wait_ended(&goroutines->locks, goroutine->lock, now - goroutine->since);
    goroutine->lock = 0;
}

static int on_run(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t now)
{
    int result = 0;
    goroutines->impossible += goroutine->state == GOROUTINE_WAITING;
    if (goroutine->state == GOROUTINE_READY && !goroutine->runtime)
        result = histogram_add(&goroutines->wake_latency, now - goroutine->since);
    goroutine_end_lock_wait(goroutines, goroutine, now);
    /* From running: it came back from a system call whose end no event shows; the slice's length is lost. */
    goroutine_set_state(goroutines, goroutine, GOROUTINE_RUNNING, now);
    goroutine->run_start = now;
    return result;
}

static void begin_wait(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t now)
{
    const struct goroutine_remarks *remarks = &goroutines->remarks;
    places_parked(&goroutines->places, goroutine->place, goroutine->reason, now, remarks->stack);
    goroutine_end_lock_wait(goroutines, goroutine, now);
    if (!remarks->lock)
        return;
    const struct lock_wait wait = {goroutine->place, remarks->stack, goroutine->reason};
    goroutine->lock = (uint16_t)locks_row(&goroutines->locks, remarks->lock, goroutine->key.space);
    if (goroutine->lock)
        locks_wait_begun(&goroutines->locks, goroutine->lock, &wait, now);
}

static int on_park(struct goroutines *goroutines, struct goroutine *goroutine, uint32_t reason, uint64_t now)
{
    goroutines->impossible += goroutine->state != GOROUTINE_RUNNING;
    if (goroutine->state == GOROUTINE_WAITING)
        goroutine->run_start = 0;
    goroutine_set_state(goroutines, goroutine, GOROUTINE_WAITING,
                        now); /* the slice is kept open: an unpark goes on with it */
    goroutine->reason = (uint8_t)(reason < WAIT_REASONS - 1 ? reason : WAIT_REASONS - 1);
    goroutine->stack = goroutines->remarks.stack;
    if (!goroutine->runtime) {
        goroutines->parks++;
        goroutines->parks_by_reason[goroutine->reason]++;
    }
    begin_wait(goroutines, goroutine, now);
    return 0;
}

static int on_unpark(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t now)
{
    if (goroutine->state == GOROUTINE_WAITING && !goroutine->runtime) {
        goroutines->parks--;
        goroutines->parks_by_reason[goroutine->reason]--;
    }
    goroutines->impossible += goroutine->state != GOROUTINE_WAITING;
    goroutine_end_lock_wait(goroutines, goroutine, now);
    goroutine_set_state(goroutines, goroutine, GOROUTINE_RUNNING, now);
    return 0;
}

static int on_ready(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t now)
{
    if (!goroutine->runtime)
        goroutines->readies++;
    if (goroutine->state == GOROUTINE_RUNNABLE || goroutine->state == GOROUTINE_READY) {
        goroutines->impossible++;
        return 0;
    }
    int result = 0;
    if (goroutine->state == GOROUTINE_WAITING) {
        result = goroutine_end_slice(goroutines, goroutine, goroutine->since);
        uint64_t blocked = now - goroutine->since;
        places_waited(&goroutines->places, goroutine->place, goroutine->reason, blocked);
        goroutine_end_lock_wait(goroutines, goroutine, now);
        if (result == 0 && !goroutine->runtime)
            result = histogram_add(&goroutines->block_time, blocked);
        if (result == 0 && !goroutine->runtime)
            result = histogram_add(&goroutines->block_time_by_reason[goroutine->reason], blocked);
    }
    /* From running: it was stopped for a scan of its stack (runtime.suspendG), which no event shows. */
    goroutine->run_start = 0;
    goroutine_set_state(goroutines, goroutine, GOROUTINE_READY, now);
    return result;
}

static int on_yield(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t now)
{
    goroutines->impossible += goroutine->state != GOROUTINE_RUNNING;
    if (!goroutine->runtime)
        goroutines->yields++;
    int result = goroutine->state == GOROUTINE_RUNNING ? goroutine_end_slice(goroutines, goroutine, now) : 0;
    goroutine->run_start = 0;
    goroutine_set_state(goroutines, goroutine, GOROUTINE_RUNNABLE, now);
    return result;
}

static int on_exit_event(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t now)
{
    goroutines->impossible += goroutine->state != GOROUTINE_RUNNING;
    int result = goroutine->state == GOROUTINE_RUNNING ? goroutine_end_slice(goroutines, goroutine, now) : 0;
    if (result == 0 && !goroutine->adopted && !goroutine->runtime)
        result = histogram_add(&goroutines->life, now - goroutine->created);
    struct goroutine_counts *counts = counts_of(goroutines, goroutine);
    counts->exited++;
    counts->alive--;
    goroutine_end_lock_wait(goroutines, goroutine, now);
    places_exited(&goroutines->places, goroutine->place, now - goroutine->created);
    goroutine_set_state(goroutines, goroutine, GOROUTINE_NONE, now);
    table_remove(&goroutines->table, goroutine);
    return result;
}

static int on_event(struct goroutines *goroutines, struct goroutine *goroutine,
                    const struct event_header *event, uint64_t now)
{
    switch (event->kind) {
    case EVENT_GO_RUN:
        return on_run(goroutines, goroutine, now);
    case EVENT_GO_PARK:
        return on_park(goroutines, goroutine, ((const struct event_go_park *)event)->reason, now);
    case EVENT_GO_UNPARK:
        return on_unpark(goroutines, goroutine, now);
    case EVENT_GO_READY:
        return on_ready(goroutines, goroutine, now);
    case EVENT_GO_YIELD:
        return on_yield(goroutines, goroutine, now);
    default:
        return 0;
    }
}

int goroutines_event(struct goroutines *goroutines, const struct event_header *event, uint64_t now,
                     struct goroutine_change *change)
{
    *change = (struct goroutine_change){0};
    if (event->kind == EVENT_PROCESS_EXEC || event->kind == EVENT_PROCESS_EXIT) {
        if (event->kind == EVENT_PROCESS_EXEC || event->tid == event->pid)
            spaces_end(&goroutines->spaces, event->pid);
        return 0; /* the end of one thread ends no goroutine */
    }
    uint32_t space;
    bool named = event->goid != 0 || event->kind == EVENT_GO_CREATE;
    int result = named ? spaces_of(&goroutines->spaces, event->pid, &space) : -ENOSPC;
    if (result == -ENOSPC)
        goroutines->ignored++;
    if (result < 0)
        return result == -ENOSPC ? 0 : result;
    if (event->kind == EVENT_GO_CREATE)
        return on_create(goroutines, (const struct event_go_create *)event, space, now, change);
    struct goroutine *goroutine;
    result = goroutine_resolve(goroutines, event->goid, ((const struct event_go *)event)->g, space, now,
                               &goroutine);
    if (!goroutine)
        return result;
    *change = (struct goroutine_change){.since = goroutine->since,
                                        .from = goroutine->state,
                                        .to = GOROUTINE_NONE,
                                        .reason = goroutine->reason,
                                        .place = goroutine->place,
                                        .runtime = goroutine->runtime};
    places_ran(&goroutines->places, goroutine->place, goroutines->remarks.ran);
    bool coroutine = goroutines->coroutines.switches.count || goroutine->state == GOROUTINE_SWITCHED;
    if (coroutine && goroutine_in_coroutine(goroutines, goroutine, event, now)) {
        change->to = goroutine->state;
        return 0;
    }
    if (event->kind == EVENT_GO_EXIT)
        return on_exit_event(goroutines, goroutine, now);
    if (event->kind == EVENT_GO_CORO_SWITCH) {
        change->to = GOROUTINE_SWITCHED;
        return goroutine_switch(goroutines, goroutine, (const struct event_go_coro *)event, now);
    }
    result = on_event(goroutines, goroutine, event, now);
    change->to = goroutine->state;
    if (change->to == GOROUTINE_WAITING)
        change->reason = goroutine->reason;
    /* Told in so many words, because it is asked for at every event: two bytes that were just written one by
       one are read as a pair only when they have left the store buffer. */
    change->woken = event->kind == EVENT_GO_RUN && change->from == GOROUTINE_READY && !change->runtime;
    return result;
}

uint32_t goroutines_place(struct goroutines *goroutines, uint32_t pid, uint64_t goid)
{
    uint32_t space;
    if (goid == 0 || spaces_of(&goroutines->spaces, pid, &space) < 0)
        return 0;
    const struct goroutine *goroutine = table_find(&goroutines->table, goid, space);
    return goroutine ? goroutine->place : 0;
}
