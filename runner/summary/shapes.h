/*
 * Small samples as JSON: a metric over trials, and the ratio of two of them.
 */
#ifndef RUNNER_SUMMARY_SHAPES_H
#define RUNNER_SUMMARY_SHAPES_H

#include <jansson.h>
#include <stddef.h>

#include "runner/stats/stats.h"

/* One value a trial; NAN: not known. */
struct sample {
    double *values;
    size_t count;
};

/* The known ones, moved to the front of fresh memory; .values NULL where memory is short or none is known. */
struct sample sample_known(const struct sample *sample);

/* Adds values, trials, median, ci (and ci_reason) to `json`. */
void shape_sample(json_t *json, const struct sample *sample);
/* {ratio, ci, trials: [n, m]} of x to y. Where a value is zero: {ratio: null, ci: null, reason, difference,
   difference_ci}; where nothing is known nulls and the reason alone. */
json_t *shape_ratio(const struct sample *x, const struct sample *y);

#endif
