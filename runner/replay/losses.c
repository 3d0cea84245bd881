#include "runner/replay/losses.h"

#include <stddef.h>

_Static_assert(EVENT_KIND_COUNT <= 64, "a set of kinds is one 64-bit word");
#define KIND(name) (UINT64_C(1) << EVENT_##name)
#define WAKES      (KIND(SCHED_WAKING) | KIND(SCHED_WAKEUP) | KIND(SCHED_WAKEUP_NEW))
#define LIVES      (KIND(PROCESS_FORK) | KIND(PROCESS_EXEC) | KIND(PROCESS_EXIT))
#define SLICES     (KIND(GO_RUN) | KIND(GO_PARK) | KIND(GO_UNPARK) | KIND(GO_YIELD) | KIND(GO_EXIT))

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
    {METRIC_GOROUTINES_CREATE_PER_S, KIND(GO_CREATE)},
    {METRIC_GOROUTINES_PARK_PER_S, KIND(GO_PARK) | KIND(GO_UNPARK)},
    {METRIC_GOROUTINES_READY_PER_S, KIND(GO_READY)},
    {METRIC_GOROUTINES_BLOCK_TIME, KIND(GO_PARK) | KIND(GO_UNPARK) | KIND(GO_READY)},
    {METRIC_GOROUTINES_WAKE_LATENCY, KIND(GO_READY) | KIND(GO_RUN)},
    {METRIC_GOROUTINES_RUN_SLICE, SLICES},
    {METRIC_GOROUTINES_YIELDS, KIND(GO_YIELD)},
    {METRIC_GC_COUNT, KIND(GO_GC_END)},
    {METRIC_GC_CYCLE_TIME, KIND(GO_GC_START) | KIND(GO_GC_END)},
    {METRIC_GC_STW_TIME, KIND(GO_STW_START) | KIND(GO_STW_END)},
    {METRIC_GC_HEAP_GOAL, KIND(GO_GC_END)},
    {METRIC_SYSCALLS, KIND(GO_SYSCALL_ENTER)},
    {METRIC_TIMERS_MADE, KIND(GO_TIMER_MAKE)},
    {METRIC_TIMERS_STOPPED, KIND(GO_TIMER_STOP)},
    {METRIC_TIMERS_RESET, KIND(GO_TIMER_RESET)},
};
_Static_assert(sizeof table / sizeof *table == METRIC_ID_COUNT - METRIC_SCHED_RUN_QUEUE_LATENCY,
               "every metric that comes from events has its row");

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
