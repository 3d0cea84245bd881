#include "runner/replay/waits.h"

#include <criterion/criterion.h>

static void add(struct waits *waits, uint32_t *history, uint64_t start, uint64_t end, bool throttled)
{
    cr_assert_eq(waits_add(waits, history, start, end, throttled), 0);
}

static void expect(const struct waits *waits, uint32_t history, uint64_t from, uint64_t to,
                   uint64_t run_queue, uint64_t throttled)
{
    struct wait_times times = waits_within(waits, history, from, to);
    cr_expect_eq(times.run_queue, run_queue, "[%lu, %lu): run queue %lu", from, to, times.run_queue);
    cr_expect_eq(times.throttled, throttled, "[%lu, %lu): throttled %lu", from, to, times.throttled);
}

Test(replay_waits, an_interval_gets_what_overlaps_it)
{
    struct waits waits = {0};
    uint32_t history = 0;
    expect(&waits, history, 0, 1000, 0, 0);
    add(&waits, &history, 100, 200, false);
    add(&waits, &history, 300, 500, true);
    add(&waits, &history, 600, 650, false);
    expect(&waits, history, 0, 1000, 150, 200);
    expect(&waits, history, 150, 1000, 100, 200);
    expect(&waits, history, 400, 1000, 50, 100);
    expect(&waits, history, 500, 1000, 50, 0);
    expect(&waits, history, 640, 700, 10, 0);
    expect(&waits, history, 650, 700, 0, 0);
    expect(&waits, history, 0, 1000, 150, 200);
    waits_close(&waits);
}

Test(replay_waits, a_wait_without_length_is_none)
{
    struct waits waits = {0};
    uint32_t history = 0;
    add(&waits, &history, 100, 100, false);
    cr_assert_eq(history, 0);
    waits_close(&waits);
}

/* 100 waits of 10 ns, one each 100 ns: every second one by cpu.max. */
Test(replay_waits, old_waits_are_a_sum_that_is_shared_by_length)
{
    struct waits waits = {0};
    uint32_t history = 0;
    for (uint64_t i = 0; i < 100; i++)
        add(&waits, &history, i * 100, i * 100 + 10, i % 2);
    expect(&waits, history, 0, 10000, 500, 500);
    /* The newest 15 are 85..99: exact. */
    expect(&waits, history, 8505, 10000, 70, 75);
    expect(&waits, history, 9000, 10000, 50, 50);
    /* Inside the span of the others, 0..8410: a share of their 850 ns. */
    struct wait_times half = waits_within(&waits, history, 4205, 10000);
    cr_expect_eq(half.run_queue, 70 + 430 / 2);
    cr_expect_eq(half.throttled, 80 + 420 / 2);
    waits_close(&waits);
}

Test(replay_waits, each_thread_has_its_own_and_leaves_its_place_to_another)
{
    struct waits waits = {0};
    uint32_t histories[100] = {0};
    for (uint64_t i = 0; i < 100; i++)
        add(&waits, &histories[i], i, i + 1 + i, false);
    for (uint64_t i = 0; i < 100; i++)
        expect(&waits, histories[i], 0, 1000, i + 1, 0);
    uint32_t count = waits.count;
    for (uint64_t i = 0; i < 100; i++)
        waits_end(&waits, &histories[i]);
    for (uint64_t round = 0; round < 50; round++) {
        add(&waits, &histories[round], 5000, 5010, true);
        expect(&waits, histories[round], 0, 6000, 0, 10);
    }
    cr_assert_eq(waits.count, count, "places are used again");
    waits_close(&waits);
}

Test(replay_waits, memory_ends_at_a_limit_and_what_is_beyond_is_counted)
{
    enum { THREADS = (1 << 15) + 10 };
    struct waits waits = {0};
    unsigned without = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        uint32_t history = 0;
        add(&waits, &history, 1, 2, false);
        without += history == 0;
    }
    cr_assert_eq(without, 10);
    cr_assert_eq(waits.forgotten, 10);
    waits_close(&waits);
}
