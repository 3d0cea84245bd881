#include "runner/replay/collector.h"

#include <criterion/criterion.h>

#include "replay_events.h"

static void feed(struct collector *collector, union any_event event)
{
    cr_assert_eq(collector_event(collector, &event.header, event.header.time), 0);
}

/* A cycle as the runtime has it: stopped to begin, marking, stopped to end, with the end inside. */
Test(replay_collector, cycles_and_stops_are_paired)
{
    struct collector collector;
    cr_assert_eq(collector_open(&collector), 0);
    for (uint64_t start = 1000; start <= 5000; start += 1000) {
        feed(&collector, value_event(EVENT_GO_STW_START, start, 2));
        feed(&collector, value_event(EVENT_GO_GC_START, start + 5, 0));
        feed(&collector, value_event(EVENT_GO_STW_END, start + 10, 0));
        feed(&collector, value_event(EVENT_GO_STW_START, start + 400, 1));
        feed(&collector, value_event(EVENT_GO_GC_END, start + 405, start << 10));
        feed(&collector, value_event(EVENT_GO_STW_END, start + 420, 0));
    }
    feed(&collector, value_event(EVENT_GO_STW_START, 9000, 7)); /* cut off by the end */
    cr_assert_eq(collector.cycles, 5);
    cr_assert_eq(collector.heap_goal, 5000 << 10);
    cr_assert_eq(collector.cycle_time.count, 5);
    cr_assert_eq(collector.cycle_time.max, 400);
    cr_assert_eq(collector.stw_time.count, 10);
    cr_assert_eq(collector.stw_time_by_reason[2].count, 5);
    cr_assert_eq(collector.stw_time_by_reason[2].max, 10);
    cr_assert_eq(collector.stw_time_by_reason[1].max, 20);
    collector_close(&collector);
}

Test(replay_collector, an_end_without_a_start_counts_but_has_no_time)
{
    struct collector collector;
    cr_assert_eq(collector_open(&collector), 0);
    feed(&collector, value_event(EVENT_GO_GC_END, 100, 0));
    feed(&collector, value_event(EVENT_GO_STW_END, 110, 0));
    cr_assert_eq(collector.cycles, 1);
    cr_assert_eq(collector.cycle_time.count, 0);
    cr_assert_eq(collector.stw_time.count, 0);
    collector_close(&collector);
}

Test(replay_collector, two_processes_do_not_end_each_others_cycles)
{
    struct collector collector;
    cr_assert_eq(collector_open(&collector), 0);
    union any_event other = value_event(EVENT_GO_GC_END, 300, 0);
    other.header.pid = 20;
    feed(&collector, value_event(EVENT_GO_GC_START, 100, 0));
    feed(&collector, other);
    feed(&collector, value_event(EVENT_GO_GC_END, 600, 0));
    cr_assert_eq(collector.cycles, 2);
    cr_assert_eq(collector.cycle_time.count, 1);
    cr_assert_eq(collector.cycle_time.max, 500);
    collector_close(&collector);
}
