#include "runner/replay/starvation.h"

#include "replay_full.h"

enum { IO_WAIT = 2 };
#define MS UINT64_C(1000000)

/* Goroutine 7, of a place of its own, computes on thread 10; goroutine 8 waits for a descriptor. */
#define COMPUTING_PC 0x490000
static struct replay *computing(void)
{
    struct replay *replay = full_opened(23);
    feed(replay, switch_event(0, 0, 0, 10, 0, EVENT_FLAG_NEXT));
    start(replay, 1, 11, 8);
    feed(replay, on(11, park_event(2, 8, IO_WAIT)));
    feed(replay, create_event(3, 7, COMPUTING_PC));
    feed(replay, go_event(EVENT_GO_RUN, 3, 7));
    return replay;
}

static const struct place *place_of(const struct replay *replay, uint64_t goid)
{
    struct replay *open = (struct replay *)replay;
    return &replay->goroutines.places.rows[goroutines_place(&open->goroutines, 10, goid)];
}

Test(replay_starvation, a_long_run_holds_its_p_while_somebody_waits)
{
    struct replay *replay = computing();
    feed(replay, netpoll_ready_event(4 * MS, 8));
    feed(replay, go_event(EVENT_GO_YIELD, 10 * MS, 7));
    feed(replay, go_event(EVENT_GO_RUN, 10 * MS + 100, 8));
    feed(replay, park_event(10 * MS + 300, 8, IO_WAIT));
    feed(replay, go_event(EVENT_GO_RUN, 10 * MS + 400, 7));
    feed(replay, go_event(EVENT_GO_YIELD, 20 * MS, 7));
    const struct place *holder = place_of(replay, 7);
    cr_expect_eq(holder->holds, 1, "nobody waits in the second run");
    cr_expect_eq(holder->held, 6 * MS);
    cr_expect_eq(holder->longest_hold, 10 * MS - 3);
    cr_expect_eq(holder->last_held, 10 * MS);
    cr_expect_eq(place_of(replay, 8)->late, 1);
    const struct starvation *starvation = &replay->full.netpoll.starvation;
    cr_expect_eq(starvation->waits, 1);
    cr_expect_eq(starvation->late_time, 6 * MS + 100);
    struct metrics metrics = {0};
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    cr_expect_eq(replay_tallies(replay)->starvation.time, 6 * MS + 100);
    metrics_free(&metrics);
    replay_close(replay);
}

Test(replay_starvation, a_run_that_the_machine_made_long_holds_nothing)
{
    struct replay *replay = computing();
    feed(replay, netpoll_ready_event(1000, 8));
    feed(replay, switch_event(MS / 2, 0, 10, 0, 0, EVENT_FLAG_PREV | EVENT_FLAG_PREEMPT));
    feed(replay, switch_event(30 * MS, 0, 0, 10, 0, EVENT_FLAG_NEXT));
    feed(replay, go_event(EVENT_GO_YIELD, 30 * MS + 1000, 7));
    cr_expect_eq(place_of(replay, 7)->holds, 0);
    replay_close(replay);
}

Test(replay_starvation, several_that_wait_count_once)
{
    struct replay *replay = computing();
    start(replay, 10, 11, 9);
    feed(replay, on(11, park_event(20, 9, IO_WAIT)));
    feed(replay, netpoll_ready_event(2 * MS, 8));
    feed(replay, netpoll_ready_event(3 * MS, 9));
    feed(replay, on(11, go_event(EVENT_GO_RUN, 4 * MS, 8)));
    feed(replay, on(11, park_event(5 * MS, 8, IO_WAIT)));
    feed(replay, on(11, go_event(EVENT_GO_RUN, 6 * MS, 9)));
    feed(replay, go_event(EVENT_GO_EXIT, 9 * MS, 7));
    const struct starvation *starvation = &replay->full.netpoll.starvation;
    cr_expect_eq(starvation->waits, 2);
    cr_expect_eq(starvation->late, 2);
    struct metrics metrics = {0};
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    const struct tallies *tallies = replay_tallies(replay);
    cr_expect_eq(tallies->starvation.time, 4 * MS);
    uint64_t held = 0;
    for (size_t i = 0; i < tallies->origin_count; i++)
        held += tallies->origins[i].held;
    cr_expect_eq(held, 4 * MS, "of a goroutine that is gone, too");
    metrics_free(&metrics);
    replay_close(replay);
}

Test(replay_starvation, a_blocking_system_call_holds_no_p)
{
    struct replay *replay = computing();
    feed(replay, netpoll_ready_event(4 * MS, 8));
    feed(replay, go_event(EVENT_GO_SYSCALL_ENTER, 5 * MS, 7));
    feed(replay, switch_event(5 * MS, 0, 10, 0, 1, EVENT_FLAG_PREV));
    feed(replay, switch_event(90 * MS, 0, 0, 10, 0, EVENT_FLAG_NEXT));
    feed(replay, go_event(EVENT_GO_SYSCALL_EXIT, 90 * MS, 7));
    feed(replay, park_event(91 * MS, 7, SLEEPING));
    cr_expect_eq(place_of(replay, 7)->held, 1 * MS, "since it came back");
    replay_close(replay);
}

Test(replay_starvation, an_end_of_the_program_ends_its_clock)
{
    struct replay *replay = computing();
    feed(replay, netpoll_ready_event(4 * MS, 8));
    feed(replay, event_of(EVENT_PROCESS_EXEC, 6 * MS, 10, 10));
    feed(replay, netpoll_ready_event(7 * MS, 8));
    feed(replay, go_event(EVENT_GO_PARK, 8 * MS, 8)); /* its run was lost */
    feed(replay, go_event(EVENT_GO_RUN, 9 * MS, 8));
    const struct starvation *starvation = &replay->full.netpoll.starvation;
    cr_expect_eq(starvation->waits, 0);
    struct metrics metrics = {0};
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    cr_expect_eq(starvation->time, 3 * MS);
    metrics_free(&metrics);
    replay_close(replay);
}
