#include "runner/replay/timers.h"

#include "replay_full.h"

#define A      0xc000100000u
#define OFFSET 16 /* of what fires in what is made, Go 1.23 */

static double mean_life(const struct replay *replay, uint64_t now)
{
    return timers_mean_life(&replay->full.timers, now);
}

static void make(struct replay *replay, uint64_t time, uint64_t address)
{
    feed(replay, value_event(EVENT_GO_TIMER_MAKE, time, address));
}

static void stop(struct replay *replay, uint64_t time, uint64_t address)
{
    feed(replay, value_event(EVENT_GO_TIMER_STOP, time, address));
}

static void reset(struct replay *replay, uint64_t time, uint64_t address)
{
    feed(replay, value_event(EVENT_GO_TIMER_RESET, time, address));
}

static void fire(struct replay *replay, uint64_t time, uint64_t address)
{
    feed(replay, timer_fire_event(time, address, time - 50, 0));
}

Test(replay_timers, what_happens_to_timers_is_counted)
{
    struct replay *replay = full_opened(23);
    const struct timers *timers = &replay->full.timers;
    for (uint64_t i = 0; i < 10; i++)
        make(replay, 1000 + i, 0);
    for (uint64_t i = 0; i < 4; i++)
        stop(replay, 2000 + i, A + 256 * i);
    reset(replay, 3000, A);
    fire(replay, 4000, A + OFFSET);
    feed(replay, timer_fire_event(4100, A + 512, 4000, 100000)); /* a ticker */
    cr_assert_eq(timers->made, 10);
    cr_assert_eq(timers->stopped, 4);
    cr_assert_eq(timers->reset, 1);
    cr_assert_eq(timers->fired, 2);
    cr_assert_eq(timers->fire_lateness.count, 2);
    cr_assert_eq(timers->fire_lateness.min, 50);
    cr_assert_eq(timers->fire_lateness.max, 100);
    replay_close(replay);
}

/* Since Go 1.23 the timer of a channel fires late when somebody looks late. */
Test(replay_timers, lateness_is_the_runtimes_alone)
{
    struct replay *replay = full_opened(23);
    union any_event looked = timer_fire_event(1000000, A, 1000, 0);
    looked.header.goid = 7;
    feed(replay, looked);
    feed(replay, timer_fire_event(2000, A, 0, 0)); /* when is not known */
    cr_assert_eq(replay->full.timers.fired, 2);
    cr_assert_eq(replay->full.timers.fire_lateness.count, 0);
    replay_close(replay);
}

Test(replay_timers, a_timer_lives_until_it_is_stopped_or_fires)
{
    for (uint32_t minor = 22; minor <= 23; minor++) {
        struct replay *replay = full_opened(minor);
        bool named = minor == 22;
        uint64_t offset = named ? 0 : OFFSET;
        make(replay, 1000, named ? A : 0);
        make(replay, 1000, named ? A + 256 : 0);
        make(replay, 1000, named ? A + 512 : 0);
        stop(replay, 1100, A);
        fire(replay, 1300, A + 256 + offset);
        stop(replay, 1310, A + 256); /* it has fired */
        stop(replay, 1320, A);       /* it is stopped */
        cr_assert_eq(replay->full.timers.alive, 1);
        cr_assert_eq(replay->full.timers.ended, 2);
        double mean = mean_life(replay, 2100);
        cr_assert_float_eq(mean, (100 + 300 + 1100) / 3.0, 1e-9, "1.%u: %f", minor, mean);
        replay_close(replay);
    }
}

Test(replay_timers, a_reset_lets_a_timer_live_again)
{
    for (uint32_t minor = 22; minor <= 23; minor++) {
        struct replay *replay = full_opened(minor);
        make(replay, 1000, minor == 22 ? A : 0);
        stop(replay, 1100, A);
        reset(replay, 1200, A);
        reset(replay, 1250, A);
        fire(replay, 1400, A + (minor == 22 ? 0 : OFFSET));
        double mean = mean_life(replay, 5000);
        cr_assert_float_eq(mean, 300, 1e-9, "1.%u: %f", minor, mean);
        cr_assert_eq(replay->full.timers.alive, 0);
        replay_close(replay);
    }
}

/* A ticker that nobody stops. */
Test(replay_timers, a_period_ends_nothing)
{
    struct replay *replay = full_opened(22);
    make(replay, 1000, A);
    for (uint64_t time = 2000; time < 10000; time += 1000)
        feed(replay, timer_fire_event(time, A, time, 1000));
    double mean = mean_life(replay, 11000);
    cr_assert_float_eq(mean, 10000, 1e-9);
    replay_close(replay);
}

/* Go 1.23: only the firing names the timer of a sleep, and looks like that of a timer which was made. */
Test(replay_timers, a_sleep_is_no_end_of_a_timer)
{
    struct replay *replay = full_opened(23);
    start(replay, 100, 10, 7);
    make(replay, 1000, 0);
    for (uint64_t time = 2000; time < 7000; time += 1000) {
        feed(replay, park_event(time, 7, SLEEPING));
        feed(replay, on(12, timer_fire_event(time + 500, 0xc000200000, time + 450, 0)));
        feed(replay, on(12, go_event(EVENT_GO_READY, time + 501, 7)));
        feed(replay, go_event(EVENT_GO_RUN, time + 510, 7));
        if (time == 4000)
            feed(replay, gc_end_event(time + 600, 0, 0, 0));
    }
    cr_assert_eq(replay->full.timers.alive, 1);
    cr_assert_eq(replay->full.timers.ended, 0);
    double mean = mean_life(replay, 11000);
    cr_assert_float_eq(mean, 10000, 1e-9, "%f", mean);
    /* One whose channel readies a goroutine is one that was made. */
    feed(replay, park_event(12000, 7, CHAN_RECEIVE));
    feed(replay, on(12, timer_fire_event(12500, 0xc000300000, 12450, 0)));
    feed(replay, on(12, go_event(EVENT_GO_READY, 12501, 7)));
    cr_assert_eq(replay->full.timers.alive, 0);
    replay_close(replay);
}

Test(replay_timers, without_a_timer_of_its_own_a_firing_ends_none)
{
    struct replay *replay = full_opened(23);
    fire(replay, 1000, A);
    cr_assert_eq(replay->full.timers.alive, 0);
    cr_assert_eq(replay->full.timers.ended, 0);
    double mean = mean_life(replay, 1);
    cr_assert_eq(mean, 0);
    replay_close(replay);
}

/* context.WithTimeout for each request: memory is used again after a collection, and not before. */
Test(replay_timers, an_address_is_another_timer_after_a_collection)
{
    struct replay *replay = full_opened(23);
    for (uint64_t round = 0; round < 3; round++) {
        uint64_t begin = 100000 + round * 10000;
        for (uint64_t i = 0; i < 8; i++) {
            make(replay, begin + i * 100, 0);
            stop(replay, begin + i * 100 + 40, A + i * 256);
            stop(replay, begin + i * 100 + 50, A + i * 256); /* defer cancel() */
        }
        feed(replay, gc_end_event(begin + 5000, 0, 0, 0));
    }
    cr_assert_eq(replay->full.timers.ended, 24);
    cr_assert_eq(replay->full.timers.alive, 0);
    double mean = mean_life(replay, 500000);
    cr_assert_float_eq(mean, 40, 1e-9);
    replay_close(replay);
}

Test(replay_timers, the_end_of_a_process_ends_its_timers)
{
    struct replay *replay = full_opened(23);
    make(replay, 1000, 0);
    feed(replay, in(20, value_event(EVENT_GO_TIMER_MAKE, 1000, 0)));
    feed(replay, event_of(EVENT_PROCESS_EXIT, 2000, 10, 10));
    cr_assert_eq(replay->full.timers.alive, 1);
    cr_assert_eq(replay->full.timers.cut_off, 1);
    double mean = mean_life(replay, 4000);
    cr_assert_float_eq(mean, (1000 + 3000) / 2.0, 1e-9);
    replay_close(replay);
}

/* More addresses between two collections than are followed: what is too much is counted. */
Test(replay_timers, memory_is_bounded)
{
    enum { FOLLOWED = 1 << 16 };
    struct replay *replay = full_opened(23);
    for (uint64_t i = 0; i < FOLLOWED + 100; i++) {
        make(replay, 1000 + i, 0);
        stop(replay, 1000 + i, A + i * 256);
    }
    cr_assert_eq(replay->full.timers.untracked, 100);
    cr_assert_eq(replay->full.timers.table.count, FOLLOWED);
    feed(replay, gc_end_event(200000, 0, 0, 0)); /* makes room */
    make(replay, 200001, 0);
    stop(replay, 200002, A + FOLLOWED * 512);
    cr_assert_eq(replay->full.timers.untracked, 100);
    cr_assert_eq(replay->full.timers.table.count, 1);
    replay_close(replay);
}
