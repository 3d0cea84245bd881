#include "runner/replay/remarks.h"

#include <string.h>

#include "runner/gobin/gobin.h"
#include "runner/replay/state.h"

/* The clock of a thread: its CPU time, the wall's where that is not known. */
static uint64_t clock_of(const struct replay *replay, uint32_t tid)
{
    return replay->settings.sched ? threads_cpu_time(&replay->threads, tid, replay->now) : replay->now;
}

static struct place *place_of(struct replay *replay, const struct event_header *event)
{
    uint32_t row = goroutines_place(&replay->goroutines, event->pid, event->goid);
    return &replay->goroutines.places.rows[row];
}

/* What runtime.semacquire1 parks with (runtime/sema.go); it returns without a park where it gets the semaphore
   at once, and the goroutine's next park is then one of another kind. */
static bool is_semaphore(uint32_t go_minor, uint32_t reason)
{
    const char *name = gobin_wait_reason_of(go_minor, reason);
    return name && (strcmp(name, "semacquire") == 0 || strncmp(name, "sync.Mutex.", 11) == 0 ||
                    strncmp(name, "sync.RWMutex.", 13) == 0 || strncmp(name, "sync.WaitGroup.", 15) == 0);
}

static void on_park(struct replay *replay, struct carrier *carrier, const struct event_header *event)
{
    struct goroutine_remarks *remarks = &replay->goroutines.remarks;
    carrier_take(carrier, event->goid, &remarks->stack, &remarks->lock);
    if (remarks->lock &&
        !is_semaphore(replay->settings.go_minor, ((const struct event_go_park *)event)->reason))
        remarks->lock = 0;
}

static void on_state(struct replay *replay, struct carrier *carrier, const struct event_header *event)
{
    struct goroutine_remarks *remarks = &replay->goroutines.remarks;
    uint64_t clock = clock_of(replay, event->tid);
    switch (event->kind) {
    case EVENT_GO_RUN:
    case EVENT_GO_UNPARK:
        carrier_runs(carrier, clock);
        return;
    case EVENT_GO_PARK:
        on_park(replay, carrier, event);
        remarks->ran = carrier_leaves(carrier, clock);
        return;
    default:
        remarks->ran = carrier_leaves(carrier, clock);
    }
}

static void on_syscall_exit(struct replay *replay, struct carrier *carrier, const struct event_header *event)
{
    uint64_t took = carrier->syscall && replay->now > carrier->syscall ? replay->now - carrier->syscall : 0;
    carrier->syscall = 0;
    if (took < CARRIER_BLOCKED_NS)
        return;
    struct place *place = place_of(replay, event);
    place->syscalls_blocked++;
    place->syscall_time += took;
}

static void on_gc_end(struct remark_counts *counts, const struct event_go_gc_end *event)
{
    counts->cycles++;
    if (event->assist_time == EVENT_UNKNOWN || event->mark_time == EVENT_UNKNOWN)
        return;
    counts->cycles_accounted++;
    counts->assist += event->assist_time;
    counts->mark += event->mark_time;
    counts->idle += event->idle_time == EVENT_UNKNOWN ? 0 : event->idle_time;
}

/* What is counted, whatever its thread does. */
static void count(struct replay *replay, const struct event_header *event)
{
    struct remark_counts *counts = &replay->remarks;
    switch (event->kind) {
    case EVENT_GO_TIMER_MAKE:
        place_of(replay, event)->timers_made++;
        return;
    case EVENT_GO_TIMER_FIRE:
        counts->timers_fired += ((const struct event_go_timer_fire *)event)->period == 0;
        return;
    case EVENT_GO_P_HANDOFF:
        counts->handoffs++;
        return;
    case EVENT_GO_M_CREATE:
        counts->threads_created++;
        return;
    case EVENT_GO_GC_END:
        on_gc_end(counts, (const struct event_go_gc_end *)event);
        return;
    default:
        return;
    }
}

/* What says something about the thread that it comes from, and the goroutine there. */
static void note(struct replay *replay, const struct event_header *event)
{
    struct carrier *carrier = carriers_of(&replay->carriers, event->tid);
    if (!carrier)
        return;
    switch (event->kind) {
    case EVENT_GO_RUN:
    case EVENT_GO_UNPARK:
    case EVENT_GO_PARK:
    case EVENT_GO_YIELD:
    case EVENT_GO_EXIT:
        on_state(replay, carrier, event);
        return;
    case EVENT_GO_STACK:
        carrier_announces(carrier, event->goid);
        carrier->stack = stacks_number(&replay->stacks, ((const struct event_go_stack *)event)->pcs);
        return;
    case EVENT_GO_LOCK_WAIT:
        carrier_announces(carrier, event->goid);
        carrier->lock = ((const struct event_go_lock_wait *)event)->address;
        return;
    case EVENT_GO_SYSCALL_ENTER:
        carrier->syscall = replay->now;
        return;
    case EVENT_GO_SYSCALL_EXIT:
        on_syscall_exit(replay, carrier, event);
        return;
    case EVENT_GO_M_STOP:
        carrier_stops(&replay->carriers, carrier, clock_of(replay, event->tid));
        return;
    default:
        return;
    }
}

void remarks_event(struct replay *replay, const struct event_header *event)
{
    replay->goroutines.remarks = (struct goroutine_remarks){0};
    switch (event->kind) {
    case EVENT_GO_RUN:
    case EVENT_GO_UNPARK:
    case EVENT_GO_PARK:
    case EVENT_GO_YIELD:
    case EVENT_GO_EXIT:
    case EVENT_GO_STACK:
    case EVENT_GO_LOCK_WAIT:
    case EVENT_GO_SYSCALL_ENTER:
    case EVENT_GO_SYSCALL_EXIT:
    case EVENT_GO_M_STOP:
        note(replay, event);
        return;
    default:
        count(replay, event);
    }
}
