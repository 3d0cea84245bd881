/*
 * A stretch of a trial's trace around a point of time: STRETCH_EVENTS events at most, half of them before it
 * where there are so many, as lanes of spans (lanes.h).
 */
#ifndef RUNNER_REPORT_PAGE_STRETCH_H
#define RUNNER_REPORT_PAGE_STRETCH_H

#include <jansson.h>
#include <stdint.h>

#include "runner/support/error.h"

#define STRETCH_EVENTS 50000

/* `trace`: the folder of it. `around`: ns from its first event. *json: {"from_ns", "to_ns", "events",
   "marks":
   [{"mark", "at_ns"}], and what lanes_json() adds}; times from the first event; the caller owns it, and it is
   NULL where the trace is empty. */
int stretch_read(int trace, const json_t *symbols, uint64_t around, json_t **json, struct error *error);

#endif
