#include "runner/replay/processors.h"

#include "replay_full.h"

static struct replay *opened(void)
{
    return full_opened(23);
}

static const struct histogram *bind_time(const struct replay *replay)
{
    return &replay->full.processors.bind_time;
}

Test(replay_processors, a_bind_lasts_until_the_release)
{
    struct replay *replay = opened();
    feed(replay, proc_event(EVENT_GO_P_BIND, 100, 10, 0));
    feed(replay, proc_event(EVENT_GO_P_UNBIND, 400, 10, 0));
    feed(replay, proc_event(EVENT_GO_P_BIND, 500, 11, 0));
    feed(replay, proc_event(EVENT_GO_P_UNBIND, 1500, 11, 0));
    cr_assert_eq(bind_time(replay)->count, 2);
    cr_assert_eq(bind_time(replay)->min, 300);
    cr_assert_eq(bind_time(replay)->max, 1000);
    replay_close(replay);
}

/* Up to Go 1.25 the fast way out of a system call binds again (runtime.exitsyscallfast, wirep). */
Test(replay_processors, binding_again_what_was_never_taken_ends_nothing)
{
    struct replay *replay = opened();
    feed(replay, proc_event(EVENT_GO_P_BIND, 100, 10, 0));
    for (uint64_t time = 200; time < 1000; time += 100) {
        feed(replay, go_event(EVENT_GO_SYSCALL_ENTER, time, 7));
        feed(replay, go_event(EVENT_GO_SYSCALL_EXIT, time + 10, 7));
        feed(replay, proc_event(EVENT_GO_P_BIND, time + 11, 10, 0));
    }
    feed(replay, proc_event(EVENT_GO_P_UNBIND, 1100, 10, 0));
    cr_assert_eq(bind_time(replay)->count, 1);
    cr_assert_eq(bind_time(replay)->max, 1000);
    replay_close(replay);
}

Test(replay_processors, a_p_is_handed_off_from_a_system_call)
{
    struct replay *replay = opened();
    feed(replay, proc_event(EVENT_GO_P_BIND, 100, 10, 0));
    start(replay, 110, 10, 7);
    feed(replay, go_event(EVENT_GO_SYSCALL_ENTER, 200, 7));
    feed(replay, proc_event(EVENT_GO_P_HANDOFF, 250, 99, 0)); /* sysmon */
    feed(replay, proc_event(EVENT_GO_P_BIND, 260, 11, 0));
    feed(replay, go_event(EVENT_GO_SYSCALL_EXIT, 900, 7));
    const struct full *full = &replay->full;
    cr_assert_eq(bind_time(replay)->count, 1);
    cr_assert_eq(bind_time(replay)->max, 150);
    cr_assert_eq(full->processors.handoffs, 1);
    cr_assert_eq(full->processors.handoffs_syscall, 1);
    /* Released by the M itself first, as before a wait that is known to be long (entersyscallblock). */
    feed(replay, proc_event(EVENT_GO_P_UNBIND, 1000, 11, 0));
    feed(replay, on(11, proc_event(EVENT_GO_P_HANDOFF, 1001, 11, 0)));
    cr_assert_eq(full->processors.handoffs, 2);
    cr_assert_eq(full->processors.handoffs_syscall, 1);
    cr_assert_eq(bind_time(replay)->count, 2);
    replay_close(replay);
}

/* Stopping the world takes the Ps of system calls, and no event says so (runtime.stopTheWorldWithSema). */
Test(replay_processors, a_p_that_was_taken_unseen_ends_with_the_stop_of_the_world)
{
    struct replay *replay = opened();
    feed(replay, proc_event(EVENT_GO_P_BIND, 100, 10, 0));
    feed(replay, on(12, value_event(EVENT_GO_STW_START, 300, 2)));
    feed(replay, on(12, value_event(EVENT_GO_STW_END, 350, 0)));
    feed(replay, proc_event(EVENT_GO_P_BIND, 800, 11, 0)); /* without a stop since it would be 700 */
    cr_assert_eq(bind_time(replay)->max, 200);
    feed(replay, proc_event(EVENT_GO_P_BIND, 1000, 12, 0));
    cr_assert_eq(bind_time(replay)->count, 2);
    cr_assert_eq(bind_time(replay)->min, 200);
    cr_assert_eq(bind_time(replay)->max, 200);
    replay_close(replay);
}

Test(replay_processors, an_m_has_one_p)
{
    struct replay *replay = opened();
    feed(replay, proc_event(EVENT_GO_P_BIND, 100, 10, 0));
    feed(replay, proc_event(EVENT_GO_P_BIND, 300, 10, 1)); /* the release of 0 was lost */
    cr_assert_eq(bind_time(replay)->count, 1);
    cr_assert_eq(bind_time(replay)->max, 200);
    feed(replay, proc_event(EVENT_GO_P_UNBIND, 400, 10, 1));
    cr_assert_eq(bind_time(replay)->min, 100);
    replay_close(replay);
}

Test(replay_processors, ends_without_begins_say_nothing)
{
    struct replay *replay = opened();
    feed(replay, proc_event(EVENT_GO_P_UNBIND, 100, 10, 0));
    feed(replay, proc_event(EVENT_GO_P_HANDOFF, 110, 10, 0));
    cr_assert_eq(bind_time(replay)->count, 0);
    cr_assert_eq(replay->full.processors.handoffs, 1);
    replay_close(replay);
}

static double idle_ratio(struct replay *replay, uint32_t procs)
{
    struct metrics metrics = {0};
    replay->full.procs = procs;
    feed(replay, create_event(replay->now, 7, DEMO_PC)); /* figures are of programs that are Go's */
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    cr_assert(metrics.values[METRIC_PROC_IDLE_RATIO].known);
    double ratio = metrics.values[METRIC_PROC_IDLE_RATIO].value;
    metrics_free(&metrics);
    replay_close(replay);
    return ratio;
}

/* P 0 is bound from 0 to the end at 1000, P 1 from 500 to 750. */
static struct replay *half_idle(void)
{
    struct replay *replay = opened();
    feed(replay, proc_event(EVENT_GO_P_BIND, 1000, 10, 0));
    feed(replay, proc_event(EVENT_GO_P_BIND, 1500, 11, 1));
    feed(replay, proc_event(EVENT_GO_P_UNBIND, 1750, 11, 1));
    feed(replay, mark_event(2000, 0));
    return replay;
}

Test(replay_processors, idle_is_the_time_of_all_ps_without_an_m)
{
    double of_two = idle_ratio(half_idle(), 0);
    double of_four = idle_ratio(half_idle(), 4);
    cr_assert_float_eq(of_two, 0.375, 1e-9);
    cr_assert_float_eq(of_four, 0.6875, 1e-9, "two of four were never bound");
}

Test(replay_processors, a_program_ends_with_its_process_or_the_next_one)
{
    struct replay *replay = opened();
    feed(replay, proc_event(EVENT_GO_P_BIND, 1000, 10, 0));
    feed(replay, event_of(EVENT_PROCESS_EXEC, 1400, 10, 10));
    feed(replay, mark_event(5000, 0)); /* nothing of Go runs from 1400 to 6000 */
    feed(replay, proc_event(EVENT_GO_P_BIND, 6000, 10, 0));
    feed(replay, event_of(EVENT_PROCESS_EXIT, 6400, 10, 10));
    feed(replay, mark_event(9000, 0));
    cr_assert_eq(bind_time(replay)->count, 2);
    cr_assert_eq(bind_time(replay)->max, 400);
    double ratio = idle_ratio(replay, 1);
    cr_assert_float_eq(ratio, 0, 1e-9);
}

Test(replay_processors, a_thread_that_ends_leaves_its_p)
{
    struct replay *replay = opened();
    feed(replay, proc_event(EVENT_GO_P_BIND, 100, 11, 0));
    feed(replay, event_of(EVENT_PROCESS_EXIT, 400, 11, 10));
    cr_assert_eq(bind_time(replay)->count, 1);
    cr_assert_eq(bind_time(replay)->max, 300);
    cr_assert_null(carriers_find(&replay->carriers, 11));
    replay_close(replay);
}

Test(replay_processors, processes_do_not_take_each_others_ps)
{
    struct replay *replay = opened();
    feed(replay, proc_event(EVENT_GO_P_BIND, 100, 10, 0));
    feed(replay, in(20, proc_event(EVENT_GO_P_BIND, 200, 20, 0)));
    feed(replay, in(20, proc_event(EVENT_GO_P_UNBIND, 300, 20, 0)));
    feed(replay, proc_event(EVENT_GO_P_UNBIND, 900, 10, 0));
    cr_assert_eq(bind_time(replay)->count, 2);
    cr_assert_eq(bind_time(replay)->max, 800);
    cr_assert_eq(replay->full.processors.most, 1);
    replay_close(replay);
}

Test(replay_processors, steals_and_attempts_in_vain_are_told_apart)
{
    struct replay *replay = opened();
    for (uint64_t i = 0; i < 10; i++)
        feed(replay, steal_event(100 + i, 1, 0, i % 3 == 0 ? 5 : 0));
    cr_assert_eq(replay->full.processors.steals, 4);
    cr_assert_eq(replay->full.processors.stolen, 20);
    cr_assert_eq(replay->full.processors.steals_in_vain, 6);
    replay_close(replay);
}
