/* From events to what the findings are judged by. */
#include "runner/replay/tallies.h"

#include <criterion/criterion.h>
#include <string.h>

#include "replay_events.h"
#include "runner/replay/replay.h"

enum { CHAN_SEND = 15, SLEEP = 19, MUTEX_LOCK = 21 }; /* of Go 1.23 */
#define START      1000
#define CREATOR_PC 0x400100
#define WORKER_PC  0x480000
#define RUNTIME_PC 0x430000
#define SENDS_PC   0x500000
#define CALLS_PC   0x500080
#define LOCK       0xc000777000

static const char *name_at(void *context, uint64_t pc)
{
    (void)context;
    switch (pc & ~UINT64_C(0x7f)) {
    case CREATOR_PC & ~UINT64_C(0x7f):
        return "main.start";
    case WORKER_PC:
        return "main.worker";
    case RUNTIME_PC:
        return "runtime.gcBgMarkWorker";
    case SENDS_PC:
        return "main.send";
    case CALLS_PC:
        return "main.call";
    default:
        return NULL;
    }
}

static bool is_runtime(void *context, uint64_t pc)
{
    (void)context;
    return pc == RUNTIME_PC;
}

static const struct replay_settings everything = {.go_minor = 23,
                                                  .sched = true,
                                                  .go = true,
                                                  .full = true,
                                                  .is_runtime = is_runtime,
                                                  .function_at = name_at};

static struct replay *opened(void)
{
    struct replay *replay = NULL;
    cr_assert_eq(replay_open(&everything, &replay), 0);
    return replay;
}

static void feed(struct replay *replay, union any_event event)
{
    event.header.time += START;
    cr_assert_eq(replay_event(replay, &event.header), 0);
}

static void begin(struct replay *replay)
{
    feed(replay, mark_event(0, MARK_START));
    feed(replay, switch_event(0, 0, 0, 10, 0, EVENT_FLAG_NEXT));
}

static const struct tallies *end(struct replay *replay, uint64_t time)
{
    struct metrics metrics = {0};
    feed(replay, mark_event(time, MARK_END));
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    metrics_free(&metrics);
    return replay_tallies(replay);
}

static union any_event stack_event(uint64_t time, uint64_t goid)
{
    union any_event event = go_event(EVENT_GO_STACK, time, goid);
    event.stack.pcs[0] = SENDS_PC + 0x20;
    event.stack.pcs[1] = CALLS_PC + 0x80; /* returns behind the end of main.call, which never returns */
    return event;
}

static union any_event lock_event(uint64_t time, uint64_t goid)
{
    union any_event event = event_of(EVENT_GO_LOCK_WAIT, time, 10, 10);
    event.header.goid = goid;
    event.lock_wait.address = LOCK;
    return event;
}

Test(replay_tallies, a_go_statement_has_what_became_of_its_goroutines)
{
    struct replay *replay = opened();
    begin(replay);
    feed(replay, create_event(100, 5, WORKER_PC));
    feed(replay, create_event(120, 6, WORKER_PC));
    feed(replay, create_event(130, 2, RUNTIME_PC));
    feed(replay, go_event(EVENT_GO_RUN, 150, 5));
    feed(replay, park_event(180, 5, SLEEP));
    feed(replay, go_event(EVENT_GO_RUN, 200, 6));
    feed(replay, stack_event(209, 6));
    feed(replay, park_event(210, 6, CHAN_SEND));
    feed(replay, go_event(EVENT_GO_READY, 300, 5));
    feed(replay, go_event(EVENT_GO_RUN, 310, 5));
    feed(replay, go_event(EVENT_GO_EXIT, 350, 5));
    const struct tallies *tallies = end(replay, 1000);
    cr_assert_eq(tallies->lifetime, 1000);
    cr_assert_eq(tallies->origin_count, 2);
    const struct tally_origin *workers = &tallies->origins[0];
    cr_expect_str_eq(workers->creator, "main.start");
    cr_expect_str_eq(workers->function, "main.worker");
    cr_expect_eq(workers->created, 2);
    cr_expect_eq(workers->exited, 1);
    cr_expect_eq(workers->first_created, 100);
    cr_expect_eq(workers->last_created, 120);
    cr_expect_eq(workers->lived, 250);
    cr_expect_eq(workers->ran, 30 + 10 + 40);
    cr_expect(tallies->origins[1].runtime);
    cr_assert_eq(workers->wait_count, 2);
    const struct tally_wait *sends = &workers->waits[0];
    cr_expect_str_eq(sends->reason, "chan send", "the longest first");
    cr_expect_eq(sends->count, 1);
    cr_expect_eq(sends->time, 790, "up to the end");
    cr_expect_eq(sends->stuck, 1);
    cr_expect_eq(sends->stuck_first, 210);
    cr_assert_eq(sends->stuck_stack.depth, 2);
    cr_expect_str_eq(sends->stuck_stack.frames[0], "main.send");
    cr_expect_str_eq(sends->stuck_stack.frames[1], "main.call");
    cr_expect_str_eq(workers->waits[1].reason, "sleep");
    cr_expect_eq(workers->waits[1].time, 120);
    cr_expect_eq(workers->waits[1].stuck, 0);
    cr_expect_eq(workers->waits[1].stack.depth, 0);
    replay_close(replay);
}

/* A neighbour took the CPU for 100 ns. */
Test(replay_tallies, slices_are_cpu_time)
{
    struct replay *replay = opened();
    begin(replay);
    feed(replay, create_event(100, 5, WORKER_PC));
    feed(replay, go_event(EVENT_GO_RUN, 200, 5));
    feed(replay, switch_event(220, 0, 10, 99, 0, EVENT_FLAG_PREV | EVENT_FLAG_PREEMPT));
    feed(replay, switch_event(320, 0, 99, 10, 0, EVENT_FLAG_NEXT));
    feed(replay, go_event(EVENT_GO_EXIT, 350, 5));
    const struct tallies *tallies = end(replay, 1000);
    cr_expect(tallies->cpu_clock);
    cr_expect_eq(tallies->origins[0].ran, 50);
    cr_expect_eq(tallies->crowd.time[1], 1000, "it ran or waited all the time");
    replay_close(replay);
}

Test(replay_tallies, waits_for_a_lock_go_by_its_address)
{
    struct replay *replay = opened();
    begin(replay);
    for (uint64_t goid = 5; goid < 8; goid++) {
        feed(replay, create_event(100, goid, WORKER_PC));
        feed(replay, go_event(EVENT_GO_RUN, 10 * goid + 100, goid));
        feed(replay, stack_event(10 * goid + 104, goid));
        feed(replay, lock_event(10 * goid + 105, goid));
        feed(replay, park_event(10 * goid + 105, goid, MUTEX_LOCK));
    }
    feed(replay, go_event(EVENT_GO_READY, 255, 5));
    feed(replay, go_event(EVENT_GO_RUN, 260, 5));
    feed(replay, lock_event(270, 5)); /* got it at once: it did not park */
    feed(replay, park_event(280, 5, SLEEP));
    feed(replay, go_event(EVENT_GO_READY, 365, 6));
    const struct tallies *tallies = end(replay, 1000);
    cr_assert_eq(tallies->lock_count, 1);
    const struct tally_lock *lock = &tallies->locks[0];
    cr_expect_eq(lock->address, LOCK);
    cr_expect_str_eq(lock->function, "main.worker");
    cr_expect_str_eq(lock->creator, tallies->origins[0].creator);
    cr_expect_eq(lock->waits, 3, "a sleep is no wait for a lock");
    cr_expect_eq(lock->time, 100 + (1000 - 175) + (365 - 165));
    cr_expect_eq(lock->peak, 3);
    cr_expect_eq(lock->first, 155);
    cr_expect_eq(lock->stack.depth, 2);
    replay_close(replay);
}

Test(replay_tallies, full_events_are_counted)
{
    struct replay *replay = opened();
    begin(replay);
    feed(replay, create_event(10, 5, WORKER_PC));
    feed(replay, go_event(EVENT_GO_RUN, 20, 5));
    union any_event made = value_event(EVENT_GO_TIMER_MAKE, 30, 0);
    made.header.goid = 5;
    feed(replay, made);
    union any_event fired = event_of(EVENT_GO_TIMER_FIRE, 40, 10, 10);
    feed(replay, fired);
    fired.timer_fire.period = 1000;
    feed(replay, fired);
    feed(replay, go_event(EVENT_GO_SYSCALL_ENTER, 50, 5));
    feed(replay, go_event(EVENT_GO_SYSCALL_EXIT, 2000050, 5));
    feed(replay, go_event(EVENT_GO_SYSCALL_ENTER, 2000060, 5));
    feed(replay, go_event(EVENT_GO_SYSCALL_EXIT, 2000070, 5));
    feed(replay, event_of(EVENT_GO_P_HANDOFF, 2000080, 12, 10));
    feed(replay, value_event(EVENT_GO_M_CREATE, 2000090, 0xc000));
    feed(replay, park_event(2000100, 5, SLEEP));
    feed(replay, value_event(EVENT_GO_M_STOP, 2000130, 0xc000));
    const struct tallies *tallies = end(replay, 3000000);
    cr_expect_eq(tallies->origins[0].timers_made, 1);
    cr_expect_eq(tallies->timers_fired, 1, "a ticker is none that fires once");
    cr_expect_eq(tallies->origins[0].syscalls_blocked, 1);
    cr_expect_eq(tallies->origins[0].syscall_time, 2000000);
    cr_expect_eq(tallies->handoffs, 1);
    cr_expect_eq(tallies->threads_created, 1);
    cr_expect_eq(tallies->looks, 1);
    cr_expect_eq(tallies->looked, 30);
    replay_close(replay);
}

Test(replay_tallies, the_collectors_account_is_summed_where_it_is_known)
{
    struct replay *replay = opened();
    begin(replay);
    union any_event cycle = event_of(EVENT_GO_GC_END, 10, 10, 10);
    cycle.gc_end.assist_time = 3;
    cycle.gc_end.mark_time = 40;
    cycle.gc_end.idle_time = EVENT_UNKNOWN;
    feed(replay, cycle);
    cycle.gc_end.mark_time = EVENT_UNKNOWN;
    feed(replay, cycle);
    const struct tallies *tallies = end(replay, 1000);
    cr_expect_eq(tallies->gc.cycles, 2);
    cr_expect_eq(tallies->gc.accounted, 1);
    cr_expect_eq(tallies->gc.assist, 3);
    cr_expect_eq(tallies->gc.mark, 40);
    cr_expect_eq(tallies->gc.idle, 0);
    replay_close(replay);
}
