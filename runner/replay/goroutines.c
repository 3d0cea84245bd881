#include "runner/replay/goroutines.h"

#include <errno.h>
#include <stdlib.h>

#include "runner/replay/leaks.h"

/* Each has a stack of 2 KiB at least: 4 Mi of them are 8 GiB of the demo's memory. */
#define GOROUTINES_MAX (1u << 22)
#define MAIN_GOID      1
/* More Go processes than a trial has at once. */
#define PROCESSES_MAX (1u << 16)

enum goroutine_state {
    RUNNABLE_NEW,   /* created, or yielded: nobody woke it */
    RUNNABLE_READY, /* somebody did */
    RUNNING,
    WAITING,
};

struct goroutine {
    struct table_key key;
    uint64_t since;     /* of the state */
    uint64_t run_start; /* of the slice; 0: not known */
    uint64_t start_pc, creator_pc;
    uint64_t created;
    uint16_t place; /* row of goroutines.places */
    uint16_t lock;  /* row of goroutines.locks that it waits at; 0: none, or not known */
    uint32_t stack; /* of the park that it is in; 0: not captured */
    uint8_t state, reason;
    bool runtime; /* the runtime's own */
    bool adopted; /* seen without its create */
};

/* A program that a process executes numbers its goroutines from 1 again: each gets a space of its own. */
struct process {
    struct table_key key; /* id: pid */
    uint32_t space;
};

int goroutines_open(struct goroutines *goroutines, bool (*is_runtime)(void *, uint64_t), void *context)
{
    *goroutines = (struct goroutines){.is_runtime = is_runtime, .context = context};
    int result = table_open(&goroutines->table, sizeof(struct goroutine), GOROUTINES_MAX);
    if (result == 0)
        result = table_open(&goroutines->unnamed, sizeof(struct goroutine), GOROUTINES_MAX);
    if (result == 0)
        result = table_open(&goroutines->processes, sizeof(struct process), PROCESSES_MAX);
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
    table_close(&goroutines->processes);
    places_close(&goroutines->places);
    locks_close(&goroutines->locks);
    histogram_free(&goroutines->block_time);
    histogram_free(&goroutines->wake_latency);
    histogram_free(&goroutines->run_slice);
    for (unsigned i = 0; i < WAIT_REASONS; i++)
        histogram_free(&goroutines->block_time_by_reason[i]);
}

static int space_of(struct goroutines *goroutines, uint32_t pid, uint32_t *space)
{
    if (goroutines->last_space && goroutines->last_pid == pid) {
        *space = goroutines->last_space;
        return 0;
    }
    struct process *process = table_find(&goroutines->processes, pid, 0);
    if (!process) {
        int result = table_insert(&goroutines->processes, pid, 0, &process);
        if (result < 0)
            return result;
        process->space = ++goroutines->spaces;
    }
    goroutines->last_pid = pid;
    goroutines->last_space = *space = process->space;
    return 0;
}

static void forget_process(struct goroutines *goroutines, uint32_t pid)
{
    struct process *process = table_find(&goroutines->processes, pid, 0);
    if (process)
        table_remove(&goroutines->processes, process);
    goroutines->last_space = 0;
}

/* The answer is looked up once for each function: a name costs a search in the symbol table. */
static bool is_runtime(struct goroutines *goroutines, uint64_t pc)
{
    if (!goroutines->is_runtime || pc == 0)
        return false;
    size_t place = (pc * 0x9e3779b97f4a7c15U) >> 56;
    if (!goroutines->cache[place].known || goroutines->cache[place].pc != pc) {
        goroutines->cache[place].pc = pc;
        goroutines->cache[place].known = true;
        goroutines->cache[place].runtime = goroutines->is_runtime(goroutines->context, pc);
    }
    return goroutines->cache[place].runtime;
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

static void describe(struct goroutines *goroutines, struct goroutine *goroutine,
                     const struct event_go_create *event, uint64_t now)
{
    goroutine->start_pc = event->start_pc;
    goroutine->creator_pc = event->creator_pc;
    goroutine->runtime = is_runtime(goroutines, event->start_pc);
    goroutine->created = now;
    goroutine->place = (uint16_t)places_created(&goroutines->places, event->creator_pc, event->start_pc,
                                                goroutine->runtime, now);
}

static int on_create(struct goroutines *goroutines, const struct event_go_create *event, uint32_t space,
                     uint64_t now)
{
    bool named = event->header.goid != 0;
    struct table *table = named ? &goroutines->table : &goroutines->unnamed;
    uint64_t id = named ? event->header.goid : event->g;
    struct goroutine *goroutine = table_find(table, id, space);
    if (goroutine && goroutine->adopted) { /* the create comes behind an event of the same instant */
        counts_of(goroutines, goroutine)->created--;
        counts_of(goroutines, goroutine)->alive--;
        places_known(&goroutines->places);
        describe(goroutines, goroutine, event, now);
        goroutine->adopted = false;
        count_created(goroutines, goroutine);
        return 0;
    }
    if (goroutine && named) {
        goroutines->impossible++;
        return 0;
    }
    if (goroutine) { /* its address was used again before it got a name: it stays alive, unnamed */
        goroutines->impossible++;
    } else {
        int result = insert(goroutines, table, id, space, &goroutine);
        if (!goroutine)
            return result;
    }
    describe(goroutines, goroutine, event, now);
    goroutine->state = RUNNABLE_NEW;
    goroutine->since = now;
    count_created(goroutines, goroutine);
    return 0;
}

/* The goroutine that an event names: known, created under its address, or never seen before. */
static int resolve(struct goroutines *goroutines, const struct event_header *header, uint32_t space,
                   uint64_t now, struct goroutine **goroutine)
{
    *goroutine = table_find(&goroutines->table, header->goid, space);
    if (*goroutine)
        return 0;
    int result = insert(goroutines, &goroutines->table, header->goid, space, goroutine);
    if (!*goroutine)
        return result;
    struct goroutine *created =
        goroutines->unnamed.count
            ? table_find(&goroutines->unnamed, ((const struct event_go *)header)->g, space)
            : NULL;
    if (created) {
        struct table_key key = (*goroutine)->key;
        **goroutine = *created;
        (*goroutine)->key = key;
        table_remove(&goroutines->unnamed, created);
        return 0;
    }
    (*goroutine)->state = RUNNING;
    (*goroutine)->since = now;
    (*goroutine)->created = now;
    (*goroutine)->adopted = true;
    (*goroutine)->place = (uint16_t)places_created(&goroutines->places, 0, 0, false, now);
    count_created(goroutines, *goroutine);
    return 0;
}

/* A slice ends at `end`: at once, or when a park turns out to be one. */
static int end_slice(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t end)
{
    uint64_t start = goroutine->run_start;
    goroutine->run_start = 0;
    if (start == 0 || goroutine->runtime)
        return 0;
    return histogram_add(&goroutines->run_slice, end - start);
}

static void set_state(struct goroutine *goroutine, enum goroutine_state state, uint64_t now)
{
    goroutine->state = (uint8_t)state;
    goroutine->since = now;
}

static void end_lock_wait(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t now)
{
    if (goroutine->lock)
        locks_wait_ended(&goroutines->locks, goroutine->lock, now - goroutine->since);
    goroutine->lock = 0;
}

static int on_run(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t now)
{
    int result = 0;
    goroutines->impossible += goroutine->state == WAITING;
    if (goroutine->state == RUNNABLE_READY && !goroutine->runtime)
        result = histogram_add(&goroutines->wake_latency, now - goroutine->since);
    end_lock_wait(goroutines, goroutine, now);
    /* From running: it came back from a system call whose end no event shows; the slice's length is lost. */
    set_state(goroutine, RUNNING, now);
    goroutine->run_start = now;
    return result;
}

static void begin_wait(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t now)
{
    const struct goroutine_remarks *remarks = &goroutines->remarks;
    places_parked(&goroutines->places, goroutine->place, goroutine->reason, now, remarks->stack);
    end_lock_wait(goroutines, goroutine, now);
    if (!remarks->lock)
        return;
    const struct lock_wait wait = {goroutine->place, remarks->stack, goroutine->reason};
    goroutine->lock = (uint16_t)locks_row(&goroutines->locks, remarks->lock, goroutine->key.space);
    if (goroutine->lock)
        locks_wait_begun(&goroutines->locks, goroutine->lock, &wait, now);
}

static int on_park(struct goroutines *goroutines, struct goroutine *goroutine, uint32_t reason, uint64_t now)
{
    goroutines->impossible += goroutine->state != RUNNING;
    if (goroutine->state == WAITING)
        goroutine->run_start = 0;
    set_state(goroutine, WAITING, now); /* the slice is kept open: an unpark goes on with it */
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
    if (goroutine->state == WAITING && !goroutine->runtime) {
        goroutines->parks--;
        goroutines->parks_by_reason[goroutine->reason]--;
    }
    goroutines->impossible += goroutine->state != WAITING;
    end_lock_wait(goroutines, goroutine, now);
    set_state(goroutine, RUNNING, now);
    return 0;
}

static int on_ready(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t now)
{
    if (!goroutine->runtime)
        goroutines->readies++;
    if (goroutine->state == RUNNABLE_NEW || goroutine->state == RUNNABLE_READY) {
        goroutines->impossible++;
        return 0;
    }
    int result = 0;
    if (goroutine->state == WAITING) {
        result = end_slice(goroutines, goroutine, goroutine->since);
        uint64_t blocked = now - goroutine->since;
        places_waited(&goroutines->places, goroutine->place, goroutine->reason, blocked);
        end_lock_wait(goroutines, goroutine, now);
        if (result == 0 && !goroutine->runtime)
            result = histogram_add(&goroutines->block_time, blocked);
        if (result == 0 && !goroutine->runtime)
            result = histogram_add(&goroutines->block_time_by_reason[goroutine->reason], blocked);
    }
    /* From running: it was stopped for a scan of its stack (runtime.suspendG), which no event shows. */
    goroutine->run_start = 0;
    set_state(goroutine, RUNNABLE_READY, now);
    return result;
}

static int on_yield(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t now)
{
    goroutines->impossible += goroutine->state != RUNNING;
    if (!goroutine->runtime)
        goroutines->yields++;
    int result = goroutine->state == RUNNING ? end_slice(goroutines, goroutine, now) : 0;
    goroutine->run_start = 0;
    set_state(goroutine, RUNNABLE_NEW, now);
    return result;
}

static int on_exit_event(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t now)
{
    goroutines->impossible += goroutine->state != RUNNING;
    int result = goroutine->state == RUNNING ? end_slice(goroutines, goroutine, now) : 0;
    struct goroutine_counts *counts = counts_of(goroutines, goroutine);
    counts->exited++;
    counts->alive--;
    end_lock_wait(goroutines, goroutine, now);
    places_exited(&goroutines->places, goroutine->place, now - goroutine->created);
    table_remove(&goroutines->table, goroutine);
    return result;
}

int goroutines_event(struct goroutines *goroutines, const struct event_header *event, uint64_t now)
{
    if (event->kind == EVENT_PROCESS_EXEC || event->kind == EVENT_PROCESS_EXIT) {
        if (event->kind == EVENT_PROCESS_EXEC || event->tid == event->pid)
            forget_process(goroutines, event->pid);
        return 0; /* the end of one thread ends no goroutine */
    }
    uint32_t space;
    bool named = event->goid != 0 || event->kind == EVENT_GO_CREATE;
    int result = named ? space_of(goroutines, event->pid, &space) : -ENOSPC;
    if (result == -ENOSPC)
        goroutines->ignored++;
    if (result < 0)
        return result == -ENOSPC ? 0 : result;
    if (event->kind == EVENT_GO_CREATE)
        return on_create(goroutines, (const struct event_go_create *)event, space, now);
    struct goroutine *goroutine;
    result = resolve(goroutines, event, space, now, &goroutine);
    if (!goroutine)
        return result;
    places_ran(&goroutines->places, goroutine->place, goroutines->remarks.ran);
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
    case EVENT_GO_EXIT:
        return on_exit_event(goroutines, goroutine, now);
    default:
        return 0;
    }
}

uint32_t goroutines_place(struct goroutines *goroutines, uint32_t pid, uint64_t goid)
{
    uint32_t space;
    if (goid == 0 || space_of(goroutines, pid, &space) < 0)
        return 0;
    const struct goroutine *goroutine = table_find(&goroutines->table, goid, space);
    return goroutine ? goroutine->place : 0;
}

/* A goroutine that waits when the program has ended. */
static int finish_wait(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t end)
{
    uint64_t now = end > goroutine->since ? end : goroutine->since;
    end_lock_wait(goroutines, goroutine, now);
    places_stuck(&goroutines->places, goroutine->place, goroutine->reason, goroutine->since, now,
                 goroutine->stack);
    return end_slice(goroutines, goroutine, goroutine->since);
}

int goroutines_finish(struct goroutines *goroutines, uint64_t end)
{
    struct leak_group *leaks = calloc(goroutines->table.count + 1, sizeof *leaks);
    if (!leaks)
        return -ENOMEM;
    int result = 0;
    struct goroutine *goroutine = NULL;
    while (result == 0 && (goroutine = table_next(&goroutines->table, goroutine))) {
        if (goroutine->state != WAITING)
            continue;
        result = finish_wait(goroutines, goroutine, end);
        /* main was not started by a go statement; where it waits the program does. */
        if (!goroutine->runtime && goroutine->key.id != MAIN_GOID)
            leaks[goroutines->leaked++] =
                (struct leak_group){goroutine->creator_pc, goroutine->start_pc, 1, goroutine->reason};
    }
    size_t groups = leaks_group(leaks, goroutines->leaked);
    goroutines->leak_count = groups < LEAK_GROUPS_MAX ? (unsigned)groups : LEAK_GROUPS_MAX;
    for (unsigned i = 0; i < goroutines->leak_count; i++)
        goroutines->leaks[i] = leaks[i];
    free(leaks);
    return result;
}
