#include "runner/replay/goroutines.h"

#include <criterion/criterion.h>
#include <string.h>

#include "replay_events.h"

/* Go 1.23 */
enum { CHAN_RECEIVE = 14, COROUTINE = 36 };
enum { MAIN = 1, CALLER = 7, SIDE = 8 };
#define DEMO_PC      0x480000
#define COROUTINE_PC 0x431000

static const char *function_at(void *context, uint64_t pc)
{
    (void)context;
    return pc == COROUTINE_PC ? "runtime.corostart" : "main.work";
}

static void open_with(struct goroutines *goroutines, const struct origins *origins)
{
    cr_assert_eq(goroutines_open(goroutines, origins, &wait_reasons_23), 0);
}

static void feed(struct goroutines *goroutines, union any_event event)
{
    struct goroutine_change change;
    cr_assert_eq(goroutines_event(goroutines, &event.header, event.header.time, &change), 0);
}

static const struct origins names = {.function_at = function_at};

/* Once with events that tell who takes the thread, once without. */
#define BOTH_WAYS(name)                                                                                      \
    static void name(bool told);                                                                             \
    Test(replay_coroutines, name)                                                                            \
    {                                                                                                        \
        name(true);                                                                                          \
        name(false);                                                                                         \
    }                                                                                                        \
    static void name(bool told)
#define NEXT(goid) (told ? (goid) : 0)

/* for v := range pull: CALLER runs from 100 on, makes the other side at 110. */
static void begin(struct goroutines *goroutines, uint64_t caller)
{
    feed(goroutines, create_event(90, caller, DEMO_PC));
    feed(goroutines, go_event(EVENT_GO_RUN, 100, caller));
    feed(goroutines, create_event(110, SIDE, COROUTINE_PC));
}

BOTH_WAYS(the_sides_share_the_time_of_their_thread)
{
    struct goroutines goroutines;
    open_with(&goroutines, &names);
    begin(&goroutines, CALLER);
    cr_assert_eq(goroutines.runnable, 0, "a coroutine is born blocked");
    for (uint64_t time = 200; time < 1200; time += 100) {
        feed(&goroutines, coro_event(time, CALLER, NEXT(SIDE)));
        feed(&goroutines, coro_event(time + 30, SIDE, NEXT(CALLER)));
    }
    feed(&goroutines, coro_event(1200, CALLER, NEXT(SIDE)));
    feed(&goroutines, coro_event(1240, SIDE, NEXT(CALLER))); /* returns */
    feed(&goroutines, go_event(EVENT_GO_EXIT, 1241, SIDE));
    feed(&goroutines, go_event(EVENT_GO_EXIT, 1300, CALLER));
    cr_assert_eq(goroutines_finish(&goroutines, 5000), 0);
    cr_assert_eq(goroutines.demo.created, 2);
    cr_assert_eq(goroutines.demo.exited, 2);
    cr_assert_eq(goroutines.leaked, 0);
    cr_assert_eq(goroutines.impossible, 0);
    cr_assert_eq(goroutines.coroutine_switches, 22);
    cr_assert_eq(goroutines.parks, 0, "a switch is no park");
    cr_assert_eq(goroutines.wake_latency.count, 0, "nor a wake-up");
    /* CALLER: 100, ten times 70, 60; SIDE: ten times 30, 40. */
    cr_assert_eq(goroutines.run_slice.count, 12 + 11);
    cr_assert_eq(goroutines.run_slice.sum, 100 + 10 * 70 + 60 + 10 * 30 + 40);
    cr_assert_eq(goroutines.run_slice.min, 30);
    cr_assert_eq(goroutines.life.count, 2);
    cr_assert_eq(goroutines.life.max, 1210);
    goroutines_close(&goroutines);
}

/* Where the collector looks at one in that moment, the runtime goes the long way: park, ready, run. */
BOTH_WAYS(the_long_way_counts_like_the_short_one)
{
    struct goroutines goroutines;
    open_with(&goroutines, &names);
    begin(&goroutines, CALLER);
    feed(&goroutines, coro_event(200, CALLER, NEXT(SIDE)));
    feed(&goroutines, park_event(201, CALLER, COROUTINE));
    feed(&goroutines, go_event(EVENT_GO_READY, 202, SIDE));
    feed(&goroutines, go_event(EVENT_GO_RUN, 203, SIDE));
    feed(&goroutines, coro_event(230, SIDE, NEXT(CALLER)));
    feed(&goroutines, go_event(EVENT_GO_YIELD, 300, CALLER));
    cr_assert_eq(goroutines.parks, 0);
    cr_assert_eq(goroutines.readies, 0);
    cr_assert_eq(goroutines.block_time.count, 0);
    cr_assert_eq(goroutines.wake_latency.count, 0);
    cr_assert_eq(goroutines.run_slice.count, 3);
    cr_assert_eq(goroutines.run_slice.sum, 100 + 30 + 70);
    cr_assert_eq(goroutines.impossible, 0);
    goroutines_close(&goroutines);
}

BOTH_WAYS(a_side_that_parks_in_between_is_an_ordinary_goroutine)
{
    struct goroutines goroutines;
    open_with(&goroutines, &names);
    begin(&goroutines, CALLER);
    feed(&goroutines, on(11, coro_event(200, CALLER, NEXT(SIDE))));
    feed(&goroutines, on(11, park_event(250, SIDE, CHAN_RECEIVE)));
    feed(&goroutines, on(11, go_event(EVENT_GO_READY, 300, SIDE)));
    feed(&goroutines, on(12, go_event(EVENT_GO_RUN, 320, SIDE)));
    feed(&goroutines, on(12, coro_event(400, SIDE, NEXT(CALLER))));
    feed(&goroutines, on(12, park_event(410, CALLER, CHAN_RECEIVE)));
    cr_assert_eq(goroutines.parks, 2);
    cr_assert_eq(goroutines.block_time.max, 50);
    cr_assert_eq(goroutines.wake_latency.max, 20);
    cr_assert_eq(goroutines.run_slice.count, 1 + 2);
    cr_assert_eq(goroutines.impossible, 0);
    goroutines_close(&goroutines);
}

Test(replay_coroutines, a_side_that_is_never_asked_again_hangs)
{
    struct goroutines goroutines;
    open_with(&goroutines, &names);
    begin(&goroutines, CALLER);
    feed(&goroutines, coro_event(200, CALLER, SIDE));
    feed(&goroutines, coro_event(230, SIDE, CALLER));
    cr_assert_eq(goroutines_finish(&goroutines, 5000), 0);
    /* CALLER shows nothing more, but it is the one that SIDE gave the thread to. */
    cr_assert_eq(goroutines.leaked, 1);
    cr_assert_eq(goroutines.leaks[0].start_pc, COROUTINE_PC);
    cr_assert_eq(goroutines.leaks[0].reason, COROUTINE);
    goroutines_close(&goroutines);
}

Test(replay_coroutines, one_that_was_never_begun_hangs_too)
{
    struct goroutines goroutines;
    open_with(&goroutines, &names);
    begin(&goroutines, MAIN);
    cr_assert_eq(goroutines_finish(&goroutines, 5000), 0);
    cr_assert_eq(goroutines.leaked, 1);
    goroutines_close(&goroutines);
}

/* A stripped name, or a reader that has none. */
BOTH_WAYS(without_names_the_switch_still_tells)
{
    struct goroutines goroutines;
    const struct origins nothing = {0};
    open_with(&goroutines, &nothing);
    begin(&goroutines, CALLER);
    feed(&goroutines, coro_event(200, CALLER, NEXT(SIDE)));
    feed(&goroutines, coro_event(230, SIDE, NEXT(CALLER)));
    feed(&goroutines, go_event(EVENT_GO_EXIT, 300, CALLER));
    cr_assert_eq(goroutines.impossible, 0);
    cr_assert_eq(goroutines.run_slice.sum, 100 + 30 + 70);
    goroutines_close(&goroutines);
}

BOTH_WAYS(a_lost_switch_costs_a_slice_and_no_more)
{
    struct goroutines goroutines;
    open_with(&goroutines, &names);
    begin(&goroutines, CALLER);
    feed(&goroutines, park_event(250, SIDE, CHAN_RECEIVE)); /* the switch to it was lost */
    cr_assert_eq(goroutines.parks, 1);
    cr_assert_eq(goroutines.impossible, 0);
    feed(&goroutines, coro_event(300, CALLER, NEXT(SIDE)));
    feed(&goroutines, go_event(EVENT_GO_RUN, 400, 20)); /* whoever took the thread left it unseen */
    feed(&goroutines, go_event(EVENT_GO_YIELD, 450, CALLER));
    cr_assert_eq(goroutines.run_slice.count, 1, "CALLER ran since nobody knows when");
    goroutines_close(&goroutines);
}

/* The goroutine of another process that happens to have the same number did not take the thread. */
BOTH_WAYS(switches_belong_to_one_program)
{
    struct goroutines goroutines;
    open_with(&goroutines, &names);
    begin(&goroutines, CALLER);
    feed(&goroutines, coro_event(200, CALLER, NEXT(SIDE)));
    feed(&goroutines, event_of(EVENT_PROCESS_EXEC, 300, 10, 10));
    feed(&goroutines, create_event(400, SIDE, DEMO_PC));
    feed(&goroutines, park_event(450, SIDE, CHAN_RECEIVE));
    cr_assert_eq(goroutines.run_slice.count, 1, "only that of CALLER");
    goroutines_close(&goroutines);
}
