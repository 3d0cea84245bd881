/*
 * Health bounds: what a scheduler in good order keeps. They are defaults, shown beside the figures and usable
 * in gates; a demo may have good reasons to break one.
 */
#ifndef RUNNER_METRICS_BOUNDS_H
#define RUNNER_METRICS_BOUNDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "runner/metrics/metrics.h"

struct bound {
    enum metric_id metric;
    double quantile; /* of a distribution, 0..1; negative: the value itself */
    bool above;      /* it has to be above the limit, else below it */
    double limit;    /* in the metric's unit */
    bool per_proc;   /* times proc.count */
    /* Where other metrics (distributions: their medians) say that this is the case: from <= value < below.
       All zero: no condition. */
    struct {
        enum metric_id metric;
        double from, below;
    } when[2];
    const char *text;  /* "wake latency below 500 us at p99" */
    const char *means; /* what it tells of a program that breaks it */
};

struct breach {
    const struct bound *bound;
    double value, limit; /* found, and what it should have kept, per_proc applied */
    bool lossy;          /* events are missing that could have changed it */
};

#define BOUNDS_MOST 8

enum bound_state {
    BOUND_NOT_KNOWN, /* the metric, or what it depends on */
    BOUND_NOT_MEANT, /* its condition is not the case */
    BOUND_KEPT,
    BOUND_BROKEN,
    BOUND_STATES,
};
/* Whether a trial's metrics keep it; *found gets what was found where that is known. */
enum bound_state bound_judge(const struct bound *bound, const struct metrics *metrics, struct breach *found);

/* The i-th of all, NULL behind the last. */
const struct bound *bounds_at(size_t i);
void bounds_print_reference(FILE *out);

#endif
