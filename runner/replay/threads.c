#include "runner/replay/threads.h"

#include <errno.h>

/* include/linux/sched.h: EXIT_DEAD | EXIT_ZOMBIE | TASK_DEAD. */
#define STATE_DEAD  (0x10u | 0x20u | 0x80u)
#define CPU_UNKNOWN 0xffff
/* More threads than any trial's pids.max lets live at once. */
#define THREADS_MAX (1u << 18)

struct thread {
    struct table_key key; /* id: tid in the initial PID namespace */
    uint32_t pid;
    uint16_t cpu; /* where it was switched in last */
    uint8_t state;
    bool exiting;
    uint32_t history; /* of its waits */
    uint64_t since;   /* of the state */
    uint64_t time[THREAD_STATES];
};

static uint64_t add_saturating(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static bool wants_to_run(unsigned state)
{
    return state == THREAD_ON_CPU || state == THREAD_RUN_QUEUE;
}

int threads_open(struct threads *threads)
{
    *threads = (struct threads){0};
    return table_open(&threads->table, sizeof(struct thread), THREADS_MAX);
}

void threads_close(struct threads *threads)
{
    table_close(&threads->table);
    histogram_free(&threads->run_queue_latency);
    waits_close(&threads->waits);
}

static struct thread *find(const struct threads *threads, uint32_t tid)
{
    return table_find(&threads->table, tid, 0);
}

/* A thread that was not known. NULL beyond the limit (counted) or where memory is short. */
static int begin(struct threads *threads, uint32_t tid, uint32_t pid, enum thread_state state, uint64_t now,
                 struct thread **thread)
{
    *thread = NULL;
    if (tid == 0) /* the idle threads are nobody's */
        return 0;
    int result = table_insert(&threads->table, tid, 0, thread);
    if (result == -ENOSPC) {
        threads->totals.ignored++;
        return 0;
    }
    if (result < 0)
        return result;
    (*thread)->pid = pid;
    (*thread)->cpu = CPU_UNKNOWN;
    (*thread)->state = (uint8_t)state;
    (*thread)->since = now;
    threads->on_cpu += state == THREAD_ON_CPU;
    if (threads->table.count > threads->totals.peak)
        threads->totals.peak = threads->table.count;
    crowd_change(&threads->crowd, wants_to_run(state), now);
    return 0;
}

static void tell_slice(const struct threads *threads, const struct thread *thread, uint64_t end)
{
    const struct replay_slice slice = {
        .start = thread->since, .end = end, .tid = (uint32_t)thread->key.id, .cpu = (uint8_t)thread->cpu};
    if (threads->listener.on_slice)
        threads->listener.on_slice(threads->listener.context, &slice);
}

static void tell_wait(const struct threads *threads, const struct thread *thread, uint8_t cpu, uint64_t end)
{
    const struct replay_wait wait = {.start = thread->since,
                                     .end = end,
                                     .tid = (uint32_t)thread->key.id,
                                     .cpu = cpu,
                                     .throttled = thread->state == THREAD_THROTTLED};
    if (threads->listener.on_wait)
        threads->listener.on_wait(threads->listener.context, &wait);
}

/* Whoever makes a thread run sets its CPU, too, so that a slice has one. */
static void move(struct threads *threads, struct thread *thread, enum thread_state state, uint64_t now)
{
    if (thread->state == THREAD_ON_CPU && now > thread->since)
        tell_slice(threads, thread, now);
    threads->on_cpu += state == THREAD_ON_CPU;
    threads->on_cpu -= thread->state == THREAD_ON_CPU;
    crowd_change(&threads->crowd, wants_to_run(state) - wants_to_run(thread->state), now);
    thread->time[thread->state] += now - thread->since;
    thread->state = (uint8_t)state;
    thread->since = now;
}

static void account(struct threads *threads, struct thread *thread, uint64_t now)
{
    move(threads, thread, THREAD_BLOCKED, now);
    for (unsigned i = 0; i < THREAD_STATES; i++) {
        threads->totals.time[i] = add_saturating(threads->totals.time[i], thread->time[i]);
        threads->totals.lifetime = add_saturating(threads->totals.lifetime, thread->time[i]);
    }
}

static void end(struct threads *threads, struct thread *thread, uint64_t now)
{
    account(threads, thread, now);
    if (thread->cpu < CPU_UNKNOWN && threads->running[thread->cpu] == (uint32_t)thread->key.id)
        threads->running[thread->cpu] = 0;
    waits_end(&threads->waits, &thread->history);
    table_remove(&threads->table, thread);
}

/* Another thread than ours left the CPU where we believed ours to run: its switch-out was lost. */
static void repair(struct threads *threads, uint8_t cpu, uint64_t now)
{
    struct thread *thread = find(threads, threads->running[cpu]);
    threads->running[cpu] = 0;
    if (!thread || thread->state != THREAD_ON_CPU || thread->cpu != cpu)
        return;
    threads->totals.repaired++;
    if (thread->exiting)
        end(threads, thread, thread->since);
    else
        move(threads, thread, THREAD_BLOCKED, now);
}

static int leave(struct threads *threads, const struct event_sched_switch *event, uint64_t now)
{
    const struct event_header *header = &event->header;
    struct thread *thread = find(threads, header->tid);
    if (!thread) {
        int result = begin(threads, header->tid, header->pid, THREAD_ON_CPU, now, &thread);
        if (!thread)
            return result;
    }
    struct thread_totals *totals = &threads->totals;
    totals->switches++;
    thread->cpu = header->cpu;
    if (header->flags & EVENT_FLAG_THROTTLED) {
        totals->involuntary++;
        move(threads, thread, THREAD_THROTTLED, now);
    } else if (header->flags & EVENT_FLAG_PREEMPT || event->prev_state == 0) {
        totals->involuntary++;
        move(threads, thread, THREAD_RUN_QUEUE, now);
    } else {
        totals->voluntary++;
        if (event->prev_state & STATE_DEAD)
            end(threads, thread, now);
        else
            move(threads, thread, THREAD_BLOCKED, now);
    }
    return 0;
}

static bool is_waiting(const struct thread *thread)
{
    return thread->state == THREAD_RUN_QUEUE || thread->state == THREAD_THROTTLED;
}

static int enter(struct threads *threads, const struct event_sched_switch *event, uint64_t now)
{
    uint8_t cpu = event->header.cpu;
    int result = 0;
    struct thread *thread = find(threads, event->next_tid);
    if (!thread) {
        result = begin(threads, event->next_tid, event->next_pid, THREAD_ON_CPU, now, &thread);
        if (!thread)
            return result;
    }
    if (thread->state == THREAD_RUN_QUEUE)
        result = histogram_add(&threads->run_queue_latency, now - thread->since);
    if (is_waiting(thread))
        tell_wait(threads, thread, cpu, now);
    if (result == 0 && threads->keep_waits && is_waiting(thread))
        result = waits_add(&threads->waits, &thread->history, thread->since, now,
                           thread->state == THREAD_THROTTLED);
    if (thread->cpu != CPU_UNKNOWN && thread->cpu != cpu) {
        threads->totals.migrations++;
        if (threads->running[thread->cpu] == event->next_tid)
            threads->running[thread->cpu] = 0;
    }
    move(threads, thread, THREAD_ON_CPU, now);
    thread->cpu = cpu;
    threads->running[cpu] = event->next_tid;
    return result;
}

static int on_switch(struct threads *threads, const struct event_sched_switch *event, uint64_t now)
{
    const struct event_header *header = &event->header;
    bool ours_leaves = header->flags & EVENT_FLAG_PREV;
    uint32_t believed = threads->running[header->cpu];
    if (believed && !(ours_leaves && believed == header->tid))
        repair(threads, header->cpu, now);
    threads->running[header->cpu] = 0;
    int result = ours_leaves ? leave(threads, event, now) : 0;
    if (result == 0 && header->flags & EVENT_FLAG_NEXT)
        result = enter(threads, event, now);
    return result;
}

/* waking comes first; wakeup repeats it where the thread was just about to leave its CPU when it was woken.
 */
static int on_wake(struct threads *threads, const struct event_header *header, uint64_t now)
{
    struct thread *thread = find(threads, header->tid);
    if (!thread)
        return begin(threads, header->tid, header->pid, THREAD_RUN_QUEUE, now, &thread);
    if (thread->state == THREAD_BLOCKED)
        move(threads, thread, THREAD_RUN_QUEUE, now);
    return 0;
}

static int on_fork(struct threads *threads, const struct event_process *event, uint64_t now)
{
    struct thread *thread = find(threads, event->child_tid);
    if (thread) { /* its end was lost and the number was given again */
        threads->totals.repaired++;
        end(threads, thread, thread->since);
    }
    return begin(threads, event->child_tid, event->child_pid, THREAD_BLOCKED, now, &thread);
}

/* A thread that executes takes the number of its process's first thread (fs/exec.c, de_thread). */
static int on_exec(struct threads *threads, const struct event_header *header, uint64_t now)
{
    uint32_t believed = threads->running[header->cpu];
    if (believed && believed != header->tid) {
        struct thread *before = find(threads, believed);
        if (before && before->pid == header->pid)
            end(threads, before, now);
    }
    struct thread *thread = find(threads, header->tid);
    if (!thread) {
        int result = begin(threads, header->tid, header->pid, THREAD_ON_CPU, now, &thread);
        if (!thread)
            return result;
    }
    move(threads, thread, THREAD_ON_CPU, now);
    thread->exiting = false;
    thread->pid = header->pid;
    thread->cpu = header->cpu;
    threads->running[header->cpu] = header->tid;
    return 0;
}

static int on_exit_event(struct threads *threads, const struct event_header *header, uint64_t now)
{
    struct thread *thread = find(threads, header->tid);
    if (!thread) {
        int result = begin(threads, header->tid, header->pid, THREAD_ON_CPU, now, &thread);
        if (!thread)
            return result;
    }
    move(threads, thread, THREAD_ON_CPU, now);
    thread->exiting = true;
    thread->cpu = header->cpu; /* also where its switch-in was lost */
    threads->running[header->cpu] = header->tid;
    return 0;
}

int threads_event(struct threads *threads, const struct event_header *event, uint64_t now)
{
    switch (event->kind) {
    case EVENT_SCHED_SWITCH:
        return on_switch(threads, (const struct event_sched_switch *)event, now);
    case EVENT_SCHED_WAKING:
    case EVENT_SCHED_WAKEUP:
    case EVENT_SCHED_WAKEUP_NEW:
        return on_wake(threads, event, now);
    case EVENT_PROCESS_FORK:
        return on_fork(threads, (const struct event_process *)event, now);
    case EVENT_PROCESS_EXEC:
        return on_exec(threads, event, now);
    case EVENT_PROCESS_EXIT:
        return on_exit_event(threads, event, now);
    default:
        return 0; /* migrate: a move that no switch-in follows is no migration of a running thread */
    }
}

uint64_t threads_cpu_time(const struct threads *threads, uint32_t tid, uint64_t now)
{
    const struct thread *thread = find(threads, tid);
    if (!thread)
        return 0;
    bool runs = thread->state == THREAD_ON_CPU && now > thread->since;
    return thread->time[THREAD_ON_CPU] + (runs ? now - thread->since : 0);
}

struct wait_times threads_waited(const struct threads *threads, uint32_t tid, uint64_t from, uint64_t now)
{
    const struct thread *thread = find(threads, tid);
    if (!thread)
        return (struct wait_times){0};
    struct wait_times times = waits_within(&threads->waits, thread->history, from, now);
    if (is_waiting(thread)) { /* the switch to it is late, or lost */
        uint64_t start = thread->since > from ? thread->since : from;
        *(thread->state == THREAD_THROTTLED ? &times.throttled : &times.run_queue) += now - start;
    }
    return times;
}

void threads_finish(struct threads *threads, uint64_t end_time)
{
    for (struct thread *thread = NULL; (thread = table_next(&threads->table, thread));)
        account(threads, thread, end_time > thread->since ? end_time : thread->since);
}
