/* The stretch of a trace that the timeline shows: where it lies, its lanes, who woke whom. */
#include <criterion/criterion.h>
#include <string.h>

#include "runner/report/page/stretch.h"
#include "tests/unit/replay_events.h"
#include "tests/unit/trace_sample.h"

#define START 1000000

static void write_events(struct sample_folder *folder, const union any_event *events, size_t count)
{
    struct trace_settings settings = sample_settings();
    struct trace_writer *writer = sample_writer(folder->dir, &settings);
    struct error error = {0};
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(trace_write(writer, &events[i].header, event_type(events[i].header.kind)->size), 0);
    cr_assert_eq(trace_writer_close(writer, 0, NULL, &error), 0);
}

static json_t *stretch_of(const union any_event *events, size_t count, uint64_t around)
{
    struct sample_folder folder = sample_folder_make();
    struct error error = {0};
    json_t *json = NULL, *symbols = json_pack("{s: s}", "0x400200", "main.worker");
    write_events(&folder, events, count);
    cr_assert_eq(stretch_read(folder.dir, symbols, around, &json, &error), 0, "%s", error.text);
    json_decref(symbols);
    sample_folder_remove(&folder);
    return json;
}

static const json_t *lane_of(const json_t *json, const char *name)
{
    const json_t *lane;
    size_t index;
    json_array_foreach (json_object_get(json, "lanes"), index, lane)
        if (strcmp(json_string_value(json_object_get(lane, "name")), name) == 0)
            return lane;
    cr_assert(false, "no lane %s", name);
    return NULL;
}

static const char *states_of(const json_t *lane)
{
    return json_string_value(json_object_get(json_object_get(lane, "spans"), "state"));
}

static json_int_t span(const json_t *lane, const char *column, size_t index)
{
    return json_integer_value(json_array_get(json_object_get(json_object_get(lane, "spans"), column), index));
}

static const char *text_of(const json_t *json, const json_t *lane, size_t index)
{
    return json_string_value(
        json_array_get(json_object_get(json, "names"), (size_t)span(lane, "text", index)));
}

static union any_event on_thread(union any_event event, uint32_t tid)
{
    event.header.tid = tid;
    return event;
}

static union any_event waking(uint64_t time, uint32_t tid, uint32_t waker)
{
    union any_event event = event_of(EVENT_SCHED_WAKING, time, tid, 10);
    event.wake.waker_tid = waker;
    return event;
}

/* Thread 10 (main) makes goroutine 2, which thread 11 runs; it makes a system call and waits. */
static json_t *life(uint64_t around)
{
    const union any_event events[] = {
        switch_event(START, 0, 0, 10, 0, EVENT_FLAG_NEXT),
        go_event(EVENT_GO_RUN, START + 5, 1),
        proc_event(EVENT_GO_P_BIND, START + 6, 10, 0),
        create_event(START + 10, 2, 0x400200),
        waking(START + 12, 11, 10),
        event_of(EVENT_SCHED_WAKEUP, START + 13, 11, 10),
        switch_event(START + 20, 1, 0, 11, 0, EVENT_FLAG_NEXT),
        on_thread(go_event(EVENT_GO_RUN, START + 25, 2), 11),
        on_thread(go_event(EVENT_GO_SYSCALL_ENTER, START + 30, 2), 11),
        on_thread(go_event(EVENT_GO_SYSCALL_EXIT, START + 40, 2), 11),
        on_thread(park_event(START + 50, 2, 2), 11),
        switch_event(START + 60, 1, 11, 0, 1, EVENT_FLAG_PREV),
        switch_event(START + 70, 0, 10, 0, 0, EVENT_FLAG_PREV | EVENT_FLAG_PREEMPT),
        {.mark = {.header = {.time = START + 80, .kind = EVENT_MARK, .cpu = EVENT_CPU_USER},
                  .mark = MARK_END}},
    };
    return stretch_of(events, sizeof events / sizeof *events, around);
}

Test(report_stretch, lanes_say_what_threads_and_goroutines_did)
{
    json_t *json = life(0);
    cr_expect_eq(json_integer_value(json_object_get(json, "from_ns")), 0);
    cr_expect_eq(json_integer_value(json_object_get(json, "to_ns")), 80);
    cr_expect_eq(json_integer_value(json_object_get(json, "events")), 14);
    const json_t *thread = lane_of(json, "M 11");
    cr_expect_str_eq(states_of(thread), "qr");
    cr_expect_eq(span(thread, "length", 1), 40);
    cr_expect_str_eq(text_of(json, thread, 1), "CPU 1");
    const json_t *worker = lane_of(json, "G2 main.worker");
    cr_expect_str_eq(states_of(worker), "qrsrw");
    static const json_int_t lengths[] = {15, 5, 10, 10, 30};
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(span(worker, "length", i), lengths[i], "span %zu", i);
    cr_expect_eq(span(worker, "start", 0), 10);
    cr_expect_eq(span(worker, "start", 1), 15, "the difference to the one before");
    cr_expect_str_eq(text_of(json, worker, 4), "waiting: IO wait");
    cr_expect_str_eq(states_of(lane_of(json, "P 0")), "p");
    const json_t *mark = json_array_get(json_object_get(json, "marks"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(mark, "mark")), "end");
    json_decref(json);
}

Test(report_stretch, arrows_lead_from_who_wakes)
{
    json_t *json = life(0);
    const json_t *arrows = json_object_get(json, "arrows"), *lanes = json_object_get(json, "lanes");
    cr_assert_eq(json_array_size(json_object_get(arrows, "at")), 2);
    static const struct {
        json_int_t at, length;
        const char *to;
    } wanted[] = {{10, 15, "G2 main.worker"}, {2, 0, "M 11"}};
    for (size_t i = 0; i < 2; i++) {
        size_t from = (size_t)json_integer_value(json_array_get(json_object_get(arrows, "from"), i));
        size_t to = (size_t)json_integer_value(json_array_get(json_object_get(arrows, "to"), i));
        cr_expect_eq(json_integer_value(json_array_get(json_object_get(arrows, "at"), i)), wanted[i].at);
        cr_expect_eq(json_integer_value(json_array_get(json_object_get(arrows, "length"), i)),
                     wanted[i].length);
        cr_expect_str_eq(json_string_value(json_object_get(json_array_get(lanes, from), "name")), "M 10");
        cr_expect_str_eq(json_string_value(json_object_get(json_array_get(lanes, to), "name")), wanted[i].to);
    }
    json_decref(json);
}

enum { MANY = 3 * STRETCH_EVENTS };

/* Goroutine 1 runs and yields all along, 7 has waited since the beginning. */
static json_t *long_life(uint64_t around)
{
    static union any_event events[MANY];
    events[0] = go_event(EVENT_GO_RUN, START, 7);
    events[1] = park_event(START + 1, 7, 2);
    for (size_t i = 2; i < MANY; i++)
        events[i] = go_event(i % 2 ? EVENT_GO_YIELD : EVENT_GO_RUN, START + 10 * i, 1);
    return stretch_of(events, MANY, around);
}

Test(report_stretch, a_long_trace_is_cut_around_the_time)
{
    static const struct {
        uint64_t around, from, to;
    } cases[] = {{10 * MANY / 2, 10 * (MANY - STRETCH_EVENTS) / 2, 10 * (MANY + STRETCH_EVENTS) / 2 - 10},
                 {0, 0, 10 * STRETCH_EVENTS - 10},
                 {10 * (MANY - 5), 10 * (MANY - STRETCH_EVENTS), 10 * MANY - 10},
                 {UINT64_MAX, 10 * (MANY - STRETCH_EVENTS), 10 * MANY - 10}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *json = long_life(cases[i].around);
        cr_expect_eq(json_integer_value(json_object_get(json, "events")), STRETCH_EVENTS);
        cr_expect_eq(json_integer_value(json_object_get(json, "from_ns")), (json_int_t)cases[i].from, "%zu",
                     i);
        cr_expect_eq(json_integer_value(json_object_get(json, "to_ns")), (json_int_t)cases[i].to, "%zu", i);
        json_decref(json);
    }
}

Test(report_stretch, who_waits_from_end_to_end_has_no_lane)
{
    json_t *json = long_life(10 * MANY / 2);
    cr_expect_eq(json_integer_value(json_object_get(json, "at_rest")), 1);
    cr_expect_eq(json_array_size(json_object_get(json, "lanes")), 1);
    const json_t *lane = lane_of(json, "G1");
    cr_expect_eq(span(lane, "start", 0), json_integer_value(json_object_get(json, "from_ns")),
                 "cut at the edge");
    json_decref(json);
}

Test(report_stretch, an_empty_trace_has_none)
{
    cr_expect_null(stretch_of(NULL, 0, 0));
}
