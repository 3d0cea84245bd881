#include "runner/heatmap/heatmap.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "heatmap_cells.h"
#include "replay_events.h"
#include "runner/replay/replay.h"

#define BOTH  (EVENT_FLAG_PREV | EVENT_FLAG_NEXT)
#define SLEEP 1u
#define BIN   1024

/* A heat map and the replay that feeds it. What it is told is written down for comparison. */
struct heat {
    struct heatmap *heatmap;
    struct replay_listener listener;
    struct replay *replay;
    struct metrics metrics;
    json_t *json;
    struct replay_slice *slices;
    struct replay_wait *waits;
    size_t slice_count, wait_count, room;
};

static void hear_slice(void *context, const struct replay_slice *slice)
{
    struct heat *heat = context;
    heat->listener.on_slice(heat->listener.context, slice);
    cr_assert_lt(heat->slice_count, heat->room);
    heat->slices[heat->slice_count++] = *slice;
}

static void hear_wait(void *context, const struct replay_wait *wait)
{
    struct heat *heat = context;
    heat->listener.on_wait(heat->listener.context, wait);
    cr_assert_lt(heat->wait_count, heat->room);
    heat->waits[heat->wait_count++] = *wait;
}

static void heat_open(struct heat *heat, bool sched, size_t room)
{
    *heat = (struct heat){.room = room};
    heat->slices = calloc(room, sizeof *heat->slices);
    heat->waits = calloc(room, sizeof *heat->waits);
    cr_assert_eq(heatmap_open(&heat->heatmap), 0);
    heat->listener = heatmap_listener(heat->heatmap);
    const struct replay_settings settings = {.sched = sched, .listener = {heat, hear_slice, hear_wait}};
    cr_assert_eq(replay_open(&settings, &heat->replay), 0);
}

static void heat_feed(struct heat *heat, union any_event event)
{
    heatmap_event(heat->heatmap, &event.header);
    cr_assert_eq(replay_event(heat->replay, &event.header), 0);
}

/* The sums agree with the metrics, the cells with the sums. */
static void heat_finish(struct heat *heat)
{
    cr_assert_eq(replay_finish(heat->replay, NULL, &heat->metrics), 0);
    heat->json = heatmap_finish(heat->heatmap, &heat->metrics, NULL);
    cr_assert_not_null(heat->json);
    const struct metric_value *on_cpu = &heat->metrics.values[METRIC_SCHED_ON_CPU];
    const struct metric_value *waits = &heat->metrics.values[METRIC_SCHED_RUN_QUEUE_LATENCY];
    if (!on_cpu->known)
        return;
    cr_assert_eq(heatmap_sum(heat->json, "on_cpu"), (uint64_t)on_cpu->value);
    cr_assert_eq(heatmap_number(heat->json, "on_cpu", "sum_ns"), (json_int_t)on_cpu->value);
    cr_assert_eq(heatmap_sum(heat->json, "run_queue"), waits->histogram.count);
    cr_assert_eq((uint64_t)heatmap_number(heat->json, "run_queue", "waits"), waits->histogram.count);
    cr_assert_eq((json_int_t)heatmap_sum(heat->json, "throttled"),
                 heatmap_number(heat->json, "throttled", "waits"));
}

static void heat_close(struct heat *heat)
{
    json_decref(heat->json);
    metrics_free(&heat->metrics);
    replay_close(heat->replay);
    heatmap_close(heat->heatmap);
    free(heat->slices);
    free(heat->waits);
}

static json_int_t number(const struct heat *heat, const char *key)
{
    return json_integer_value(json_object_get(heat->json, key));
}

static void expect_json(const json_t *json, const char *wanted)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    cr_assert_str_eq(text, wanted);
    free(text);
}

static void expect_rows(const struct heat *heat, const char *map, const char *wanted)
{
    expect_json(heatmap_rows(heat->json, map), wanted);
}

Test(heatmap, a_slice_is_split_over_the_columns_that_it_crosses)
{
    struct heat heat;
    heat_open(&heat, true, 8);
    heat_feed(&heat, mark_event(1000, MARK_BARRIER));
    heat_feed(&heat, switch_event(1000 + 500, 1, 0, 11, 0, EVENT_FLAG_NEXT));
    heat_feed(&heat, switch_event(1000 + 3 * BIN + 7, 1, 11, 0, SLEEP, EVENT_FLAG_PREV));
    heat_feed(&heat, switch_event(1000 + 6 * BIN, 0, 0, 11, 0, EVENT_FLAG_NEXT));
    heat_feed(&heat, mark_event(1000 + 6 * BIN + 100, MARK_END));
    heat_finish(&heat);
    expect_rows(&heat, "on_cpu", "[{\"cpu\":0,\"ns\":[-6,100]},{\"cpu\":1,\"ns\":[524,1024,1024,7]}]");
    expect_rows(&heat, "run_queue", "[]");
    cr_expect_eq(number(&heat, "start_ns"), 1000);
    cr_expect_eq(number(&heat, "end_ns"), 6 * BIN + 100);
    cr_expect_eq(number(&heat, "bin_ns"), BIN);
    cr_expect_eq(number(&heat, "columns"), 7);
    cr_expect_eq(number(&heat, "schema"), HEATMAP_SCHEMA);
    expect_json(json_object_get(heat.json, "marks"),
                "[{\"mark\":\"barrier\",\"at_ns\":0},{\"mark\":\"end\",\"at_ns\":6244}]");
    heat_close(&heat);
}

/* 11 is preempted and waits 300 ns; 12 is woken and waits 5000 ns; 11 is throttled for 8000 ns. */
Test(heatmap, waits_in_the_run_queue_and_for_cpu_max_are_told_apart)
{
    struct heat heat;
    heat_open(&heat, true, 8);
    heat_feed(&heat, switch_event(0, 0, 0, 11, 0, EVENT_FLAG_NEXT));
    heat_feed(&heat, switch_event(100, 0, 11, 99, SLEEP, EVENT_FLAG_PREV | EVENT_FLAG_PREEMPT));
    heat_feed(&heat, switch_event(400, 0, 99, 11, 0, EVENT_FLAG_NEXT));
    heat_feed(&heat, event_of(EVENT_SCHED_WAKING, 2000, 12, 10));
    heat_feed(&heat, event_of(EVENT_SCHED_WAKEUP, 2100, 12, 10));
    heat_feed(&heat, switch_event(7000, 0, 11, 12, 0, BOTH | EVENT_FLAG_THROTTLED));
    heat_feed(&heat, switch_event(15000, 1, 0, 11, 0, EVENT_FLAG_NEXT));
    heat_feed(&heat, switch_event(15000, 0, 12, 0, SLEEP, EVENT_FLAG_PREV));
    heat_finish(&heat);
    expect_rows(&heat, "run_queue",
                "[{\"from_ns\":256,\"to_ns\":319,\"waits\":[1]},"
                "{\"from_ns\":4096,\"to_ns\":5119,\"waits\":[-6,1]}]");
    expect_rows(&heat, "throttled", "[{\"from_ns\":7168,\"to_ns\":8191,\"waits\":[-14,1]}]");
    expect_json(json_object_get(json_object_get(heat.json, "run_queue"), "longest"),
                "{\"from_ns\":2000,\"to_ns\":7000,\"tid\":12,\"cpu\":0}");
    expect_json(json_object_get(json_object_get(heat.json, "throttled"), "longest"),
                "{\"from_ns\":7000,\"to_ns\":15000,\"tid\":11,\"cpu\":1}");
    heat_close(&heat);
}

Test(heatmap, columns_double_until_a_long_trial_fits)
{
    enum { TURNS = 20000 };
    struct heat heat;
    heat_open(&heat, true, TURNS + 1);
    for (uint64_t i = 0; i < TURNS; i++) {
        uint64_t time = 77 + i * 1000000;
        heat_feed(&heat, event_of(EVENT_SCHED_WAKING, time, 11, 10));
        heat_feed(&heat, switch_event(time + 1000 + i, (uint8_t)(i % 3), 0, 11, 0, EVENT_FLAG_NEXT));
        heat_feed(&heat, switch_event(time + 3 * i + 1001, (uint8_t)(i % 3), 11, 0, SLEEP, EVENT_FLAG_PREV));
    }
    heat_finish(&heat);
    json_int_t bin = number(&heat, "bin_ns");
    cr_expect_eq(bin, 1 << 24, "20 s in at most 2048 columns of 2^k ns");
    cr_expect_eq(number(&heat, "columns"), (TURNS * INT64_C(1000000) + bin - 1) / bin);
    cr_expect_eq(heatmap_sum(heat.json, "on_cpu"), TURNS + TURNS * (TURNS - UINT64_C(1)));
    cr_expect_eq(heatmap_sum(heat.json, "run_queue"), TURNS);
    cr_expect_eq(json_array_size(heatmap_rows(heat.json, "on_cpu")), 3);
    heat_close(&heat);
}

Test(heatmap, every_cpu_that_an_event_can_name_has_its_row)
{
    struct heat heat;
    heat_open(&heat, true, 512);
    for (unsigned cpu = 0; cpu < EVENT_CPU_USER; cpu++) {
        heat_feed(&heat, switch_event(cpu, (uint8_t)cpu, 0, 100 + cpu, 0, EVENT_FLAG_NEXT));
    }
    for (unsigned cpu = 0; cpu < EVENT_CPU_USER; cpu++)
        heat_feed(&heat, switch_event(5000, (uint8_t)cpu, 100 + cpu, 0, SLEEP, EVENT_FLAG_PREV));
    heat_finish(&heat);
    const json_t *rows = heatmap_rows(heat.json, "on_cpu");
    cr_assert_eq(json_array_size(rows), EVENT_CPU_USER);
    for (unsigned cpu = 0; cpu < EVENT_CPU_USER; cpu++) {
        const json_t *row = json_array_get(rows, cpu);
        cr_assert_eq(json_integer_value(json_object_get(row, "cpu")), cpu);
        cr_assert_eq(json_integer_value(json_array_get(json_object_get(row, "ns"), 0)), BIN - cpu);
    }
    heat_close(&heat);
}

Test(heatmap, a_time_that_goes_back_takes_nothing_away)
{
    struct heat heat;
    heat_open(&heat, true, 8);
    heat_feed(&heat, switch_event(9000, 0, 0, 11, 0, EVENT_FLAG_NEXT));
    heat_feed(&heat, switch_event(9500, 0, 11, 0, SLEEP, EVENT_FLAG_PREV));
    heat_feed(&heat, switch_event(100, 0, 0, 11, 0, EVENT_FLAG_NEXT));
    heat_feed(&heat, mark_event(50, MARK_WINDOW_START));
    heat_feed(&heat, switch_event(9700, 0, 11, 0, SLEEP, EVENT_FLAG_PREV));
    heat_finish(&heat);
    expect_rows(&heat, "on_cpu", "[{\"cpu\":0,\"ns\":[700]}]");
    expect_json(json_object_get(heat.json, "marks"), "[{\"mark\":\"window start\",\"at_ns\":500}]");
    cr_expect_eq(number(&heat, "end_ns"), 700);
    heat_close(&heat);
}

Test(heatmap, nothing_comes_of_no_event)
{
    struct heat heat;
    heat_open(&heat, true, 1);
    heat_finish(&heat);
    cr_expect(json_is_null(json_object_get(heat.json, "start_ns")));
    cr_expect(json_is_null(json_object_get(heat.json, "end_ns")));
    cr_expect(json_is_null(json_object_get(heat.json, "bin_ns")));
    cr_expect_eq(number(&heat, "columns"), 0);
    expect_json(json_object_get(heat.json, "on_cpu"),
                "{\"sum_ns\":null,\"reason\":\"the kernel probes saw no thread\",\"rows\":[]}");
    expect_json(json_object_get(heat.json, "gaps"), "{\"lost\":0,\"bridged_ns\":0,\"list\":[]}");
    heat_close(&heat);
}

Test(heatmap, what_the_kernel_probes_did_not_see_is_not_zero)
{
    struct heat heat;
    heat_open(&heat, false, 1);
    heat_feed(&heat, mark_event(100, MARK_BARRIER));
    heat_feed(&heat, go_event(EVENT_GO_RUN, 200, 1));
    heat_finish(&heat);
    expect_json(json_object_get(heat.json, "run_queue"),
                "{\"waits\":null,\"reason\":\"the kernel probes were off\",\"longest\":null,\"rows\":[]}");
    cr_expect_eq(number(&heat, "end_ns"), 100);
    heat_close(&heat);
}

Test(heatmap, the_whole_life_is_covered_and_the_window_marked)
{
    struct heat heat;
    heat_open(&heat, true, 8);
    heat_feed(&heat, mark_event(0, MARK_START));
    heat_feed(&heat, event_of(EVENT_SCHED_WAKING, 100, 11, 10));
    heat_feed(&heat, switch_event(200, 0, 0, 11, 0, EVENT_FLAG_NEXT));
    heat_feed(&heat, switch_event(300, 0, 11, 0, SLEEP, EVENT_FLAG_PREV));
    heat_feed(&heat, mark_event(400, MARK_WINDOW_START));
    heat_feed(&heat, event_of(EVENT_SCHED_WAKING, 500, 11, 10));
    heat_feed(&heat, switch_event(600, 0, 0, 11, 0, EVENT_FLAG_NEXT));
    heat_feed(&heat, mark_event(700, MARK_LOAD_STEP));
    heat_feed(&heat, mark_event(800, MARK_WINDOW_END));
    heat_feed(&heat, switch_event(900, 0, 11, 0, SLEEP, EVENT_FLAG_PREV));
    cr_assert_eq(replay_finish(heat.replay, NULL, &heat.metrics), 0);
    heat.json = heatmap_finish(heat.heatmap, &heat.metrics, NULL);
    cr_expect_eq(heat.metrics.values[METRIC_SCHED_RUN_QUEUE_LATENCY].histogram.count, 1);
    cr_expect_eq(heatmap_sum(heat.json, "run_queue"), 2);
    cr_expect_eq(heatmap_sum(heat.json, "on_cpu"), 400);
    expect_json(json_object_get(heat.json, "marks"),
                "[{\"mark\":\"start\",\"at_ns\":0},{\"mark\":\"window start\",\"at_ns\":400},"
                "{\"mark\":\"load step\",\"at_ns\":700},{\"mark\":\"window end\",\"at_ns\":800}]");
    heat_close(&heat);
}

Test(heatmap, nothing_counts_behind_the_end)
{
    struct heat heat;
    heat_open(&heat, true, 8);
    heat_feed(&heat, switch_event(100, 0, 0, 11, 0, EVENT_FLAG_NEXT));
    heat_feed(&heat, mark_event(600, MARK_END));
    heat_feed(&heat, switch_event(900, 0, 11, 0, SLEEP, EVENT_FLAG_PREV));
    heat_feed(&heat, mark_event(900, MARK_STOP));
    union any_event far = event_of(EVENT_GO_RUN, 1000, 11, 10);
    far.header.seq = 50;
    heat_feed(&heat, far);
    heat_finish(&heat);
    expect_rows(&heat, "on_cpu", "[{\"cpu\":0,\"ns\":[500]}]");
    expect_json(json_object_get(heat.json, "marks"), "[{\"mark\":\"end\",\"at_ns\":500}]");
    cr_expect_eq(json_integer_value(json_object_get(json_object_get(heat.json, "gaps"), "lost")), 0);
    heat_close(&heat);
}

/* 17 events are missing on CPU 2 between 300 and 900, and the figures say that they may be touched. */
Test(heatmap, a_gap_is_told_with_its_cpu_and_time_and_marks_the_sums)
{
    struct heat heat;
    heat_open(&heat, true, 8);
    union any_event before = switch_event(300, 2, 0, 11, 0, EVENT_FLAG_NEXT);
    union any_event after = switch_event(900, 2, 11, 0, SLEEP, EVENT_FLAG_PREV);
    before.header.seq = 41;
    after.header.seq = 59;
    heat_feed(&heat, mark_event(100, MARK_START));
    heat_feed(&heat, before);
    heat_feed(&heat, after);
    heat_finish(&heat);
    expect_json(json_object_get(heat.json, "gaps"),
                "{\"lost\":17,\"bridged_ns\":0,\"list\":"
                "[{\"cpu\":2,\"from_ns\":200,\"to_ns\":800,\"lost\":17}]}");
    static const char *const maps[] = {"on_cpu", "run_queue", "throttled"};
    for (size_t i = 0; i < 3; i++) {
        cr_expect(json_is_true(json_object_get(json_object_get(heat.json, maps[i]), "lossy")));
        cr_expect_eq(heatmap_number(heat.json, maps[i], "lost"), 17);
    }
    heat_close(&heat);
}

Test(heatmap, marks_are_bounded)
{
    struct heat heat;
    heat_open(&heat, true, 1);
    for (uint64_t i = 0; i < 1000; i++)
        heat_feed(&heat, mark_event(i, i % 10));
    heat_finish(&heat);
    cr_expect_leq(json_array_size(json_object_get(heat.json, "marks")), 128);
    heat_close(&heat);
}

/* Row by row: each length lies in its row, and rows neither overlap nor leave anything out. */
Test(heatmap, each_length_of_a_wait_has_one_row)
{
    struct heat heat;
    heat_open(&heat, true, 1);
    struct replay_listener listener = heatmap_listener(heat.heatmap);
    heat_feed(&heat, switch_event(0, 0, 0, 11, 0, EVENT_FLAG_NEXT));
    uint64_t told = 0;
    for (unsigned bit = 0; bit < 64; bit++)
        for (int64_t off = -1; off <= 1; off++) {
            struct replay_wait wait = {.end = (UINT64_C(1) << bit) + (uint64_t)off};
            listener.on_wait(listener.context, &wait);
            told++;
        }
    for (uint64_t length = 0; length < 5000; length++, told++) {
        struct replay_wait wait = {.start = 7, .end = 7 + length, .throttled = true};
        listener.on_wait(listener.context, &wait);
    }
    cr_assert_eq(replay_finish(heat.replay, NULL, &heat.metrics), 0);
    heat.json = heatmap_finish(heat.heatmap, &heat.metrics, NULL);
    cr_expect_eq(heatmap_sum(heat.json, "run_queue") + heatmap_sum(heat.json, "throttled"), told);
    const json_t *rows = heatmap_rows(heat.json, "throttled");
    json_int_t next = 0;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        json_int_t from = json_integer_value(json_object_get(row, "from_ns"));
        json_int_t to = json_integer_value(json_object_get(row, "to_ns"));
        cr_assert_eq(from, next);
        json_int_t width = to + 1 - from;
        cr_assert(from < 4 ? width == 1 : 4 * width <= from, "%lld ns wide from %lld on", (long long)width,
                  (long long)from);
        json_int_t inside = to < 5000 ? width : 5000 - from;
        cr_assert_eq(json_integer_value(json_array_get(json_object_get(row, "waits"), 0)) +
                         json_integer_value(json_array_get(json_object_get(row, "waits"), 1)),
                     inside);
        next = to + 1;
    }
    cr_assert_gt(next, 4999);
    heat_close(&heat);
}

static uint64_t random_number(uint64_t *state, uint64_t below)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (*state >> 33) % below;
}

static union any_event random_event(uint64_t *state, uint64_t time)
{
    static const uint16_t kinds[] = {EVENT_SCHED_WAKING,  EVENT_SCHED_WAKEUP, EVENT_SCHED_SWITCH,
                                     EVENT_SCHED_SWITCH,  EVENT_SCHED_SWITCH, EVENT_SCHED_SWITCH,
                                     EVENT_PROCESS_FORK,  EVENT_PROCESS_EXEC, EVENT_PROCESS_EXIT,
                                     EVENT_SCHED_MIGRATE, EVENT_GO_RUN};
    union any_event event =
        switch_event(time, (uint8_t)random_number(state, 4), 10 + (uint32_t)random_number(state, 9),
                     10 + (uint32_t)random_number(state, 9), (uint32_t)random_number(state, 3),
                     (unsigned)random_number(state, 16));
    event.header.kind = kinds[random_number(state, sizeof kinds / sizeof *kinds)];
    event.header.seq = (uint32_t)(time / 1000);
    return event;
}

/* Whatever is lost or repaired: the cells are those of the slices and waits that the replay counted. */
Test(heatmap, any_stream_of_events_has_the_cells_of_its_slices)
{
    enum { EVENTS = 60000 };
    static uint64_t wanted[4][CELLS_MAX], cells[CELLS_MAX];
    struct heat heat;
    heat_open(&heat, true, 2 * EVENTS + 100);
    uint64_t state = 42;
    uint64_t time = 123456789;
    for (unsigned i = 0; i < EVENTS; i++) {
        time += random_number(&state, i % 100 ? 30000 : 3000000);
        heat_feed(&heat, random_event(&state, time - random_number(&state, 100)));
    }
    heat_finish(&heat);
    json_int_t bin = number(&heat, "bin_ns");
    uint64_t start = (uint64_t)number(&heat, "start_ns");
    cr_assert_gt(heat.slice_count, EVENTS / 20);
    cr_assert_gt(heat.wait_count, EVENTS / 20);
    for (size_t i = 0; i < heat.slice_count; i++)
        for (uint64_t at = heat.slices[i].start; at < heat.slices[i].end;) {
            uint64_t column = (at - start) / (uint64_t)bin;
            uint64_t edge = start + (column + 1) * (uint64_t)bin;
            uint64_t until = heat.slices[i].end < edge ? heat.slices[i].end : edge;
            cr_assert_lt(column, (uint64_t)number(&heat, "columns"));
            wanted[heat.slices[i].cpu][column] += until - at;
            at = until;
        }
    const json_t *rows = heatmap_rows(heat.json, "on_cpu");
    cr_assert_eq(json_array_size(rows), 4);
    for (size_t cpu = 0; cpu < 4; cpu++) {
        cr_assert(cells_read(json_object_get(json_array_get(rows, cpu), "ns"), cells));
        cr_assert_arr_eq(cells, wanted[cpu], sizeof cells);
    }
    heat_close(&heat);
}
