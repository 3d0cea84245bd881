#include "runner/heatmap/heatmap.h"

#include <errno.h>
#include <stdlib.h>

#include "runner/heatmap/gaps.h"
#include "runner/heatmap/grid.h"
#include "runner/trace/trace.h"

/* Room for the 64 steps that a load can have, and for what else a trial marks. */
enum { MARKS_MAX = 128 };

/* Waits: 0..3 exactly, then 4 rows to each of the 62 octaves up to the largest 64-bit number. */
enum { PER_OCTAVE_BITS = 2, PER_OCTAVE = 1 << PER_OCTAVE_BITS, WAIT_ROWS = 63 * PER_OCTAVE, CPU_ROWS = 256 };
_Static_assert(WAIT_ROWS <= GRID_ROWS_MAX && CPU_ROWS <= GRID_ROWS_MAX, "each has its row");

enum map { ON_CPU, RUN_QUEUE, THROTTLED, MAPS };

struct heatmap {
    struct time_axis axis;
    struct grid grids[MAPS];
    uint64_t sums[MAPS]; /* ns, or waits */
    struct replay_wait longest[MAPS];
    struct gaps gaps;
    struct {
        uint64_t time, mark;
    } marks[MARKS_MAX];
    size_t mark_count;
    uint64_t now;
    bool ended;
};

int heatmap_open(struct heatmap **heatmap)
{
    struct heatmap *opened = calloc(1, sizeof *opened);
    if (!opened)
        return -ENOMEM;
    int result = gaps_open(&opened->gaps);
    for (unsigned map = 0; result == 0 && map < MAPS; map++)
        result = grid_open(&opened->grids[map], map == ON_CPU ? CPU_ROWS : WAIT_ROWS);
    if (result < 0) {
        heatmap_close(opened);
        return result;
    }
    *heatmap = opened;
    return 0;
}

void heatmap_close(struct heatmap *heatmap)
{
    if (!heatmap)
        return;
    for (unsigned map = 0; map < MAPS; map++)
        grid_close(&heatmap->grids[map]);
    gaps_close(&heatmap->gaps);
    free(heatmap);
}

/* --- what comes in ---------------------------------------------------------------------------- */

static void reach(struct heatmap *heatmap, uint64_t time)
{
    if (!heatmap->axis.begun)
        axis_begin(&heatmap->axis, time);
    while (!axis_has(&heatmap->axis, time)) {
        axis_double(&heatmap->axis);
        for (unsigned map = 0; map < MAPS; map++)
            grid_halve(&heatmap->grids[map]);
    }
}

static void on_slice(void *context, const struct replay_slice *slice)
{
    struct heatmap *heatmap = context;
    reach(heatmap, slice->start);
    reach(heatmap, slice->end - 1);
    grid_spread(&heatmap->grids[ON_CPU], &heatmap->axis, slice->cpu, slice->start, slice->end);
    heatmap->sums[ON_CPU] += slice->end - slice->start;
}

static uint32_t wait_row(uint64_t length)
{
    if (length < PER_OCTAVE)
        return (uint32_t)length;
    unsigned shift = 63 - PER_OCTAVE_BITS - (unsigned)__builtin_clzll(length);
    return (uint32_t)((shift << PER_OCTAVE_BITS) + (length >> shift));
}

/* The shortest wait of a row; of the one behind the last row it is 0, as 2^64 is. */
static uint64_t row_start(uint32_t row)
{
    if (row < PER_OCTAVE)
        return row;
    unsigned shift = row / PER_OCTAVE - 1;
    return (uint64_t)(PER_OCTAVE + row % PER_OCTAVE) << shift;
}

static void on_wait(void *context, const struct replay_wait *wait)
{
    struct heatmap *heatmap = context;
    enum map map = wait->throttled ? THROTTLED : RUN_QUEUE;
    uint64_t length = wait->end - wait->start;
    reach(heatmap, wait->end);
    grid_count(&heatmap->grids[map], &heatmap->axis, wait_row(length), wait->end);
    struct replay_wait *longest = &heatmap->longest[map];
    if (heatmap->sums[map]++ == 0 || length > longest->end - longest->start)
        *longest = *wait;
}

struct replay_listener heatmap_listener(struct heatmap *heatmap)
{
    return (struct replay_listener){.context = heatmap, .on_slice = on_slice, .on_wait = on_wait};
}

static void on_mark(struct heatmap *heatmap, uint64_t mark)
{
    heatmap->ended = mark == MARK_END;
    if (mark > UINT32_MAX || !event_mark_name((uint32_t)mark) || heatmap->mark_count == MARKS_MAX)
        return;
    heatmap->marks[heatmap->mark_count].time = heatmap->now;
    heatmap->marks[heatmap->mark_count++].mark = mark;
}

void heatmap_event(struct heatmap *heatmap, const struct event_header *event)
{
    if (heatmap->ended) {
        gaps_event_behind(&heatmap->gaps, event, heatmap->now, UINT64_C(1) << heatmap->axis.shift);
        return;
    }
    if (event->time > heatmap->now)
        heatmap->now = event->time;
    if (!heatmap->axis.begun)
        axis_begin(&heatmap->axis, heatmap->now);
    gaps_event(&heatmap->gaps, event, heatmap->now, UINT64_C(1) << heatmap->axis.shift);
    if (event->kind == EVENT_MARK)
        on_mark(heatmap, ((const struct event_mark *)event)->mark);
}

/* --- what goes out ---------------------------------------------------------------------------- */

/* JSON's integers are signed here: what is larger is shown as the largest one rather than as a negative. */
static json_t *whole(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *at(const struct heatmap *heatmap, uint64_t time)
{
    uint64_t start = heatmap->axis.start;
    return whole(time > start ? time - start : 0);
}

static json_t *marks_json(const struct heatmap *heatmap)
{
    json_t *list = json_array();
    for (size_t i = 0; i < heatmap->mark_count; i++) {
        json_t *row = json_object();
        json_object_set_new(row, "mark", json_string(event_mark_name((uint32_t)heatmap->marks[i].mark)));
        json_object_set_new(row, "at_ns", at(heatmap, heatmap->marks[i].time));
        json_array_append_new(list, row);
    }
    return list;
}

static json_t *longest_json(const struct heatmap *heatmap, enum map map)
{
    if (heatmap->sums[map] == 0)
        return json_null();
    const struct replay_wait *longest = &heatmap->longest[map];
    json_t *object = json_object();
    json_object_set_new(object, "from_ns", at(heatmap, longest->start));
    json_object_set_new(object, "to_ns", at(heatmap, longest->end));
    json_object_set_new(object, "tid", json_integer(longest->tid));
    json_object_set_new(object, "cpu", json_integer(longest->cpu));
    return object;
}

static json_t *row_json(const struct grid *grid, enum map map, uint32_t row)
{
    json_t *object = json_object();
    if (map == ON_CPU) {
        json_object_set_new(object, "cpu", json_integer(row));
    } else {
        json_object_set_new(object, "from_ns", whole(row_start(row)));
        json_object_set_new(object, "to_ns", whole(row_start(row + 1) - 1));
    }
    json_object_set_new(object, map == ON_CPU ? "ns" : "waits", grid_row_json(grid, row));
    return object;
}

static json_t *map_json(const struct heatmap *heatmap, enum map map, const struct metrics *metrics)
{
    static const enum metric_id figures[MAPS] = {
        [ON_CPU] = METRIC_SCHED_ON_CPU,
        [RUN_QUEUE] = METRIC_SCHED_RUN_QUEUE_LATENCY,
        [THROTTLED] = METRIC_SCHED_THROTTLED,
    };
    /* All three are known as soon as one thread was seen. */
    const struct metric_value *seen = &metrics->values[METRIC_SCHED_ON_CPU];
    const struct metric_value *value = &metrics->values[figures[map]];
    const struct grid *grid = &heatmap->grids[map];
    json_t *object = json_object();
    json_object_set_new(object, map == ON_CPU ? "sum_ns" : "waits",
                        seen->known ? whole(heatmap->sums[map]) : json_null());
    if (!seen->known)
        json_object_set_new(object, "reason", json_string(seen->reason));
    if (value->lossy) {
        json_object_set_new(object, "lossy", json_true());
        json_object_set_new(object, "lost", whole(value->lost));
    }
    if (map != ON_CPU)
        json_object_set_new(object, "longest", longest_json(heatmap, map));
    json_t *rows = json_array();
    for (uint32_t row = 0; seen->known && row < GRID_ROWS_MAX; row++)
        if (grid->used[row])
            json_array_append_new(rows, row_json(grid, map, row));
    json_object_set_new(object, "rows", rows);
    return object;
}

json_t *heatmap_finish(struct heatmap *heatmap, const struct metrics *metrics,
                       const struct gaps_losses *losses)
{
    struct time_axis *axis = &heatmap->axis;
    json_t *json = json_object();
    if (axis->begun) {
        reach(heatmap, heatmap->now);
        axis_column(axis, heatmap->now);
        if (losses)
            gaps_finish(&heatmap->gaps, losses, axis->start, heatmap->now);
    }
    json_object_set_new(json, "schema", json_integer(HEATMAP_SCHEMA));
    json_object_set_new(json, "start_ns", axis->begun ? whole(axis->start) : json_null());
    json_object_set_new(json, "end_ns", axis->begun ? at(heatmap, heatmap->now) : json_null());
    json_object_set_new(json, "bin_ns", axis->begun ? whole(UINT64_C(1) << axis->shift) : json_null());
    json_object_set_new(json, "columns", json_integer(axis->columns));
    json_object_set_new(json, "marks", marks_json(heatmap));
    json_object_set_new(json, "gaps", gaps_json(&heatmap->gaps, axis->start));
    json_object_set_new(json, "on_cpu", map_json(heatmap, ON_CPU, metrics));
    json_object_set_new(json, "run_queue", map_json(heatmap, RUN_QUEUE, metrics));
    json_object_set_new(json, "throttled", map_json(heatmap, THROTTLED, metrics));
    return json;
}
