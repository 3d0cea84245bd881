#include "runner/replay/replay.h"

#include <criterion/criterion.h>

#include "replay_events.h"

enum { CHAN_RECEIVE = 14 };
enum { SLEEP = 1 };
#define DEMO_PC 0x480000
#define BOTH    (EVENT_FLAG_PREV | EVENT_FLAG_NEXT)

static const struct replay_settings both = {.go_minor = 23, .sched = true, .go = true};

static void feed(struct replay *replay, union any_event event)
{
    cr_assert_eq(replay_event(replay, &event.header), 0);
}

static struct replay *opened(const struct replay_settings *settings)
{
    struct replay *replay = NULL;
    cr_assert_eq(replay_open(settings, &replay), 0);
    return replay;
}

/* Goroutine 7 has run on thread 10 and waits from 1000 on; thread 10 sleeps from 1100 on, CPU 0 is idle. */
static struct replay *with_waiting(const struct replay_settings *settings)
{
    struct replay *replay = opened(settings);
    feed(replay, switch_event(100, 0, 0, 10, 0, EVENT_FLAG_NEXT));
    feed(replay, create_event(200, 7, DEMO_PC));
    feed(replay, go_event(EVENT_GO_RUN, 300, 7));
    feed(replay, park_event(1000, 7, CHAN_RECEIVE));
    feed(replay, switch_event(1100, 0, 10, 0, SLEEP, EVENT_FLAG_PREV));
    return replay;
}

static const struct event_go_wake *wake_of(const struct replay *replay)
{
    const struct event_header *derived = replay_derived(replay);
    cr_assert_not_null(derived);
    cr_assert_eq(derived->kind, EVENT_GO_WAKE);
    return (const struct event_go_wake *)derived;
}

static void expect(const struct replay *replay, uint64_t go_queue, uint64_t run_queue, uint64_t throttled)
{
    const struct event_go_wake *wake = wake_of(replay);
    cr_expect_eq(wake->go_queue, go_queue, "go %lu", wake->go_queue);
    cr_expect_eq(wake->run_queue, run_queue, "run queue %lu", wake->run_queue);
    cr_expect_eq(wake->throttled, throttled, "throttled %lu", wake->throttled);
}

Test(replay_wakes, a_wait_for_a_thread_is_split_into_go_and_kernel)
{
    struct replay *replay = with_waiting(&both);
    feed(replay, on(99, go_event(EVENT_GO_READY, 2000, 7)));
    cr_assert_null(replay_derived(replay));
    feed(replay, event_of(EVENT_SCHED_WAKING, 2300, 10, 10)); /* Go took 300 ns to wake an M */
    feed(replay, switch_event(2800, 0, 0, 10, 0, EVENT_FLAG_NEXT));
    feed(replay, go_event(EVENT_GO_RUN, 2850, 7));
    expect(replay, 300 + 50, 500, 0);
    const struct event_go_wake *wake = wake_of(replay);
    cr_assert_eq(wake->header.time, 2850);
    cr_assert_eq(wake->header.goid, 7);
    cr_assert_eq(wake->header.tid, 10);
    cr_assert_eq(wake->header.cpu, EVENT_CPU_USER);
    feed(replay, park_event(2900, 7, CHAN_RECEIVE));
    cr_assert_null(replay_derived(replay), "it belongs to one event");
    replay_close(replay);
}

Test(replay_wakes, throttling_is_told_apart)
{
    struct replay *replay = with_waiting(&both);
    feed(replay, event_of(EVENT_SCHED_WAKING, 1900, 10, 10));
    feed(replay, switch_event(1950, 0, 0, 10, 0, EVENT_FLAG_NEXT)); /* runs another goroutine */
    feed(replay, on(99, go_event(EVENT_GO_READY, 2000, 7)));
    feed(replay, switch_event(2100, 0, 10, 0, 0, EVENT_FLAG_PREV | EVENT_FLAG_THROTTLED));
    feed(replay, switch_event(9100, 0, 0, 10, 0, EVENT_FLAG_NEXT));
    feed(replay, switch_event(9200, 0, 10, 50, 0, BOTH | EVENT_FLAG_PREEMPT));
    feed(replay, switch_event(9250, 0, 50, 10, SLEEP, BOTH));
    feed(replay, go_event(EVENT_GO_RUN, 9300, 7));
    expect(replay, 100 + 100 + 50, 50, 7000);
    replay_close(replay);
}

Test(replay_wakes, the_thread_that_runs_it_counts_and_no_other)
{
    struct replay *replay = with_waiting(&both);
    feed(replay, on(99, go_event(EVENT_GO_READY, 2000, 7)));
    feed(replay, event_of(EVENT_SCHED_WAKING, 2000, 10, 10));       /* waits for a CPU all the time */
    feed(replay, switch_event(2500, 1, 0, 20, 0, EVENT_FLAG_NEXT)); /* this one has no wait */
    feed(replay, on(20, go_event(EVENT_GO_RUN, 2600, 7)));
    expect(replay, 600, 0, 0);
    replay_close(replay);
}

Test(replay_wakes, a_wait_that_began_before_counts_from_the_ready_on)
{
    struct replay *replay = with_waiting(&both);
    feed(replay, event_of(EVENT_SCHED_WAKING, 1500, 10, 10));
    feed(replay, on(99, go_event(EVENT_GO_READY, 2000, 7)));
    feed(replay, switch_event(2400, 0, 0, 10, 0, EVENT_FLAG_NEXT));
    feed(replay, go_event(EVENT_GO_RUN, 2410, 7));
    expect(replay, 10, 400, 0);
    replay_close(replay);
}

Test(replay_wakes, only_a_wake_up_is_split)
{
    struct replay *replay = with_waiting(&both);
    feed(replay, create_event(1200, 8, DEMO_PC));
    feed(replay, on(10, go_event(EVENT_GO_RUN, 1300, 8)));
    cr_assert_null(replay_derived(replay), "a first run");
    feed(replay, on(10, go_event(EVENT_GO_YIELD, 1400, 8)));
    feed(replay, on(10, go_event(EVENT_GO_RUN, 1500, 8)));
    cr_assert_null(replay_derived(replay), "a run after a yield");
    replay_close(replay);
}

/* 1,000 wake-ups with all kinds of waits between: the three add up for each, and so do the histograms. */
Test(replay_wakes, the_parts_add_up_to_the_latency_exactly)
{
    struct replay *replay = with_waiting(&both);
    uint64_t now = 2000;
    unsigned state = 1;
    double sum = 0;
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t ready = now;
        feed(replay, on(99, go_event(EVENT_GO_READY, ready, 7)));
        for (unsigned wait = 0; wait < i % 40; wait++) {
            state = state * 1664525 + 1013904223;
            unsigned flags = state >> 31 ? EVENT_FLAG_THROTTLED : EVENT_FLAG_PREEMPT;
            feed(replay, switch_event(now += state >> 20 & 255, 0, 10, 0, 0, EVENT_FLAG_PREV | flags));
            feed(replay, switch_event(now += state >> 12 & 255, 0, 0, 10, 0, EVENT_FLAG_NEXT));
        }
        feed(replay, go_event(EVENT_GO_RUN, now += 10, 7));
        const struct event_go_wake *wake = wake_of(replay);
        cr_assert_eq(wake->go_queue + wake->run_queue + wake->throttled, now - ready);
        sum += (double)(now - ready);
        feed(replay, park_event(now += 10, 7, CHAN_RECEIVE));
        now += 10;
    }
    struct metrics metrics = {0};
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    const struct metric_value *values = metrics.values;
    cr_assert_eq(values[METRIC_GOROUTINES_WAKE_LATENCY].histogram.sum, sum);
    cr_assert_eq(values[METRIC_GOROUTINES_WAKE_GO_QUEUE].histogram.sum +
                     values[METRIC_GOROUTINES_WAKE_RUN_QUEUE].histogram.sum +
                     values[METRIC_GOROUTINES_WAKE_THROTTLED].histogram.sum,
                 sum);
    cr_assert_gt(values[METRIC_GOROUTINES_WAKE_RUN_QUEUE].histogram.sum, 0);
    cr_assert_gt(values[METRIC_GOROUTINES_WAKE_THROTTLED].histogram.sum, 0);
    for (unsigned id = METRIC_GOROUTINES_WAKE_GO_QUEUE; id <= METRIC_GOROUTINES_WAKE_THROTTLED; id++)
        cr_assert_eq(values[id].histogram.count, 1000);
    metrics_free(&metrics);
    replay_close(replay);
}

Test(replay_wakes, without_the_kernels_events_the_split_is_unknown)
{
    const struct replay_settings go_only = {.go_minor = 23, .go = true};
    struct replay *replay = with_waiting(&go_only);
    feed(replay, on(99, go_event(EVENT_GO_READY, 2000, 7)));
    feed(replay, go_event(EVENT_GO_RUN, 2850, 7));
    cr_assert_null(replay_derived(replay));
    struct metrics metrics = {0};
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    cr_assert(metrics.values[METRIC_GOROUTINES_WAKE_LATENCY].known);
    cr_assert_not(metrics.values[METRIC_GOROUTINES_WAKE_GO_QUEUE].known);
    cr_assert_str_eq(metrics.values[METRIC_GOROUTINES_WAKE_THROTTLED].reason, "the kernel probes were off");
    metrics_free(&metrics);
    replay_close(replay);
}

/* What a live replay wrote into the trace is not counted again when the trace is replayed. */
Test(replay_wakes, records_of_an_earlier_replay_are_ignored)
{
    struct replay *replay = with_waiting(&both);
    feed(replay, on(99, go_event(EVENT_GO_READY, 2000, 7)));
    feed(replay, go_event(EVENT_GO_RUN, 2850, 7));
    struct event_go_wake stored = *wake_of(replay);
    cr_assert_eq(replay_event(replay, &stored.header), 0);
    cr_assert_null(replay_derived(replay));
    struct metrics metrics = {0};
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    cr_assert_eq(metrics.values[METRIC_GOROUTINES_WAKE_GO_QUEUE].histogram.count, 1);
    cr_assert_not(metrics.values[METRIC_GOROUTINES_WAKE_GO_QUEUE].lossy);
    metrics_free(&metrics);
    replay_close(replay);
}
