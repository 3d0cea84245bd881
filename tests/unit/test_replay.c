#include "runner/replay/replay.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "replay_events.h"

enum { CHAN_RECEIVE_OF_1_23 = 14 };
#define DEMO_PC 0x480000

static const struct replay_settings everything = {.go_minor = 23, .sched = true, .go = true, .full = true};

static struct replay *opened(const struct replay_settings *settings)
{
    struct replay *replay = NULL;
    cr_assert_eq(replay_open(settings, &replay), 0);
    return replay;
}

static void feed(struct replay *replay, union any_event event)
{
    static uint32_t seq;
    if (event.header.cpu != EVENT_CPU_USER)
        event.header.seq = seq++;
    cr_assert_eq(replay_event(replay, &event.header), 0);
}

/* Two seconds of life: 100 goroutines that wait 5 us for a channel each; one is left waiting. */
static void play(struct replay *replay)
{
    const uint64_t second = 1000000000;
    feed(replay, mark_event(second, MARK_BARRIER));
    feed(replay, mark_event(second, MARK_START));
    feed(replay, switch_event(second, 0, 0, 10, 0, EVENT_FLAG_NEXT));
    for (uint64_t goid = 2; goid < 102; goid++) {
        uint64_t start = second + goid * 10000;
        feed(replay, create_event(start, goid, DEMO_PC));
        feed(replay, go_event(EVENT_GO_RUN, start + 100, goid));
        feed(replay, park_event(start + 1000, goid, CHAN_RECEIVE_OF_1_23));
        if (goid == 101)
            break;
        feed(replay, go_event(EVENT_GO_READY, start + 6000, goid));
        feed(replay, go_event(EVENT_GO_RUN, start + 6200, goid));
        feed(replay, go_event(EVENT_GO_EXIT, start + 7000, goid));
    }
    feed(replay, mark_event(3 * second, MARK_END));
    feed(replay, create_event(3 * second + 1, 500, DEMO_PC)); /* behind the end: not of this life */
}

static double value_of(const struct metrics *metrics, const char *name)
{
    const struct metric_value *value = &metrics->values[metric_by_name(name)->id];
    cr_assert(value->known, "%s: %s", name, value->reason ? value->reason : "");
    return value->value;
}

Test(replay, events_become_figures)
{
    struct replay *replay = opened(&everything);
    play(replay);
    struct metrics metrics = {0};
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    cr_assert_eq(value_of(&metrics, "time.wall"), 2e9);
    cr_assert_eq(value_of(&metrics, "goroutines.created"), 100);
    cr_assert_eq(value_of(&metrics, "goroutines.exited"), 99);
    cr_assert_eq(value_of(&metrics, "goroutines.alive_at_end"), 1);
    cr_assert_eq(value_of(&metrics, "goroutines.leaked"), 1);
    cr_assert_eq(value_of(&metrics, "goroutines.create_per_s"), 50);
    cr_assert_eq(value_of(&metrics, "goroutines.parks"), 100);
    cr_assert_eq(value_of(&metrics, "goroutines.block_time"), 5000);
    cr_assert_eq(value_of(&metrics, "goroutines.wake_latency"), 200);
    cr_assert_eq(value_of(&metrics, "sched.on_cpu"), 2e9);
    cr_assert_eq(value_of(&metrics, "gc.count"), 0);
    cr_assert_not(metrics.values[METRIC_GC_CYCLE_TIME].known, "nothing to take a median of");
    cr_assert_not(metrics.values[METRIC_GOROUTINES_CREATED].lossy);
    json_t *parks = metrics.values[METRIC_GOROUTINES_PARKS].parts;
    cr_assert_eq(json_integer_value(json_object_get(parks, "chan receive")), 100);
    json_t *leaks = replay_leaked_json(replay);
    cr_assert_eq(json_array_size(leaks), 1);
    cr_assert_str_eq(json_string_value(json_object_get(json_array_get(leaks, 0), "reason")), "chan receive");
    json_decref(leaks);
    metrics_free(&metrics);
    replay_close(replay);
}

Test(replay, a_lost_event_marks_the_figures)
{
    struct replay *replay = opened(&everything);
    union any_event event = create_event(100, 5, DEMO_PC);
    cr_assert_eq(replay_event(replay, &event.header), 0);
    event = go_event(EVENT_GO_RUN, 110, 5);
    event.header.seq = 3;
    cr_assert_eq(replay_event(replay, &event.header), 0);
    struct metrics metrics = {0};
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    cr_assert(metrics.values[METRIC_GOROUTINES_CREATED].lossy);
    cr_assert_eq(metrics.values[METRIC_GOROUTINES_CREATED].lost, 2);
    metrics_free(&metrics);
    replay_close(replay);
}

Test(replay, what_was_not_probed_is_unknown_with_a_reason)
{
    const struct replay_settings nothing = {0};
    struct replay *replay = opened(&nothing);
    struct metrics metrics = {0};
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    for (unsigned id = METRIC_SCHED_RUN_QUEUE_LATENCY; id < METRIC_ID_COUNT; id++) {
        cr_assert_not(metrics.values[id].known);
        cr_assert_not_null(metrics.values[id].reason, "%s", metric_info((enum metric_id)id)->name);
    }
    metrics_free(&metrics);
    replay_close(replay);
}

Test(replay, implausible_goroutines_turn_their_figures_off)
{
    struct replay *replay = opened(&everything);
    for (uint64_t i = 0; i < 300; i++) {
        union any_event event = park_event(100 + i, UINT64_C(0xc000000000000) + i * 8, 200);
        cr_assert_eq(replay_event(replay, &event.header), 0);
        cr_assert_eq(replay_go_failed(replay), i >= 255, "told as soon as it is sure");
    }
    char why[200];
    cr_assert_not(replay_plausible(replay, why, sizeof why));
    cr_assert_not_null(strstr(why, "256 of the first 256"), "%s", why);
    struct metrics metrics = {0};
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    cr_assert_not(metrics.values[METRIC_GOROUTINES_CREATED].known);
    metrics_free(&metrics);
    replay_close(replay);
}

Test(replay, a_real_life_is_plausible)
{
    struct replay *replay = opened(&everything);
    play(replay);
    char why[200];
    cr_assert(replay_plausible(replay, why, sizeof why), "%s", why);
    cr_assert_not(replay_go_failed(replay));
    replay_close(replay);
}

static uint64_t random_word(unsigned *state)
{
    *state = *state * 1664525 + 1013904223;
    static const uint64_t corners[] = {0, 1, UINT64_MAX, INT64_MAX, (uint64_t)1 << 63, UINT32_MAX};
    if (*state >> 30 == 0)
        return corners[(*state >> 8) % 6];
    return *state >> 8;
}

/* No part of a wake-up is longer than all time, nor are they together. */
static void check_wake(const struct event_go_wake *wake, uint64_t newest)
{
    uint64_t sum = 0;
    if (wake)
        cr_assert(!__builtin_add_overflow(wake->go_queue, wake->run_queue, &sum) &&
                  !__builtin_add_overflow(wake->throttled, sum, &sum) && sum <= newest);
}

/* Records with any content in any order: nothing may overflow, crash or come out negative. */
Test(replay, a_hostile_trace_yields_figures_that_are_consistent)
{
    for (unsigned seed = 1; seed <= 20; seed++) {
        struct replay *replay = opened(&everything);
        unsigned state = seed;
        uint64_t newest = 0;
        for (unsigned i = 0; i < 20000; i++) {
            union {
                uint64_t words[EVENT_SIZE_MAX / 8];
                union any_event event;
            } record;
            for (unsigned word = 0; word < EVENT_SIZE_MAX / 8; word++)
                record.words[word] = random_word(&state);
            struct event_header *header = &record.event.header;
            header->kind = (uint16_t)(random_word(&state) % 52);
            if (header->kind == EVENT_MARK && i < 15000)
                header->kind = EVENT_SCHED_SWITCH;
            header->tid %= 50; /* often the same ones */
            header->pid %= 5;
            header->goid %= 100;
            cr_assert_eq(replay_event(replay, header), 0);
            newest = header->time > newest ? header->time : newest;
            check_wake((const struct event_go_wake *)replay_derived(replay), newest);
        }
        struct metrics metrics = {0};
        cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
        json_t *series = replay_series_json(replay);
        cr_assert_leq(json_array_size(json_object_get(series, "created")), 200);
        json_decref(series);
        for (unsigned id = 0; id < METRIC_ID_COUNT; id++)
            cr_assert_geq(metrics.values[id].value, 0, "%s", metric_info((enum metric_id)id)->name);
        json_t *leaks = replay_leaked_json(replay);
        cr_assert_leq(json_array_size(leaks), 50);
        json_decref(leaks);
        metrics_free(&metrics);
        replay_close(replay);
    }
}

/* A goroutine waits `latency` ns for its turn at `start`. */
static void wake(struct replay *replay, uint64_t start, uint64_t goid, uint64_t latency)
{
    feed(replay, create_event(start, goid, DEMO_PC));
    feed(replay, go_event(EVENT_GO_RUN, start + 100, goid));
    feed(replay, park_event(start + 1000, goid, CHAN_RECEIVE_OF_1_23));
    feed(replay, go_event(EVENT_GO_READY, start + 6000, goid));
    feed(replay, go_event(EVENT_GO_RUN, start + 6000 + latency, goid));
    feed(replay, go_event(EVENT_GO_EXIT, start + 6000 + latency + 100, goid));
}

Test(replay, with_a_window_distributions_are_of_it_and_counts_of_the_whole_life)
{
    const uint64_t second = 1000000000;
    static const struct observer_losses none = {0};
    struct replay *replay = opened(&everything);
    struct metrics metrics = {0};
    feed(replay, mark_event(second, MARK_START));
    feed(replay, switch_event(second, 0, 0, 10, 0, EVENT_FLAG_NEXT));
    wake(replay, second + 100000, 2, 70);
    feed(replay, mark_event(2 * second, MARK_WINDOW_START));
    wake(replay, 2 * second + 100000, 3, 80);
    wake(replay, 2 * second + 200000, 4, 90);
    feed(replay, mark_event(3 * second, MARK_WINDOW_END));
    wake(replay, 3 * second + 100000, 5, 100);
    feed(replay, mark_event(4 * second, MARK_END));
    cr_assert_eq(replay_finish(replay, &none, &metrics), 0);
    const struct histogram *latency = &metrics.values[METRIC_GOROUTINES_WAKE_LATENCY].histogram;
    cr_expect_eq(latency->count, 2);
    cr_expect_eq(latency->min, 80);
    cr_expect_eq(latency->max, 90);
    cr_expect_eq(value_of(&metrics, "goroutines.created"), 4);
    cr_expect_eq(value_of(&metrics, "goroutines.parks"), 4);
    metrics_free(&metrics);
    replay_close(replay);
}

Test(replay, a_window_that_did_not_end_counts_from_its_start)
{
    const uint64_t second = 1000000000;
    static const struct observer_losses none = {0};
    struct replay *replay = opened(&everything);
    struct metrics metrics = {0};
    feed(replay, mark_event(second, MARK_START));
    feed(replay, switch_event(second, 0, 0, 10, 0, EVENT_FLAG_NEXT));
    wake(replay, second + 100000, 2, 70);
    feed(replay, mark_event(2 * second, MARK_WINDOW_START));
    wake(replay, 2 * second + 100000, 3, 80);
    cr_assert_eq(replay_finish(replay, &none, &metrics), 0);
    cr_expect_eq(metrics.values[METRIC_GOROUTINES_WAKE_LATENCY].histogram.count, 1);
    metrics_free(&metrics);
    replay_close(replay);
}
