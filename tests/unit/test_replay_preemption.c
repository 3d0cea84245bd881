#include "runner/replay/preemption.h"

#include "replay_full.h"

enum { M = 11, SYSMON = 99 };

/* Goroutine 7 runs on P 0 of thread M from 100 on. */
static struct replay *with_running(void)
{
    struct replay *replay = full_opened(23);
    feed(replay, proc_event(EVENT_GO_P_BIND, 90, M, 0));
    start(replay, 100, M, 7);
    return replay;
}

static void ask(struct replay *replay, uint64_t time)
{
    feed(replay, proc_event(EVENT_GO_PREEMPT_REQUEST, time, SYSMON, 0));
}

static void expect(struct replay *replay, uint64_t forced, uint64_t cooperative, uint64_t latencies,
                   uint64_t longest)
{
    const struct preemption *preemption = &replay->full.preemption;
    cr_expect_eq(preemption->forced, forced, "forced %lu", preemption->forced);
    cr_expect_eq(preemption->cooperative, cooperative, "cooperative %lu", preemption->cooperative);
    cr_expect_eq(preemption->latency.count, latencies, "latencies %lu", preemption->latency.count);
    if (latencies)
        cr_expect_eq(preemption->latency.max, longest, "longest %lu", preemption->latency.max);
}

Test(replay_preemption, a_signal_forces_and_the_first_request_counts)
{
    struct replay *replay = with_running();
    ask(replay, 1000);
    ask(replay, 1500);
    ask(replay, 2000);
    feed(replay, on(M, go_event(EVENT_GO_PREEMPT_ASYNC, 2090, 7)));
    feed(replay, on(M, go_event(EVENT_GO_YIELD, 2100, 7)));
    expect(replay, 1, 0, 1, 1100);
    cr_assert_eq(replay->full.preemption.asked, 1);
    cr_assert_eq(replay->full.preemption.yields_preempted, 1);
    replay_close(replay);
}

Test(replay_preemption, a_function_call_gives_way_cooperatively)
{
    struct replay *replay = with_running();
    ask(replay, 1000);
    feed(replay, on(M, go_event(EVENT_GO_YIELD, 1040, 7)));
    expect(replay, 0, 1, 1, 40);
    cr_assert_eq(replay->full.preemption.yields_preempted, 1);
    replay_close(replay);
}

Test(replay_preemption, a_stop_to_scan_the_stack_is_forced_and_needs_no_request)
{
    struct replay *replay = with_running();
    feed(replay, on(M, park_event(1000, 7, PREEMPTED)));
    expect(replay, 1, 0, 0, 0);
    replay_close(replay);
}

Test(replay_preemption, who_yields_by_itself_is_not_preempted)
{
    struct replay *replay = with_running();
    const struct preemption *preemption = &replay->full.preemption;
    feed(replay, on(M, go_event(EVENT_GO_GOSCHED, 1000, 7)));
    feed(replay, on(M, go_event(EVENT_GO_YIELD, 1001, 7)));
    feed(replay, on(M, go_event(EVENT_GO_RUN, 1100, 7)));
    feed(replay, on(M, go_event(EVENT_GO_YIELD, 1200, 7))); /* to the waiter of a lock */
    cr_assert_eq(preemption->yields_called, 1);
    cr_assert_eq(preemption->yields_handed, 1);
    cr_assert_eq(preemption->yields_preempted, 0);
    expect(replay, 0, 0, 0, 0);
    replay_close(replay);
}

Test(replay_preemption, a_request_ends_also_where_the_goroutine_blocks_or_ends)
{
    struct replay *replay = with_running();
    ask(replay, 1000);
    feed(replay, on(M, park_event(1010, 7, CHAN_RECEIVE)));
    start(replay, 1020, M, 8);
    expect(replay, 0, 1, 1, 10);
    ask(replay, 2000);
    feed(replay, on(M, go_event(EVENT_GO_EXIT, 2030, 8)));
    expect(replay, 0, 2, 2, 30);
    start(replay, 2100, M, 9);
    ask(replay, 3000);
    feed(replay, on(M, go_event(EVENT_GO_GOSCHED, 3049, 9)));
    feed(replay, on(M, go_event(EVENT_GO_YIELD, 3050, 9)));
    expect(replay, 0, 3, 3, 50);
    cr_assert_eq(replay->full.preemption.yields_called, 1);
    replay_close(replay);
}

/* What stops the world says that it waits, and goes on with its P (runtime.casGToWaiting). */
Test(replay_preemption, a_park_that_is_none_does_not_end_the_request)
{
    struct replay *replay = with_running();
    ask(replay, 1000);
    feed(replay, on(M, park_event(1010, 7, STOPPING)));
    feed(replay, on(M, go_event(EVENT_GO_UNPARK, 1020, 7)));
    expect(replay, 0, 0, 0, 0);
    feed(replay, on(M, go_event(EVENT_GO_YIELD, 1500, 7)));
    expect(replay, 0, 1, 1, 500);
    replay_close(replay);
}

Test(replay_preemption, the_last_park_counts_at_the_end_of_the_trace)
{
    struct replay *replay = with_running();
    ask(replay, 1000);
    feed(replay, on(M, park_event(1010, 7, CHAN_RECEIVE)));
    struct metrics metrics = {0};
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    cr_assert_eq(metrics.values[METRIC_PREEMPT_COUNT].value, 1);
    cr_assert_eq(metrics.values[METRIC_PREEMPT_LATENCY].histogram.max, 10);
    metrics_free(&metrics);
    replay_close(replay);
}

Test(replay_preemption, a_request_to_a_p_that_is_not_running_go_is_void)
{
    struct replay *replay = with_running();
    const struct preemption *preemption = &replay->full.preemption;
    feed(replay, proc_event(EVENT_GO_PREEMPT_REQUEST, 500, SYSMON, 5)); /* nobody knows it */
    feed(replay, proc_event(EVENT_GO_PREEMPT_REQUEST, 510, M, 0));      /* of its own M */
    feed(replay, on(M, go_event(EVENT_GO_SYSCALL_ENTER, 600, 7)));
    ask(replay, 700);
    feed(replay, on(M, go_event(EVENT_GO_SYSCALL_EXIT, 800, 7)));
    feed(replay, on(M, park_event(900, 7, CHAN_RECEIVE)));
    ask(replay, 1000);
    cr_assert_eq(preemption->asked, 4);
    cr_assert_eq(preemption->void_requests, 4);
    cr_assert_eq(preemption->requests.count, 0);
    expect(replay, 0, 0, 0, 0);
    replay_close(replay);
}

/* sysmon asks, and as the goroutine went into a system call meanwhile it takes the P instead. */
Test(replay_preemption, a_request_is_void_when_the_p_is_taken)
{
    struct replay *replay = with_running();
    ask(replay, 1000);
    feed(replay, on(M, go_event(EVENT_GO_SYSCALL_ENTER, 1100, 7)));
    feed(replay, proc_event(EVENT_GO_P_HANDOFF, 1200, SYSMON, 0));
    feed(replay, proc_event(EVENT_GO_P_BIND, 1210, 12, 0));
    feed(replay, on(M, go_event(EVENT_GO_SYSCALL_EXIT, 5000, 7)));
    feed(replay, on(M, go_event(EVENT_GO_YIELD, 5010, 7))); /* found no P */
    expect(replay, 0, 0, 0, 0);
    cr_assert_eq(replay->full.preemption.void_requests, 1);
    cr_assert_eq(replay->full.preemption.yields_syscall, 1);
    cr_assert_eq(replay->full.processors.handoffs_syscall, 1);
    replay_close(replay);
}

Test(replay_preemption, a_request_outlasts_a_system_call_that_keeps_its_p)
{
    struct replay *replay = with_running();
    ask(replay, 1000);
    feed(replay, on(M, go_event(EVENT_GO_SYSCALL_ENTER, 1100, 7)));
    feed(replay, on(M, go_event(EVENT_GO_SYSCALL_EXIT, 1110, 7)));
    feed(replay, proc_event(EVENT_GO_P_BIND, 1111, M, 0));
    feed(replay, on(M, go_event(EVENT_GO_YIELD, 1200, 7)));
    expect(replay, 0, 1, 1, 200);
    replay_close(replay);
}

Test(replay_preemption, a_return_that_finds_no_p_is_told_by_its_flag_too)
{
    struct replay *replay = with_running();
    feed(replay, on(M, go_event(EVENT_GO_SYSCALL_ENTER, 1100, 7)));
    feed(replay, on(M, go_event(EVENT_GO_SYSCALL_EXIT, 1200, 7)));
    union any_event yield = on(M, go_event(EVENT_GO_YIELD, 1210, 7));
    yield.header.flags = EVENT_FLAG_SYSCALL;
    feed(replay, yield);
    cr_assert_eq(replay->full.preemption.yields_syscall, 1);
    replay_close(replay);
}

Test(replay_preemption, the_runtimes_own_goroutines_are_not_counted)
{
    struct replay *replay = full_opened(23);
    feed(replay, proc_event(EVENT_GO_P_BIND, 90, M, 0));
    feed(replay, on(M, create_event(100, 3, RUNTIME_PC)));
    feed(replay, on(M, go_event(EVENT_GO_RUN, 100, 3)));
    ask(replay, 1000);
    feed(replay, on(M, go_event(EVENT_GO_PREEMPT_ASYNC, 1090, 3)));
    feed(replay, on(M, go_event(EVENT_GO_YIELD, 1100, 3)));
    expect(replay, 0, 0, 0, 0);
    cr_assert_eq(replay->full.preemption.requests.count, 0);
    replay_close(replay);
}

Test(replay_preemption, the_other_side_of_a_coroutine_answers_for_its_p)
{
    struct replay *replay = with_running();
    ask(replay, 1000);
    feed(replay, on(M, go_event(EVENT_GO_CORO_SWITCH, 1100, 7)));
    feed(replay, on(M, go_event(EVENT_GO_PREEMPT_ASYNC, 1290, 8)));
    feed(replay, on(M, go_event(EVENT_GO_YIELD, 1300, 8)));
    expect(replay, 1, 0, 1, 300);
    replay_close(replay);
}

Test(replay_preemption, nothing_of_a_program_outlives_it)
{
    struct replay *replay = with_running();
    ask(replay, 1000);
    feed(replay, event_of(EVENT_PROCESS_EXEC, 1100, 10, 10));
    cr_assert_eq(replay->full.preemption.requests.count, 0);
    replay_close(replay);
}
