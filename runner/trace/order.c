#include "runner/trace/order.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct order_entry {
    uint64_t time;
    uint32_t offset, size;
};

int order_open(struct order *order, size_t capacity)
{
    *order = (struct order){.capacity = capacity};
    size_t most = capacity / sizeof(struct event_header);
    order->records = malloc(capacity);
    order->spare = malloc(capacity);
    order->entries = calloc(2 * most, sizeof *order->entries);
    kind_layouts(UINT64_MAX, order->kinds);
    if (order->records && order->spare && order->entries)
        return 0;
    order_close(order);
    return -ENOMEM;
}

void order_close(struct order *order)
{
    free(order->records);
    free(order->spare);
    free(order->entries);
    *order = (struct order){0};
}

/* Almost all records have one of three sizes: a known size is copied by a few instructions. */
static void copy_record(uint8_t *to, const void *from, size_t size)
{
    if (size == sizeof(struct event_go))
        memcpy(to, from, sizeof(struct event_go));
    else if (size == sizeof(struct event_sched_switch))
        memcpy(to, from, sizeof(struct event_sched_switch));
    else
        memcpy(to, from, size);
}

bool order_add(struct order *order, const struct event_header *event)
{
    const struct kind_layout *layout = &order->kinds[event->kind];
    if (layout->size > order->capacity - order->used)
        return false;
    uint8_t *to = order->records + order->used;
    copy_record(to, event, layout->size);
    uint64_t *last_word = (uint64_t *)(to + layout->size - sizeof(uint64_t));
    *last_word &= ~layout->padding;
    order->unsorted |= order->used && event->time < order->last;
    order->last = event->time;
    if (event->time > order->newest)
        order->newest = event->time;
    order->used += layout->size;
    return true;
}

static const struct event_header *record_at(const struct order *order, size_t offset)
{
    return (const struct event_header *)(order->records + offset);
}

static size_t record_size(const struct order *order, size_t offset)
{
    return order->kinds[record_at(order, offset)->kind].size;
}

/* First entry in [low, high) whose time is above `time` (or, with `same`, at least `time`); else `high`. */
static struct order_entry *bound(struct order_entry *low, struct order_entry *high, uint64_t time, bool same)
{
    while (low < high) {
        struct order_entry *middle = low + (high - low) / 2;
        if (middle->time > time || (same && middle->time == time))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Merges two ordered neighbours, stable. Only what overlaps is moved: what is in place at both ends stays. */
static void merge(struct order_entry *left, struct order_entry *right, struct order_entry *end,
                  struct order_entry *room)
{
    if (right[-1].time <= right->time)
        return;
    left = bound(left, right, right->time, false);
    end = bound(right, end, right[-1].time, true);
    size_t count = (size_t)(right - left);
    memcpy(room, left, count * sizeof *room);
    struct order_entry *from = room;
    struct order_entry *from_end = room + count;
    while (from < from_end)
        *left++ = right < end && right->time < from->time ? *right++ : *from++;
}

static void sort(struct order_entry *entries, size_t count, struct order_entry *room)
{
    for (size_t width = 1; width < count; width *= 2)
        for (size_t at = 0; at + width < count; at += 2 * width) {
            size_t end = at + 2 * width < count ? at + 2 * width : count;
            merge(entries + at, entries + at + width, entries + end, room);
        }
}

/* Copies the records to `spare` in the order of the entries; those that still follow each other at once. */
static void gather(struct order *order, size_t count)
{
    uint8_t *to = order->spare;
    for (size_t i = 0; i < count;) {
        size_t from = order->entries[i].offset;
        size_t size = 0;
        for (; i < count && order->entries[i].offset == from + size; i++)
            size += order->entries[i].size;
        memcpy(to, order->records + from, size);
        to += size;
    }
}

static void sort_records(struct order *order)
{
    size_t count = 0;
    for (size_t at = 0; at < order->used; count++) {
        size_t size = record_size(order, at);
        order->entries[count] =
            (struct order_entry){record_at(order, at)->time, (uint32_t)at, (uint32_t)size};
        at += size;
    }
    sort(order->entries, count, order->entries + count);
    gather(order, count);
    uint8_t *old = order->records;
    order->records = order->spare;
    order->spare = old;
    order->last = order->entries[count - 1].time;
    order->unsorted = false;
}

size_t order_until(struct order *order, uint64_t time)
{
    if (order->unsorted)
        sort_records(order);
    if (order->used && order->last <= time)
        return order->used;
    size_t at = 0;
    while (at < order->used && record_at(order, at)->time <= time)
        at += record_size(order, at);
    return at;
}

uint64_t order_middle(struct order *order)
{
    if (order->unsorted)
        sort_records(order);
    size_t at = 0;
    uint64_t time = 0;
    while (at < order->used && at <= order->used / 2) {
        time = record_at(order, at)->time;
        at += record_size(order, at);
    }
    return time;
}

void order_drop(struct order *order, size_t size)
{
    order->used -= size;
    memmove(order->records, order->records + size, order->used);
    order->unsorted &= order->used > 0;
}
