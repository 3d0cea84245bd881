#include "runner/replay/remarks.h"

#include <string.h>

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

/* What runtime.semacquire1 parks with (runtime/sema.go); where that park's event is lost, the goroutine's
   next one is of another kind. */
static bool is_semaphore(const struct reason_names *names, uint32_t reason)
{
    const char *name = reason_name(names, reason);
    return name && (strcmp(name, "semacquire") == 0 || strncmp(name, "sync.Mutex.", 11) == 0 ||
                    strncmp(name, "sync.RWMutex.", 13) == 0 || strncmp(name, "sync.WaitGroup.", 15) == 0);
}

static void on_park(struct replay *replay, struct carrier *carrier, const struct event_header *event)
{
    struct goroutine_remarks *remarks = &replay->goroutines.remarks;
    carrier_take(carrier, event->goid, &remarks->stack, &remarks->lock);
    if (remarks->lock &&
        !is_semaphore(replay->settings.wait_reasons, ((const struct event_go_park *)event)->reason))
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
    case EVENT_GO_CORO_SWITCH: /* the other side goes on with the thread at once */
        remarks->ran = carrier_leaves(carrier, clock);
        carrier_runs(carrier, clock);
        return;
    default:
        remarks->ran = carrier_leaves(carrier, clock);
    }
}

static void on_syscall_enter(struct replay *replay, struct carrier *carrier)
{
    replay->remarks.syscalls++;
    carrier->syscall = replay->now;
    carrier->lost_proc = false;
}

static int on_syscall_exit(struct replay *replay, struct carrier *carrier, const struct event_header *event)
{
    if (carrier->syscall == 0)
        return 0;
    uint64_t took = replay->now > carrier->syscall ? replay->now - carrier->syscall : 0;
    carrier->syscall = 0;
    if (took >= CARRIER_BLOCKED_NS) {
        struct place *place = place_of(replay, event);
        place->syscalls_blocked++;
        place->syscall_time += took;
        starvation_run(&replay->full.netpoll.starvation, carrier, event->pid, replay->now);
    }
    return histogram_add(&replay->remarks.syscall_time, took);
}

/* What is counted, whatever its thread does. */
static void count(struct replay *replay, const struct event_header *event)
{
    struct remark_counts *counts = &replay->remarks;
    switch (event->kind) {
    case EVENT_GO_TIMER_MAKE:
        place_of(replay, event)->timers_made++;
        return;
    case EVENT_GO_M_CREATE:
        counts->threads_created++;
        return;
    case EVENT_GO_M_START:
        counts->threads_started++;
        counts->threads_spinning += ((const struct event_go_proc *)event)->spinning != 0;
        return;
    default:
        return;
    }
}

/* What says something about the thread that it comes from, and the goroutine there. */
static int note(struct replay *replay, const struct event_header *event)
{
    struct carrier *carrier = carriers_of(&replay->carriers, event->tid);
    if (!carrier)
        return 0;
    switch (event->kind) {
    case EVENT_GO_STACK:
        carrier_announces(carrier, event->goid);
        carrier->stack = stacks_number(&replay->stacks, ((const struct event_go_stack *)event)->pcs);
        return 0;
    case EVENT_GO_LOCK_WAIT:
        replay->remarks.lock_waits++;
        carrier_announces(carrier, event->goid);
        carrier->lock = ((const struct event_go_lock_wait *)event)->address;
        return 0;
    case EVENT_GO_GOSCHED:
        carrier->called = true;
        return 0;
    case EVENT_GO_PREEMPT_ASYNC:
        carrier->interrupted = true;
        return 0;
    case EVENT_GO_SYSCALL_ENTER:
        on_syscall_enter(replay, carrier);
        return 0;
    case EVENT_GO_SYSCALL_EXIT:
        return on_syscall_exit(replay, carrier, event);
    case EVENT_GO_M_STOP:
        carrier_stops(&replay->carriers, carrier, clock_of(replay, event->tid));
        return 0;
    default:
        on_state(replay, carrier, event);
        return 0;
    }
}

int remarks_event(struct replay *replay, const struct event_header *event)
{
    replay->goroutines.remarks = (struct goroutine_remarks){0};
    switch (event->kind) {
    case EVENT_GO_RUN:
    case EVENT_GO_UNPARK:
    case EVENT_GO_PARK:
    case EVENT_GO_YIELD:
    case EVENT_GO_EXIT:
    case EVENT_GO_CORO_SWITCH:
    case EVENT_GO_STACK:
    case EVENT_GO_LOCK_WAIT:
    case EVENT_GO_GOSCHED:
    case EVENT_GO_PREEMPT_ASYNC:
    case EVENT_GO_SYSCALL_ENTER:
    case EVENT_GO_SYSCALL_EXIT:
    case EVENT_GO_M_STOP:
        return note(replay, event);
    default:
        count(replay, event);
        return 0;
    }
}

void remarks_close(struct remark_counts *counts)
{
    histogram_free(&counts->syscall_time);
}
