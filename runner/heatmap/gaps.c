#include "runner/heatmap/gaps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runner/trace/trace.h"

/* A number that comes late belongs to one of the newest gaps. */
enum { LOOK_BACK = 64 };

int gaps_open(struct gaps *gaps)
{
    *gaps = (struct gaps){0};
    gaps->list = calloc(GAPS_MAX, sizeof *gaps->list);
    return gaps->list ? 0 : -ENOMEM;
}

void gaps_close(struct gaps *gaps)
{
    free(gaps->list);
    *gaps = (struct gaps){0};
}

/* Joins gaps of one CPU that are at most `bridged` apart. */
static void join(struct gaps *gaps)
{
    struct gap *newest[EVENT_CPU_USER] = {0};
    size_t kept = 0;
    for (size_t i = 0; i < gaps->count; i++) {
        struct gap *gap = &gaps->list[i];
        struct gap *before = newest[gap->cpu];
        if (before && gap->from - before->to <= gaps->bridged) {
            before->to = gap->to;
            before->last = gap->last;
            before->lost += gap->lost;
            continue;
        }
        gaps->list[kept] = *gap;
        newest[gap->cpu] = &gaps->list[kept++];
    }
    gaps->count = kept;
}

static uint64_t wider(uint64_t bridged, uint64_t near)
{
    uint64_t twice = bridged > UINT64_MAX / 2 ? UINT64_MAX : 2 * bridged;
    uint64_t least = near > 0 ? near : 1;
    return twice > least ? twice : least;
}

static void make_room(struct gaps *gaps, uint64_t near)
{
    join(gaps);
    while (gaps->count > GAPS_MAX / 2) {
        gaps->bridged = wider(gaps->bridged, near);
        join(gaps);
    }
}

static void add(struct gaps *gaps, const struct gap *gap, uint64_t near)
{
    if (gaps->count == GAPS_MAX)
        make_room(gaps, near);
    gaps->list[gaps->count++] = *gap;
}

static void fill(struct gaps *gaps, uint8_t cpu, uint32_t seq)
{
    if ((int32_t)(seq - gaps->cpus[cpu].number) < 0) {
        gaps->cpus[cpu].before -= gaps->cpus[cpu].before > 0;
        return;
    }
    size_t end = gaps->count > LOOK_BACK ? gaps->count - LOOK_BACK : 0;
    for (size_t i = gaps->count; i > end; i--) {
        struct gap *gap = &gaps->list[i - 1];
        if (gap->cpu != cpu || seq - gap->first > gap->last - gap->first)
            continue;
        if (--gap->lost == 0) {
            gaps->count--;
            memmove(gap, gap + 1, (gaps->count - (i - 1)) * sizeof *gap);
        }
        return;
    }
}

void gaps_jump(struct gaps *gaps, const struct event_header *event, uint64_t now, uint64_t near)
{
    if (event->cpu == EVENT_CPU_USER)
        return;
    struct gaps_cpu *cpu = &gaps->cpus[event->cpu];
    /* The number wraps; the shorter way round is the right one. */
    int32_t ahead = (int32_t)(event->seq - cpu->next);
    uint64_t before = cpu->time;
    cpu->time = now;
    if (cpu->seen && ahead < 0) {
        fill(gaps, event->cpu, event->seq);
        return;
    }
    if (cpu->seen) {
        const struct gap gap = {
            .from = before,
            .to = now,
            .lost = (uint64_t)ahead,
            .first = cpu->next,
            .last = event->seq - 1,
            .cpu = event->cpu,
        };
        add(gaps, &gap, near);
    }
    if (!cpu->seen) {
        cpu->first = now;
        cpu->before = cpu->number = event->seq;
    }
    cpu->seen = true;
    cpu->next = event->seq + 1;
}

void gaps_event_behind(struct gaps *gaps, const struct event_header *event, uint64_t end, uint64_t near)
{
    if (event->cpu == EVENT_CPU_USER)
        return;
    struct gaps_cpu *cpu = &gaps->cpus[event->cpu];
    if (!cpu->seen || cpu->time < end)
        gaps_event(gaps, event, end, near);
    else if ((int32_t)(event->seq - cpu->next) >= 0)
        cpu->next = event->seq + 1;
}

static void add_end(struct gaps *gaps, uint8_t cpu, uint64_t from, uint64_t to, uint32_t lost)
{
    if (lost && from < to)
        add(gaps, &(struct gap){.from = from, .to = to, .lost = lost, .cpu = cpu}, 1);
}

void gaps_finish(struct gaps *gaps, const struct gaps_losses *losses, uint64_t start, uint64_t end)
{
    for (size_t i = 0; i < EVENT_CPU_USER; i++) {
        const struct gaps_cpu *cpu = &gaps->cpus[i];
        uint32_t next = losses->ring->cpus[i].next;
        gaps->kinds[i] = losses->ring->cpus[i].lost | losses->behind;
        if (!cpu->seen) {
            add_end(gaps, (uint8_t)i, start, end, next);
            continue;
        }
        add_end(gaps, (uint8_t)i, start, cpu->first, cpu->before);
        if ((int32_t)(next - cpu->next) > 0)
            add_end(gaps, (uint8_t)i, cpu->time, end, next - cpu->next);
    }
    gaps->finished = true;
}

static json_t *whole(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *kinds_json(uint64_t kinds)
{
    json_t *names = json_array();
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++)
        if (kinds >> kind & 1 && event_type(kind))
            json_array_append_new(names, json_string(event_type(kind)->name));
    return names;
}

json_t *gaps_json(const struct gaps *gaps, uint64_t start)
{
    json_t *list = json_array();
    uint64_t lost = 0;
    for (size_t i = 0; i < gaps->count; i++) {
        const struct gap *gap = &gaps->list[i];
        json_t *row = json_object();
        json_object_set_new(row, "cpu", json_integer(gap->cpu));
        json_object_set_new(row, "from_ns", whole(gap->from - start));
        json_object_set_new(row, "to_ns", whole(gap->to - start));
        json_object_set_new(row, "lost", whole(gap->lost));
        if (gaps->finished)
            json_object_set_new(row, "kinds", kinds_json(gaps->kinds[gap->cpu]));
        json_array_append_new(list, row);
        lost += gap->lost;
    }
    json_t *object = json_object();
    json_object_set_new(object, "lost", whole(lost));
    json_object_set_new(object, "bridged_ns", whole(gaps->bridged));
    json_object_set_new(object, "list", list);
    return object;
}
