#include "runner/report/page/lanes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/replay/table.h"
#include "runner/support/fd.h"

#define LANES_MAX (1u << 22)
#define DEPTH     2 /* a system call within running */
#define NOWHERE   UINT32_MAX

struct span {
    uint64_t start, end;
    uint32_t text;
    char state;
};

struct open_span {
    uint64_t start;
    uint32_t text;
    char state;
};

struct lane {
    struct table_key key; /* id: the track's uuid */
    enum track_kind kind;
    uint64_t id;
    char *name;
    struct span *spans;
    size_t count, room;
    struct open_span open[DEPTH];
    unsigned depth;
    uint32_t place; /* in the JSON, when it is written; NOWHERE: it is not */
};

struct arrow {
    uint64_t at, until;
    uint64_t from, to; /* tracks */
};

struct flow {
    struct table_key key; /* id: the number of the flow */
    uint64_t at, from;
};

struct lanes {
    uint64_t start, from, to;
    struct table lanes, flows;
    json_t *names, *name_of;
    struct arrow *arrows;
    size_t arrow_count, arrow_room;
    int failed;
};

/* --- texts, spans, arrows ---------------------------------------------------------------------- */

static uint64_t name_number(void *context, const char *name)
{
    struct lanes *lanes = context;
    const json_t *known = json_object_get(lanes->name_of, name);
    if (known)
        return (uint64_t)json_integer_value(known);
    size_t number = json_array_size(lanes->names);
    json_array_append_new(lanes->names, json_string(name));
    json_object_set_new(lanes->name_of, name, json_integer((json_int_t)number));
    return number;
}

/* Room for one more item of `size` bytes. */
static bool make_room(struct lanes *lanes, void **items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return true;
    size_t wanted = *room ? *room * 2 : 8;
    void *grown = reallocarray(*items, wanted, size);
    if (!grown) {
        lanes->failed = -ENOMEM;
        return false;
    }
    *items = grown;
    *room = wanted;
    return true;
}

static void add_span(struct lanes *lanes, struct lane *lane, struct span span)
{
    span.start = span.start < lanes->from ? lanes->from : span.start;
    span.end = span.end > lanes->to ? lanes->to : span.end;
    if (span.end <= span.start)
        return;
    void *spans = lane->spans;
    bool fits = make_room(lanes, &spans, lane->count, &lane->room, sizeof *lane->spans);
    lane->spans = spans;
    if (fits)
        lane->spans[lane->count++] = span;
}

static void add_arrow(struct lanes *lanes, struct arrow arrow)
{
    if (arrow.until < lanes->from || arrow.at > lanes->to)
        return;
    void *arrows = lanes->arrows;
    bool fits = make_room(lanes, &arrows, lanes->arrow_count, &lanes->arrow_room, sizeof *lanes->arrows);
    lanes->arrows = arrows;
    if (fits)
        lanes->arrows[lanes->arrow_count++] = arrow;
}

/* --- the sink of tracks ------------------------------------------------------------------------ */

static struct lane *lane_of(const struct lanes *lanes, uint64_t track)
{
    return table_find(&lanes->lanes, track, 0);
}

static void declare(void *context, const struct track *track)
{
    struct lanes *lanes = context;
    void *entry;
    if (track->kind == TRACK_PROCESS || track->kind == TRACK_GOROUTINES || track->kind == TRACK_PROCS)
        return;
    int result = table_find(&lanes->lanes, track->uuid, 0)
                     ? -EEXIST
                     : table_insert(&lanes->lanes, track->uuid, 0, &entry);
    if (result < 0) {
        lanes->failed = result == -ENOMEM ? result : lanes->failed;
        return;
    }
    struct lane *lane = entry;
    lane->kind = track->kind;
    lane->id = track->id;
    lane->name = strdup(track->name);
    if (!lane->name)
        lanes->failed = -ENOMEM;
}

static void forget(void *context, uint64_t track)
{
    struct lanes *lanes = context;
    struct lane *lane = lane_of(lanes, track);
    if (!lane || lane->count)
        return;
    free(lane->name);
    table_remove(&lanes->lanes, lane);
}

static char state_letter(enum track_state state, enum track_kind kind)
{
    static const char letters[] = {
        [RUNNABLE] = 'q', [RUNNING] = 'r', [WAITING] = 'w', [IN_SYSCALL] = 's', [OTHER_STATE] = 'c'};
    return kind == TRACK_PROC ? 'p' : letters[state];
}

/* Ends the innermost slice; what it lies in goes on. */
static void end_slice(void *context, uint64_t time, uint64_t track)
{
    struct lanes *lanes = context;
    struct lane *lane = lane_of(lanes, track);
    if (!lane || lane->depth == 0)
        return;
    const struct open_span *open = &lane->open[--lane->depth];
    add_span(lanes, lane, (struct span){open->start, time, open->text, open->state});
    if (lane->depth)
        lane->open[lane->depth - 1].start = time;
}

static void begin_slice(void *context, uint64_t time, uint64_t track, enum track_state state, uint64_t name,
                        uint64_t flow)
{
    struct lanes *lanes = context;
    struct lane *lane = lane_of(lanes, track);
    if (!lane || lane->kind == TRACK_THREAD || lane->depth == DEPTH)
        return;
    if (lane->depth) {
        const struct open_span *outer = &lane->open[lane->depth - 1];
        add_span(lanes, lane, (struct span){outer->start, time, outer->text, outer->state});
    }
    lane->open[lane->depth++] = (struct open_span){time, (uint32_t)name, state_letter(state, lane->kind)};
    struct flow *begun = flow ? table_find(&lanes->flows, flow, 0) : NULL;
    if (!begun)
        return;
    add_arrow(lanes, (struct arrow){begun->at, time, begun->from, track});
    table_remove(&lanes->flows, begun);
}

static void instant(void *context, uint64_t time, uint64_t track, uint64_t name, uint64_t flow)
{
    struct lanes *lanes = context;
    void *entry;
    (void)name;
    if (!flow || table_insert(&lanes->flows, flow, 0, &entry) < 0)
        return;
    ((struct flow *)entry)->at = time;
    ((struct flow *)entry)->from = track;
}

struct track_sink lanes_sink(struct lanes *lanes)
{
    return (struct track_sink){lanes, declare, forget, name_number, begin_slice, end_slice, instant};
}

/* --- threads ----------------------------------------------------------------------------------- */

/* What is at rest outside the stretch is not looked for. */
static struct lane *thread_within(struct lanes *lanes, uint32_t tid, uint64_t start, uint64_t end)
{
    if (end < lanes->from || start > lanes->to)
        return NULL;
    uint64_t track = track_uuid(TRACK_THREAD, 0, tid);
    char name[32];
    if (!lane_of(lanes, track)) {
        snprintf(name, sizeof name, "M %" PRIu32, tid);
        declare(lanes, &(struct track){.kind = TRACK_THREAD, .uuid = track, .id = tid, .name = name});
    }
    return lane_of(lanes, track);
}

static void on_slice(void *context, const struct replay_slice *slice)
{
    struct lanes *lanes = context;
    struct lane *lane = thread_within(lanes, slice->tid, slice->start, slice->end);
    char name[16];
    snprintf(name, sizeof name, "CPU %u", slice->cpu);
    if (lane)
        add_span(lanes, lane,
                 (struct span){slice->start, slice->end, (uint32_t)name_number(lanes, name), 'r'});
}

static void on_wait(void *context, const struct replay_wait *wait)
{
    struct lanes *lanes = context;
    struct lane *lane = thread_within(lanes, wait->tid, wait->start, wait->end);
    if (lane)
        add_span(lanes, lane,
                 (struct span){wait->start, wait->end, (uint32_t)name_number(lanes, ""),
                               wait->throttled ? 't' : 'q'});
}

struct replay_listener lanes_listener(struct lanes *lanes)
{
    return (struct replay_listener){lanes, on_slice, on_wait};
}

void lanes_event(struct lanes *lanes, const struct event_header *event)
{
    const struct event_sched_wake *wake = (const struct event_sched_wake *)event;
    if (event->kind != EVENT_SCHED_WAKING || event->time < lanes->from || event->time > lanes->to ||
        !wake->waker_tid)
        return;
    add_arrow(lanes, (struct arrow){event->time, event->time, track_uuid(TRACK_THREAD, 0, wake->waker_tid),
                                    track_uuid(TRACK_THREAD, 0, event->tid)});
}

/* --- JSON -------------------------------------------------------------------------------------- */

static int by_start(const void *left, const void *right)
{
    const struct span *a = left, *b = right;
    return a->start < b->start ? -1 : a->start > b->start;
}

/* The collector, Ps and threads by number, then goroutines by their first span. */
static int by_kind(const void *left, const void *right)
{
    static const unsigned char order[] = {
        [TRACK_GC] = 1, [TRACK_STW] = 2, [TRACK_PROC] = 3, [TRACK_THREAD] = 4, [TRACK_GOROUTINE] = 5};
    const struct lane *a = *(struct lane *const *)left, *b = *(struct lane *const *)right;
    if (a->kind != b->kind)
        return order[a->kind] < order[b->kind] ? -1 : 1;
    uint64_t first = a->kind == TRACK_GOROUTINE ? a->spans->start : a->id;
    uint64_t second = b->kind == TRACK_GOROUTINE ? b->spans->start : b->id;
    if (first == second)
        return a->id < b->id ? -1 : a->id > b->id;
    return first < second ? -1 : 1;
}

static json_t *lane_json(struct lane *lane, uint64_t start)
{
    static const char *const kinds[] = {[TRACK_GC] = "collector",
                                        [TRACK_STW] = "collector",
                                        [TRACK_PROC] = "proc",
                                        [TRACK_THREAD] = "thread",
                                        [TRACK_GOROUTINE] = "goroutine"};
    json_t *starts = json_array(), *lengths = json_array(), *texts = json_array();
    AUTO_FREE char *states = malloc(lane->count + 1);
    if (!states) {
        json_decref(starts);
        json_decref(lengths);
        json_decref(texts);
        return NULL;
    }
    qsort(lane->spans, lane->count, sizeof *lane->spans, by_start);
    uint64_t before = start;
    for (size_t i = 0; i < lane->count; i++) {
        const struct span *span = &lane->spans[i];
        json_array_append_new(starts, json_integer((json_int_t)(span->start - before)));
        json_array_append_new(lengths, json_integer((json_int_t)(span->end - span->start)));
        json_array_append_new(texts, json_integer(span->text));
        states[i] = span->state;
        before = span->start;
    }
    return json_pack("{s: s, s: s, s: {s: o, s: o, s: s%, s: o}}", "kind", kinds[lane->kind], "name",
                     lane->name, "spans", "start", starts, "length", lengths, "state", states, lane->count,
                     "text", texts);
}

static int by_time(const void *left, const void *right)
{
    const struct arrow *a = left, *b = right;
    return a->at < b->at ? -1 : a->at > b->at;
}

static bool place_of(const struct lanes *lanes, uint64_t track, uint32_t *place)
{
    const struct lane *lane = lane_of(lanes, track);
    *place = lane && lane->count ? lane->place : NOWHERE;
    return *place != NOWHERE;
}

static json_t *arrows_json(const struct lanes *lanes)
{
    json_t *at = json_array(), *length = json_array(), *from = json_array(), *to = json_array();
    uint64_t before = lanes->start;
    if (lanes->arrow_count)
        qsort(lanes->arrows, lanes->arrow_count, sizeof *lanes->arrows, by_time);
    for (size_t i = 0; i < lanes->arrow_count; i++) {
        const struct arrow *arrow = &lanes->arrows[i];
        uint32_t first, second;
        if (!place_of(lanes, arrow->from, &first) || !place_of(lanes, arrow->to, &second))
            continue;
        json_array_append_new(at, json_integer((json_int_t)(arrow->at - before)));
        json_array_append_new(length, json_integer((json_int_t)(arrow->until - arrow->at)));
        json_array_append_new(from, json_integer(first));
        json_array_append_new(to, json_integer(second));
        before = arrow->at;
    }
    return json_pack("{s: o, s: o, s: o, s: o}", "at", at, "length", length, "from", from, "to", to);
}

/* Servers have thousands that wait for a request. */
static bool is_at_rest(const struct lanes *lanes, const struct lane *lane)
{
    const struct span *span = lane->spans;
    return lane->kind == TRACK_GOROUTINE && lane->count == 1 && span->state == 'w' &&
           span->start == lanes->from && span->end == lanes->to;
}

int lanes_json(const struct lanes *lanes, json_t *json)
{
    if (lanes->failed)
        return lanes->failed;
    AUTO_FREE struct lane **list = calloc(lanes->lanes.count + 1, sizeof(struct lane *));
    json_t *array = json_array();
    size_t count = 0;
    json_int_t at_rest = 0;
    for (struct lane *lane = NULL; list && (lane = table_next(&lanes->lanes, lane));) {
        lane->place = NOWHERE;
        if (lane->count && is_at_rest(lanes, lane))
            at_rest++;
        else if (lane->count)
            list[count++] = lane;
    }
    if (count)
        qsort(list, count, sizeof *list, by_kind);
    for (size_t i = 0; i < count; i++) {
        list[i]->place = (uint32_t)i;
        json_array_append_new(array, lane_json(list[i], lanes->start));
    }
    json_object_set(json, "names", lanes->names);
    json_object_set_new(json, "at_rest", json_integer(at_rest));
    json_object_set_new(json, "lanes", array);
    json_object_set_new(json, "arrows", arrows_json(lanes));
    return list && json_array_size(array) == count ? 0 : -ENOMEM;
}

int lanes_open(uint64_t start, uint64_t from, uint64_t to, struct lanes **lanes)
{
    struct lanes *made = calloc(1, sizeof *made);
    *lanes = made;
    if (!made)
        return -ENOMEM;
    made->start = start;
    made->from = from;
    made->to = to;
    made->names = json_array();
    made->name_of = json_object();
    int result =
        made->names && made->name_of ? table_open(&made->lanes, sizeof(struct lane), LANES_MAX) : -ENOMEM;
    return result ? result : table_open(&made->flows, sizeof(struct flow), LANES_MAX);
}

void lanes_close(struct lanes *lanes)
{
    if (!lanes)
        return;
    for (struct lane *lane = NULL; lanes->lanes.slots && (lane = table_next(&lanes->lanes, lane));) {
        free(lane->name);
        free(lane->spans);
    }
    table_close(&lanes->lanes);
    table_close(&lanes->flows);
    json_decref(lanes->names);
    json_decref(lanes->name_of);
    free(lanes->arrows);
    free(lanes);
}
