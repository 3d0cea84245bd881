/*
 * Figures for people.
 */
#ifndef RUNNER_METRICS_FIGURE_H
#define RUNNER_METRICS_FIGURE_H

#include <stddef.h>

/* A value of a metric in units that people read: "1.52 s", "34.1 MiB", "12,345", "0.79". `unit` as in
   metrics.h ("ns", "bytes", "count", "ratio", "per_s"). */
void figure_text(double value, const char *unit, char *to, size_t size);

#endif
