#include "runner/replay/timers.h"

#include <errno.h>

#include "runner/replay/reasons.h"

/* Addresses that are followed at once. */
#define TIMERS_MAX    (1u << 16)
#define PROCESSES_MAX (1u << 14)

enum state { ALIVE, ENDED, FOREIGN /* of a sleep, or another one that package time did not make */ };

struct timer {
    struct table_key key; /* id: address; space: pid */
    uint32_t epoch;       /* in which it ended */
    uint8_t state;
};

struct process {
    struct table_key key; /* id: pid */
    uint64_t alive;
    uint32_t epoch;  /* collections so far */
    uint32_t purged; /* the epoch in which that was done last */
    bool named;      /* its timers' addresses are known when they are made */
};

int timers_open(struct timers *timers, uint32_t go_minor, const struct reason_names *names)
{
    /* time.stopTimer and time.resetTimer take a *timeTimer from Go 1.23 on, which holds the timer that fires
       behind a pointer and a bool (runtime/time.go). */
    *timers = (struct timers){.sleep_reason = reasons_wait_number(names, "sleep"),
                              .offset = go_minor >= 23 ? 16 : 0};
    int result = table_open(&timers->table, sizeof(struct timer), TIMERS_MAX);
    return result < 0 ? result : table_open(&timers->processes, sizeof(struct process), PROCESSES_MAX);
}

void timers_close(struct timers *timers)
{
    table_close(&timers->table);
    table_close(&timers->processes);
    histogram_free(&timers->fire_lateness);
}

static void change_alive(struct timers *timers, struct process *process, int64_t by, uint64_t now)
{
    timers->lived += (double)timers->alive * (double)(now - timers->since);
    timers->since = now;
    timers->alive += (uint64_t)by;
    process->alive += (uint64_t)by;
}

/* What ended before the newest collection tells nothing any more. */
static void purge(struct timers *timers, struct process *process)
{
    if (process->purged == process->epoch)
        return;
    process->purged = process->epoch;
    for (struct timer *timer = NULL; (timer = table_next(&timers->table, timer));)
        while (timer->key.used && timer->key.space == process->key.id && timer->state != ALIVE &&
               timer->epoch != process->epoch)
            table_remove(&timers->table, timer); /* another one may stand there now */
}

static int follow(struct timers *timers, struct process *process, uint64_t address, enum state state)
{
    uint32_t pid = (uint32_t)process->key.id;
    struct timer *timer = table_find(&timers->table, address, pid);
    int result = 0;
    if (!timer) {
        if (timers->table.count == TIMERS_MAX)
            purge(timers, process);
        result = table_insert(&timers->table, address, pid, &timer);
    }
    if (result < 0) {
        timers->untracked += result == -ENOSPC;
        return result == -ENOSPC ? 0 : result;
    }
    timer->state = (uint8_t)state;
    timer->epoch = process->epoch;
    return 0;
}

static int on_make(struct timers *timers, struct process *process, uint64_t address, uint64_t now)
{
    timers->made++;
    if (address == 0) {
        change_alive(timers, process, 1, now);
        return 0;
    }
    process->named = true;
    /* Where one lives there, its end was lost, and the new one lives on instead. */
    if (!table_find(&timers->table, address, (uint32_t)process->key.id))
        change_alive(timers, process, 1, now);
    return follow(timers, process, address, ALIVE);
}

/* A timer is stopped or fires for the last time. *ended: it lived until now. */
static int on_end(struct timers *timers, struct process *process, uint64_t address, uint64_t now, bool *ended)
{
    struct timer *timer = table_find(&timers->table, address, (uint32_t)process->key.id);
    *ended = false;
    if (process->named) {
        if (!timer)
            return 0;
        table_remove(&timers->table, timer);
        *ended = true;
    } else {
        bool same = timer && timer->state != ALIVE && timer->epoch == process->epoch;
        if (same)
            return 0;
        *ended = process->alive > 0;
    }
    if (*ended) {
        timers->ended++;
        change_alive(timers, process, -1, now);
    }
    return process->named ? 0 : follow(timers, process, address, *ended ? ENDED : FOREIGN);
}

static int on_reset(struct timers *timers, struct process *process, uint64_t address, uint64_t now)
{
    timers->reset++;
    const struct timer *timer = table_find(&timers->table, address, (uint32_t)process->key.id);
    bool ended = process->named ? !timer : timer && timer->state == ENDED;
    if (ended)
        change_alive(timers, process, 1, now);
    return follow(timers, process, address, ALIVE);
}

static int on_fire(struct timers *timers, struct process *process, const struct event_go_timer_fire *event,
                   uint64_t now)
{
    const struct event_header *header = &event->header;
    timers->fired++;
    timers->fired_once += event->period == 0;
    /* On behalf of a goroutine: since Go 1.23 the timer of a channel that nobody waits for stands in no
       queue, and fires when somebody looks at the channel. How late that is says nothing of the runtime. */
    int result = 0;
    if (header->goid == 0 && event->when)
        result = histogram_add(&timers->fire_lateness, now > event->when ? now - event->when : 0);
    if (result < 0 || event->period)
        return result;
    uint64_t address = event->timer - timers->offset;
    bool ended;
    result = on_end(timers, process, address, now, &ended);
    typeof(&timers->last[0]) last = &timers->last[header->tid % TIMER_THREADS];
    last->tid = header->tid;
    last->pid = header->pid;
    last->address = ended && !process->named ? address : 0;
    return result;
}

int timers_event(struct timers *timers, const struct event_header *event, uint64_t now)
{
    struct process *process = table_find(&timers->processes, event->pid, 0);
    if (!process) {
        int result = table_insert(&timers->processes, event->pid, 0, &process);
        if (result < 0) {
            timers->untracked += result == -ENOSPC;
            return result == -ENOSPC ? 0 : result;
        }
    }
    uint64_t address = ((const struct event_go_value *)event)->value;
    bool ended;
    switch (event->kind) {
    case EVENT_GO_TIMER_MAKE:
        return on_make(timers, process, address, now);
    case EVENT_GO_TIMER_STOP:
        timers->stopped++;
        return on_end(timers, process, address, now, &ended);
    case EVENT_GO_TIMER_RESET:
        return on_reset(timers, process, address, now);
    case EVENT_GO_TIMER_FIRE:
        return on_fire(timers, process, (const struct event_go_timer_fire *)event, now);
    case EVENT_GO_GC_END:
        process->epoch++;
        return 0;
    default:
        return 0;
    }
}

void timers_ready(struct timers *timers, const struct event_header *event,
                  const struct goroutine_change *change)
{
    typeof(&timers->last[0]) last = &timers->last[event->tid % TIMER_THREADS];
    if (last->address == 0 || last->tid != event->tid)
        return;
    uint64_t address = last->address;
    last->address = 0;
    struct process *process = table_find(&timers->processes, last->pid, 0);
    struct timer *timer = table_find(&timers->table, address, last->pid);
    if (change->from != GOROUTINE_WAITING || change->reason != timers->sleep_reason || !process)
        return;
    timers->ended--;
    change_alive(timers, process, 1, timers->since);
    if (timer)
        timer->state = FOREIGN;
}

void timers_end(struct timers *timers, uint32_t pid, uint64_t now)
{
    struct process *process = table_find(&timers->processes, pid, 0);
    if (!process)
        return;
    timers->cut_off += process->alive;
    change_alive(timers, process, -(int64_t)process->alive, now);
    table_remove(&timers->processes, process);
    table_remove_space(&timers->table, pid);
}

double timers_mean_life(const struct timers *timers, uint64_t now)
{
    double lived = timers->lived + (double)timers->alive * (double)(now - timers->since);
    return timers->made ? lived / (double)timers->made : 0;
}
