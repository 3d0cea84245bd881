#include "runner/heatmap/gaps.h"

#include <criterion/criterion.h>

#include "replay_events.h"

#define NEAR 1024

static struct gaps gaps;

static void set_up(void)
{
    cr_assert_eq(gaps_open(&gaps), 0);
}

static void tear_down(void)
{
    gaps_close(&gaps);
}

TestSuite(heatmap_gaps, .init = set_up, .fini = tear_down);

static void number(uint64_t time, uint8_t cpu, uint32_t seq)
{
    union any_event event = event_of(EVENT_GO_RUN, time, 1, 1);
    event.header.cpu = cpu;
    event.header.seq = seq;
    gaps_event(&gaps, &event.header, time, NEAR);
}

static uint64_t lost(void)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < gaps.count; i++)
        sum += gaps.list[i].lost;
    return sum;
}

Test(heatmap_gaps, a_gap_lies_between_two_events_of_its_cpu)
{
    number(100, 0, 7);
    number(110, 3, 50);
    number(200, 0, 8);
    number(300, 0, 12);
    number(310, 3, 51);
    cr_assert_eq(gaps.count, 1);
    json_t *json = gaps_json(&gaps, 100);
    json_t *wanted = json_pack("{s:i, s:i, s:[{s:i, s:i, s:i, s:i}]}", "lost", 3, "bridged_ns", 0, "list",
                               "cpu", 0, "from_ns", 100, "to_ns", 200, "lost", 3);
    cr_assert(json_equal(json, wanted));
    json_decref(wanted);
    json_decref(json);
}

Test(heatmap_gaps, the_first_number_of_a_cpu_is_any_number)
{
    number(1, 0, 4000000000);
    number(2, 1, 0);
    number(3, 254, 17);
    cr_assert_eq(gaps.count, 0);
}

Test(heatmap_gaps, a_number_that_wraps_is_no_gap)
{
    number(1, 0, UINT32_MAX - 1);
    number(2, 0, UINT32_MAX);
    number(3, 0, 0);
    number(4, 0, 1);
    cr_assert_eq(gaps.count, 0);
    number(5, 1, UINT32_MAX - 1);
    number(6, 1, 2);
    cr_assert_eq(gaps.count, 1);
    cr_assert_eq(gaps.list[0].lost, 3);
}

/* An interrupt inside a uprobe's program takes the next number, and both may be swapped by their times. */
Test(heatmap_gaps, a_number_that_comes_after_its_successor_was_not_lost)
{
    number(10, 0, 1);
    number(20, 0, 3);
    cr_assert_eq(gaps.count, 1);
    number(21, 0, 2);
    cr_assert_eq(gaps.count, 0);
    number(30, 0, 4);
    cr_assert_eq(gaps.count, 0);
    number(40, 0, 9);
    number(41, 1, 2);
    number(42, 1, 5);
    number(43, 0, 7);
    cr_assert_eq(gaps.count, 2);
    cr_assert_eq(lost(), 4 - 1 + 2);
}

Test(heatmap_gaps, a_wrapped_number_can_come_late_too)
{
    number(10, 0, UINT32_MAX - 1);
    number(20, 0, 2);
    number(21, 0, UINT32_MAX);
    number(22, 0, 1);
    number(23, 0, 0);
    cr_assert_eq(gaps.count, 0);
    number(24, 0, 3);
    cr_assert_eq(gaps.count, 0);
}

Test(heatmap_gaps, marks_of_user_space_have_no_number)
{
    number(1, EVENT_CPU_USER, 1);
    number(2, EVENT_CPU_USER, 100);
    cr_assert_eq(gaps.count, 0);
}

Test(heatmap_gaps, a_full_list_joins_what_lies_near_and_keeps_the_count)
{
    enum { ROUNDS = 100 * 1000 };
    uint64_t missing = 0;
    uint32_t seq[3] = {0};
    uint64_t time = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        unsigned cpu = i % 3;
        seq[cpu] += 1 + (i >= 3 && i % 7 < 4 ? i % 5 : 0);
        missing += i >= 3 && i % 7 < 4 ? i % 5 : 0;
        time += i % 1000 == 999 ? 1000 * NEAR : 300;
        number(time, (uint8_t)cpu, seq[cpu]);
        cr_assert_leq(gaps.count, GAPS_MAX);
    }
    cr_assert_eq(lost(), missing);
    cr_assert_geq(gaps.bridged, NEAR);
    cr_assert_lt(gaps.bridged, 1000 * NEAR, "what is far apart need not be joined");
    uint64_t end[3] = {0};
    for (size_t i = 0; i < gaps.count; i++) {
        const struct gap *gap = &gaps.list[i];
        cr_assert_leq(gap->from, gap->to);
        cr_assert_geq(gap->from, end[gap->cpu], "gaps of a CPU do not overlap");
        end[gap->cpu] = gap->to;
    }
}

Test(heatmap_gaps, as_many_cpus_as_there_can_be_have_room)
{
    for (uint32_t round = 0; round < 64; round++)
        for (unsigned cpu = 0; cpu < EVENT_CPU_USER; cpu++)
            number(round * UINT64_C(1000000000) + cpu, (uint8_t)cpu, 2 * round);
    cr_assert_leq(gaps.count, GAPS_MAX);
    cr_assert_geq(gaps.count, EVENT_CPU_USER);
    cr_assert_eq(lost(), 63 * EVENT_CPU_USER);
}

/* CPU 0 lost 2 before its first event, 3 between two, 4 behind its last one; CPU 1 all 5 that it produced. */
Test(heatmap_gaps, both_ends_of_the_life_have_their_gaps_and_each_gap_its_kinds)
{
    static struct observer_losses ring;
    ring.cpus[0].next = 16;
    ring.cpus[0].lost = UINT64_C(1) << EVENT_GO_PARK;
    ring.cpus[1].next = 5;
    ring.cpus[1].lost = UINT64_C(1) << EVENT_GO_RUN;
    const struct gaps_losses losses = {.ring = &ring, .behind = UINT64_C(1) << EVENT_SCHED_SWITCH};
    number(150, 0, 3); /* 2 comes late, 0 and 1 never */
    number(160, 0, 2);
    number(170, 0, 4);
    number(200, 0, 8);
    number(300, 0, 9);
    number(310, 0, 10);
    number(320, 0, 11);
    gaps_finish(&gaps, &losses, 100, 400);
    json_t *json = gaps_json(&gaps, 100);
    json_t *wanted =
        json_pack("{s:i, s:i, s:[{s:i, s:i, s:i, s:i, s:[s, s]}, {s:i, s:i, s:i, s:i, s:[s, s]},"
                  " {s:i, s:i, s:i, s:i, s:[s, s]}, {s:i, s:i, s:i, s:i, s:[s, s]}]}",
                  "lost", 2 + 3 + 4 + 5, "bridged_ns", 0, "list",                                        /* */
                  "cpu", 0, "from_ns", 70, "to_ns", 100, "lost", 3, "kinds", "sched_switch", "go_park",  /* */
                  "cpu", 0, "from_ns", 0, "to_ns", 50, "lost", 2, "kinds", "sched_switch", "go_park",    /* */
                  "cpu", 0, "from_ns", 220, "to_ns", 300, "lost", 4, "kinds", "sched_switch", "go_park", /* */
                  "cpu", 1, "from_ns", 0, "to_ns", 300, "lost", 5, "kinds", "sched_switch", "go_run");
    cr_assert(json_equal(json, wanted), "%s", json_dumps(json, JSON_COMPACT));
    json_decref(wanted);
    json_decref(json);
}

Test(heatmap_gaps, what_is_missing_between_two_events_behind_the_end_is_none_of_the_life)
{
    number(100, 0, 0);
    union any_event event = event_of(EVENT_GO_RUN, 500, 1, 1);
    event.header.cpu = 0;
    event.header.seq = 3;
    gaps_event_behind(&gaps, &event.header, 400, NEAR);
    cr_expect_eq(lost(), 2);
    cr_expect_eq(gaps.list[0].to, 400);
    event.header.seq = 9;
    gaps_event_behind(&gaps, &event.header, 400, NEAR);
    cr_expect_eq(lost(), 2);
}
