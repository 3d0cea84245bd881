#include "runner/replay/losses.h"

#include <stddef.h>

_Static_assert(EVENT_KIND_COUNT <= 64, "a set of kinds is one 64-bit word");
#define KIND(name) (UINT64_C(1) << EVENT_##name)
#define WAKES      (KIND(SCHED_WAKING) | KIND(SCHED_WAKEUP) | KIND(SCHED_WAKEUP_NEW))
#define LIVES      (KIND(PROCESS_FORK) | KIND(PROCESS_EXEC) | KIND(PROCESS_EXIT))
#define SLICES     (KIND(GO_RUN) | KIND(GO_PARK) | KIND(GO_UNPARK) | KIND(GO_YIELD) | KIND(GO_EXIT))
#define WOKEN      (KIND(GO_READY) | KIND(GO_RUN))
#define WAITED     (KIND(SCHED_SWITCH) | WAKES)
#define BOUND      (KIND(GO_P_BIND) | KIND(GO_P_UNBIND) | KIND(GO_P_HANDOFF))
#define PREEMPTED                                                                                            \
    (KIND(GO_PREEMPT_REQUEST) | KIND(GO_PREEMPT_ASYNC) | KIND(GO_GOSCHED) | SLICES | KIND(GO_P_BIND))

static const struct {
    enum metric_id id;
    uint64_t kinds;
} table[] = {
    {METRIC_SCHED_RUN_QUEUE_LATENCY, KIND(SCHED_SWITCH) | WAKES},
    {METRIC_SCHED_ON_CPU, KIND(SCHED_SWITCH) | LIVES},
    {METRIC_SCHED_OFF_CPU, KIND(SCHED_SWITCH) | LIVES | WAKES},
    {METRIC_SCHED_THROTTLED, KIND(SCHED_SWITCH)},
    {METRIC_SCHED_SWITCHES, KIND(SCHED_SWITCH)},
    {METRIC_SCHED_SWITCHES_VOLUNTARY, KIND(SCHED_SWITCH)},
    {METRIC_SCHED_SWITCHES_INVOLUNTARY, KIND(SCHED_SWITCH)},
    {METRIC_SCHED_MIGRATIONS, KIND(SCHED_SWITCH)},
    {METRIC_SCHED_THREADS_PEAK, KIND(SCHED_SWITCH) | LIVES},
    {METRIC_GOROUTINES_CREATED, KIND(GO_CREATE)},
    {METRIC_GOROUTINES_EXITED, KIND(GO_EXIT)},
    {METRIC_GOROUTINES_PEAK, KIND(GO_CREATE) | KIND(GO_EXIT)},
    {METRIC_GOROUTINES_ALIVE_AT_END, KIND(GO_CREATE) | KIND(GO_EXIT)},
    {METRIC_GOROUTINES_RUNTIME, KIND(GO_CREATE)},
    {METRIC_GOROUTINES_LEAKED, KIND(GO_CREATE) | KIND(GO_READY) | SLICES},
    {METRIC_GOROUTINES_PARKS, KIND(GO_PARK) | KIND(GO_UNPARK)},
    {METRIC_GOROUTINES_YIELDS, KIND(GO_YIELD)},
    {METRIC_GOROUTINES_CORO_SWITCHES, KIND(GO_CORO_SWITCH)},
    {METRIC_GOROUTINES_CREATE_PER_S, KIND(GO_CREATE)},
    {METRIC_GOROUTINES_PARK_PER_S, KIND(GO_PARK) | KIND(GO_UNPARK)},
    {METRIC_GOROUTINES_READY_PER_S, KIND(GO_READY)},
    {METRIC_GOROUTINES_BLOCK_TIME, KIND(GO_PARK) | KIND(GO_UNPARK) | KIND(GO_READY)},
    {METRIC_GOROUTINES_WAKE_LATENCY, WOKEN},
    {METRIC_GOROUTINES_WAKE_GO_QUEUE, WOKEN | WAITED},
    {METRIC_GOROUTINES_WAKE_RUN_QUEUE, WOKEN | WAITED},
    {METRIC_GOROUTINES_WAKE_THROTTLED, WOKEN | WAITED},
    {METRIC_GOROUTINES_RUN_SLICE, SLICES},
    {METRIC_GOROUTINES_LIFE, KIND(GO_CREATE) | KIND(GO_EXIT)},
    {METRIC_GC_COUNT, KIND(GO_GC_END)},
    {METRIC_GC_CYCLE_TIME, KIND(GO_GC_START) | KIND(GO_GC_END)},
    {METRIC_GC_STW_TIME, KIND(GO_STW_START) | KIND(GO_STW_END)},
    {METRIC_GC_HEAP_GOAL, KIND(GO_GC_END)},
    {METRIC_GC_ASSIST_TIME, KIND(GO_GC_END)},
    {METRIC_GC_MARK_TIME, KIND(GO_GC_END)},
    {METRIC_GC_IDLE_TIME, KIND(GO_GC_END)},
    {METRIC_GC_CPU_RATIO, KIND(GO_GC_END)},
    {METRIC_PROC_COUNT, KIND(GO_P_BIND)},
    {METRIC_PROC_BIND_TIME, BOUND},
    {METRIC_PROC_HANDOFFS, KIND(GO_P_HANDOFF)},
    {METRIC_PROC_STEALS, KIND(GO_STEAL)},
    {METRIC_PROC_STEALS_IN_VAIN, KIND(GO_STEAL)},
    {METRIC_PROC_IDLE_RATIO, BOUND},
    {METRIC_THREAD_CREATED, KIND(GO_M_CREATE)},
    {METRIC_THREAD_STARTED, KIND(GO_M_START)},
    {METRIC_THREAD_PARKED, KIND(GO_M_STOP)},
    {METRIC_THREAD_IN_VAIN, KIND(GO_M_STOP) | KIND(GO_RUN)},
    {METRIC_PREEMPT_COUNT, PREEMPTED},
    {METRIC_PREEMPT_FORCED, PREEMPTED},
    {METRIC_PREEMPT_COOPERATIVE, PREEMPTED},
    {METRIC_PREEMPT_LATENCY, PREEMPTED},
    {METRIC_SYSMON_DRIFT, KIND(GO_SYSMON_SLEEP) | KIND(SCHED_SWITCH)},
    {METRIC_SYSMON_DRIFT_20MS, KIND(GO_SYSMON_SLEEP) | KIND(SCHED_SWITCH)},
    {METRIC_SYSMON_SLEEP, KIND(GO_SYSMON_SLEEP) | KIND(SCHED_SWITCH)},
    {METRIC_SYSMON_SLEEP_LATE, KIND(GO_SYSMON_SLEEP) | KIND(SCHED_SWITCH)},
    {METRIC_SYSCALLS, KIND(GO_SYSCALL_ENTER)},
    {METRIC_SYSCALLS_BLOCKING,
     KIND(GO_SYSCALL_ENTER) | KIND(GO_SYSCALL_EXIT) | KIND(GO_P_BIND) | KIND(GO_P_HANDOFF)},
    {METRIC_SYSCALLS_TIME, KIND(GO_SYSCALL_ENTER) | KIND(GO_SYSCALL_EXIT)},
    {METRIC_NETPOLL_CALLS, KIND(GO_NETPOLL)},
    {METRIC_NETPOLL_READY, KIND(GO_NETPOLL_READY)},
    {METRIC_NETPOLL_WAKE_LATENCY, KIND(GO_NETPOLL_READY) | KIND(GO_RUN)},
    {METRIC_TIMERS_MADE, KIND(GO_TIMER_MAKE)},
    {METRIC_TIMERS_STOPPED, KIND(GO_TIMER_STOP)},
    {METRIC_TIMERS_RESET, KIND(GO_TIMER_RESET)},
    {METRIC_TIMERS_FIRED, KIND(GO_TIMER_FIRE)},
    {METRIC_TIMERS_CREATED_PER_S, KIND(GO_TIMER_MAKE)},
    {METRIC_TIMERS_FIRE_LATENESS, KIND(GO_TIMER_FIRE)},
    {METRIC_TIMERS_MEAN_LIFE,
     KIND(GO_TIMER_MAKE) | KIND(GO_TIMER_STOP) | KIND(GO_TIMER_RESET) | KIND(GO_TIMER_FIRE)},
    {METRIC_LOCKS_WAITS, KIND(GO_LOCK_WAIT)},
};
_Static_assert(sizeof table / sizeof *table == METRIC_ID_COUNT - METRIC_SCHED_RUN_QUEUE_LATENCY,
               "every metric that comes from events has its row");

uint64_t losses_kinds_of(enum metric_id id)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].id == id)
            return table[i].kinds;
    return 0;
}

void sequences_event(struct sequences *sequences, const struct event_header *event)
{
    if (event->kind < EVENT_KIND_COUNT)
        sequences->seen[event->kind]++;
    if (event->cpu == EVENT_CPU_USER)
        return;
    typeof(&sequences->cpus[0]) cpu = &sequences->cpus[event->cpu];
    if (!cpu->seen) {
        /* Far from both ends of the range, so that steps backwards (programs nest) stay in it. */
        cpu->seen = true;
        cpu->last = cpu->low = cpu->high = (UINT64_C(1) << 63) | event->seq;
        cpu->received = 1;
        return;
    }
    /* The 32-bit number wraps; the shorter way round is the right one. */
    cpu->last += (uint64_t)(int64_t)(int32_t)(event->seq - (uint32_t)cpu->last);
    cpu->low = cpu->last < cpu->low ? cpu->last : cpu->low;
    cpu->high = cpu->last > cpu->high ? cpu->last : cpu->high;
    cpu->received++;
}

uint64_t sequences_missing(const struct sequences *sequences)
{
    uint64_t missing = 0;
    for (size_t i = 0; i < EVENT_CPU_USER; i++) {
        uint64_t span = sequences->cpus[i].high - sequences->cpus[i].low + 1;
        if (sequences->cpus[i].seen && span > sequences->cpus[i].received)
            missing += span - sequences->cpus[i].received;
    }
    return missing;
}

/* Events of a kind that were produced and did not come. */
static uint64_t lost_of(const struct observer_losses *losses, const struct sequences *sequences,
                        unsigned kind)
{
    if (!losses)
        return 0;
    uint64_t produced = losses->produced[kind];
    uint64_t absent = produced > sequences->seen[kind] ? produced - sequences->seen[kind] : 0;
    return absent > losses->lost[kind] ? absent : losses->lost[kind];
}

void losses_mark(struct metrics *metrics, const struct observer_losses *losses,
                 const struct sequences *sequences, uint64_t ignored_sched, uint64_t ignored_go)
{
    uint64_t lost_by_kind[EVENT_KIND_COUNT];
    uint64_t explained = 0;
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        lost_by_kind[kind] = lost_of(losses, sequences, kind);
        explained += lost_by_kind[kind];
    }
    /* Without an event there is no gap in the numbers either: only the switch figures can tell of these. */
    if (losses)
        lost_by_kind[EVENT_SCHED_SWITCH] += losses->unseen_switches;
    uint64_t missing = sequences_missing(sequences);
    uint64_t unexplained = missing > explained ? missing - explained : 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        bool go = table[i].id >= METRIC_GOROUTINES_CREATED;
        uint64_t lost = unexplained + (go ? ignored_go : ignored_sched);
        for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++)
            if (table[i].kinds >> kind & 1)
                lost += lost_by_kind[kind];
        struct metric_value *value = &metrics->values[table[i].id];
        value->lost = lost;
        value->lossy = lost > 0;
    }
}
