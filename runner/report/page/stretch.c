#include "runner/report/page/stretch.h"

#include <errno.h>
#include <stdlib.h>

#include "runner/metrics/metrics.h"
#include "runner/replay/replay.h"
#include "runner/report/page/lanes.h"
#include "runner/support/fd.h"
#include "runner/trace/trace.h"
#include "runner/tracks/tracks.h"

#define GOROUTINES_MOST (1u << 20)

struct bounds {
    uint64_t start, from, to; /* CLOCK_MONOTONIC ns: of the first event, and of the stretch */
    size_t events;
};

static int no_memory(struct error *error)
{
    return error_set(error, ERROR_INTERNAL, ENOMEM, "read a trace for the timeline");
}

/* --- where the stretch lies -------------------------------------------------------------------- */

struct times {
    uint64_t before[STRETCH_EVENTS],
        after[STRETCH_EVENTS]; /* the last and the first ones; `before` is a ring */
    size_t before_count, after_count;
};

/* Where one side has less than half, the other fills up. */
static void choose(const struct times *times, struct bounds *bounds)
{
    size_t half = STRETCH_EVENTS / 2, after = times->after_count;
    size_t room = after < STRETCH_EVENTS - half ? STRETCH_EVENTS - after : half;
    size_t before = times->before_count < room ? times->before_count : room;
    after = after < STRETCH_EVENTS - before ? after : STRETCH_EVENTS - before;
    bounds->events = before + after;
    bounds->from = before ? times->before[(times->before_count - before) % STRETCH_EVENTS] : times->after[0];
    bounds->to = after ? times->after[after - 1] : times->before[(times->before_count - 1) % STRETCH_EVENTS];
}

/* 1, 0 for an empty trace, or negative. */
static int find_bounds(int trace, uint64_t around, struct bounds *bounds, struct error *error)
{
    struct trace_reader *reader = NULL;
    const struct event_header *event;
    AUTO_FREE struct times *times = calloc(1, sizeof *times);
    if (!times)
        return no_memory(error);
    int result = trace_reader_open(trace, &reader, error);
    while (result >= 0 && times->after_count < STRETCH_EVENTS &&
           (result = trace_read(reader, &event, error)) > 0) {
        if (times->before_count + times->after_count == 0)
            bounds->start = event->time;
        if (event->time - bounds->start < around)
            times->before[times->before_count++ % STRETCH_EVENTS] = event->time;
        else
            times->after[times->after_count++] = event->time;
    }
    trace_reader_close(reader);
    if (result < 0 || times->before_count + times->after_count == 0)
        return result < 0 ? result : 0;
    choose(times, bounds);
    return 1;
}

/* --- what happens in it ------------------------------------------------------------------------ */

struct reading {
    struct trace_reader *reader;
    struct lanes *lanes;
    struct tracks *tracks;
    struct replay *replay;
    json_t *marks;
    uint64_t last;
};

static int open_reading(struct reading *reading, int trace, const json_t *symbols,
                        const struct bounds *bounds, struct error *error)
{
    int result = trace_reader_open(trace, &reading->reader, error);
    if (result < 0)
        return result;
    result = lanes_open(bounds->start, bounds->from, bounds->to, &reading->lanes);
    if (result == 0) {
        const struct tracks_settings settings = {.reader = reading->reader,
                                                 .symbols = symbols,
                                                 .process = "",
                                                 .goroutines_most = GOROUTINES_MOST,
                                                 .sink = lanes_sink(reading->lanes)};
        result = tracks_open(&settings, &reading->tracks);
    }
    if (result == 0) {
        const struct replay_settings settings = {.go_minor = trace_reader_go_minor(reading->reader),
                                                 .sched = true,
                                                 .listener = lanes_listener(reading->lanes)};
        result = replay_open(&settings, &reading->replay);
    }
    reading->marks = json_array();
    return result < 0 || !reading->marks ? no_memory(error) : 0;
}

static void close_reading(struct reading *reading)
{
    trace_reader_close(reading->reader);
    lanes_close(reading->lanes);
    tracks_close(reading->tracks);
    replay_close(reading->replay);
    json_decref(reading->marks);
}

static void add_mark(struct reading *reading, const struct event_header *event, uint64_t start)
{
    const char *name =
        trace_reader_name(reading->reader, FIELD_MARK, ((const struct event_mark *)event)->mark);
    json_array_append_new(reading->marks, json_pack("{s: s, s: I}", "mark", name ? name : "mark", "at_ns",
                                                    (json_int_t)(event->time - start)));
}

/* A little further than the stretch: what was begun in it is told when it ends. */
static int read_events(struct reading *reading, const struct bounds *bounds, struct error *error)
{
    const struct event_header *event;
    size_t beyond = 0;
    int result;
    while (beyond < STRETCH_EVENTS && (result = trace_read(reading->reader, &event, error)) > 0) {
        beyond += event->time > bounds->to;
        reading->last = event->time;
        if (event->kind == EVENT_MARK)
            add_mark(reading, event, bounds->start);
        lanes_event(reading->lanes, event);
        if (tracks_event(reading->tracks, event) < 0 || replay_event(reading->replay, event) < 0)
            return no_memory(error);
    }
    return beyond < STRETCH_EVENTS && result < 0 ? result : 0;
}

static int finish(struct reading *reading, const struct bounds *bounds, json_t **json, struct error *error)
{
    AUTO_FREE struct metrics *metrics = calloc(1, sizeof *metrics);
    if (!metrics || replay_finish(reading->replay, NULL, metrics) < 0)
        return no_memory(error);
    metrics_free(metrics);
    tracks_finish(reading->tracks, reading->last);
    *json = json_pack("{s: I, s: I, s: I, s: O}", "from_ns", (json_int_t)(bounds->from - bounds->start),
                      "to_ns", (json_int_t)(bounds->to - bounds->start), "events", (json_int_t)bounds->events,
                      "marks", reading->marks);
    if (*json && lanes_json(reading->lanes, *json) == 0)
        return 0;
    json_decref(*json);
    *json = NULL;
    return no_memory(error);
}

int stretch_read(int trace, const json_t *symbols, uint64_t around, json_t **json, struct error *error)
{
    struct bounds bounds = {0};
    *json = NULL;
    int result = find_bounds(trace, around, &bounds, error);
    if (result <= 0)
        return result;
    struct reading reading = {0};
    result = open_reading(&reading, trace, symbols, &bounds, error);
    if (result == 0)
        result = read_events(&reading, &bounds, error);
    if (result == 0)
        result = finish(&reading, &bounds, json, error);
    close_reading(&reading);
    return result;
}
