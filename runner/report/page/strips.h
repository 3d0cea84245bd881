/*
 * A strip: one metric of several demos, a line each, on one scale, with every trial as a mark, the median as
 * a bar and its interval as a band. Small, so that all metrics have one.
 */
#ifndef RUNNER_REPORT_PAGE_STRIPS_H
#define RUNNER_REPORT_PAGE_STRIPS_H

#include <stddef.h>
#include <stdio.h>

#include "runner/stats/stats.h"

struct strip_line {
    const char *name;
    size_t look;          /* svg.h */
    const double *values; /* in the order of the trials; NAN: not known */
    const double *trials; /* their numbers; NAN where not told */
    size_t count;
    double median;            /* NAN: not known */
    struct interval interval; /* level 0: none */
};

/* `id` is its own, `title` names it. A scale of orders of magnitude is taken where the
   values span two of them, and named. */
void strip_svg(FILE *out, const char *id, const char *title, const char *unit, const struct strip_line *lines,
               size_t count);

#endif
