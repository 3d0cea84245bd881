/*
 * A trial's event stream in other formats: one row an event, driven by the table of event kinds
 * (runner/trace/kinds.c), so that a new kind or field needs nothing here.
 *
 * Columns: time_ns (CLOCK_MONOTONIC), cpu (255: a mark of user space), kind, flags (enum event_flag), seq,
 * tid, pid, goid (0: none or not known), then the fields of the kinds. Reasons and marks are names as the
 * trace's metadata has them, numbers where it has none; addresses are 0x and hexadecimal digits.
 *
 *   csv     a line of column names; every row has the union of all kinds' fields, empty where the kind has no
 *           such field; RFC 4180 quoting, lines end with LF
 *   ndjson  an object a line, with the fields of its kind only; addresses are strings
 *   perfetto  a binary trace for ui.perfetto.dev: perfetto.h
 *
 * Of the CPU profile, where there is one: folded (runner/export/folded.h).
 */
#ifndef RUNNER_EXPORT_EXPORT_H
#define RUNNER_EXPORT_EXPORT_H

#include <stdio.h>

#include "runner/support/error.h"

/* `trial_dir` holds `trace/`. ERROR_USAGE for an unknown format (the text names those that exist), for a
   trial without a trace and for a damaged one (rows before the damage are written); ERROR_INTERNAL when `out`
   cannot be written. Flushes `out`, does not close it. */
int export_trial(int trial_dir, const char *format, FILE *out, struct error *error);

#endif
