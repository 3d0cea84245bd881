/*
 * A trial's event stream as a Perfetto trace (ui.perfetto.dev): CPUs, threads (Ms) with the goroutine that
 * each runs, a track for each goroutine (running, runnable, waiting: reason), Ps, the collector, counters. An
 * arrow leads from who made a goroutine runnable to where it runs.
 *
 * A slice stands for a state from one event to the next, so slices of a track never overlap; what is open at
 * the end ends with the last event. Beyond PERFETTO_TRACKS goroutines there are counters alone.
 */
#ifndef RUNNER_EXPORT_PERFETTO_H
#define RUNNER_EXPORT_PERFETTO_H

#include <jansson.h>
#include <stdio.h>

#include "runner/trace/trace.h"

#define PERFETTO_TRACKS 2000

/* `symbols`: {"0x4a0020": "main.worker", ...} for functions, may be NULL. Flushes `out`. */
int perfetto_export(struct trace_reader *reader, const json_t *symbols, FILE *out, struct error *error);

#endif
