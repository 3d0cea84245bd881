/*
 * Lines of the Go benchmark format (golang.org/design/14313-benchmark-format), for benchstat.
 */
#ifndef RUNNER_SUMMARY_BENCHMARKS_H
#define RUNNER_SUMMARY_BENCHMARKS_H

#include <stdio.h>

#include "runner/metrics/metrics.h"

struct benchmark_figure {
    enum metric_id id;
    bool p99;
    const char *unit;
};
#define BENCHMARK_FIGURES 6
extern const struct benchmark_figure benchmark_figures[BENCHMARK_FIGURES];

/* "BenchmarkNoPool 1 1520000000 ns/op ...": one trial, its values in the order of the figures, NAN: not
   known. Nothing where neither its time nor its load's is known. Whatever the demo's name holds, the line is
   one. */
void benchmark_line(FILE *out, const char *demo, const double values[BENCHMARK_FIGURES]);

#endif
