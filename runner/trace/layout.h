/*
 * What the loops over records need of the table of kinds, dense: the size, and which bits of the last 8 bytes
 * are padding.
 */
#ifndef RUNNER_TRACE_LAYOUT_H
#define RUNNER_TRACE_LAYOUT_H

#include <stdint.h>

#include "runner/trace/trace.h"

struct kind_layout {
    uint64_t padding; /* mask over the last 8 bytes of a record */
    uint32_t size;    /* 0: no such kind */
};

/* Of the kinds whose bit is set in `kinds`. */
void kind_layouts(uint64_t kinds, struct kind_layout layouts[EVENT_KIND_COUNT]);

#endif
