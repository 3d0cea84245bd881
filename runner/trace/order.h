/*
 * The re-ordering window: records in, records out in time order, memory fixed.
 *
 * Records are appended as they come. Almost all come in order (one shared ring: 0.04% do not), so nothing is
 * compared but neighbours; only when a record was older than the one before it are the records sorted, and
 * only at order_until(), by a stable merge sort that leaves ordered neighbours alone.
 */
#ifndef RUNNER_TRACE_ORDER_H
#define RUNNER_TRACE_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/trace/layout.h"

struct order {
    uint8_t *records, *spare; /* `capacity` bytes each; spare receives what is sorted */
    size_t used, capacity;
    struct order_entry *entries; /* twice as many as records fit: entries and room to merge */
    struct kind_layout kinds[EVENT_KIND_COUNT];
    uint64_t newest; /* highest time seen since order_open */
    uint64_t last;   /* time of the last record */
    bool unsorted;
};

/* `capacity` in bytes, a multiple of 8 and at least two records. 0 or -ENOMEM. */
int order_open(struct order *order, size_t capacity);
void order_close(struct order *order);

/* Copies a record behind the others; its padding becomes 0. The kind must exist. False when there is no room.
 */
bool order_add(struct order *order, const struct event_header *event);
/* Sorts and returns how many bytes at the start of order->records belong to records that are not younger than
   `time`. */
size_t order_until(struct order *order, uint64_t time);
/* The time of the record in the middle: what to write when the window alone fills the memory. */
uint64_t order_middle(struct order *order);
/* Removes the first `size` bytes, a result of order_until(). */
void order_drop(struct order *order, size_t size);

#endif
