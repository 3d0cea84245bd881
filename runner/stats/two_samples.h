/*
 * Two samples of one figure: is there a difference, how large is it, and how sure is that.
 *
 * A comparison asks this of some hundred thousand pairs of small samples, nearly all of the same two sizes.
 * So what depends on the sizes alone is worked out once and kept in `struct rank_tables`: the null
 * distribution of U, the ranks that bound an interval, the effect that can be found. Tied samples have a null
 * distribution of their own, by rank_test.h. Sources as in rank_test.h and stats.h.
 */
#ifndef RUNNER_STATS_TWO_SAMPLES_H
#define RUNNER_STATS_TWO_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>

#include "runner/stats/stats.h"

struct rank_tables;
/* NULL where memory is short. One thread at a time. */
struct rank_tables *rank_tables_create(void);
void rank_tables_free(struct rank_tables *tables);

enum effect_kind { EFFECT_NONE, EFFECT_RATIO, EFFECT_DIFFERENCE };

struct two_samples {
    double p;      /* exact, two-sided; NAN: no value in one of them */
    double delta;  /* Cliff's; above 0: x is larger */
    bool constant; /* all values are alike: whatever the arrangement, p is 1, so this is no test */
    enum effect_kind kind;
    double effect;            /* Hodges-Lehmann: x / y, or x - y where a value is not positive */
    struct interval interval; /* of the effect; level 0: too few values for one */
    double
        spread; /* pooled standard deviation; of logarithms for a ratio; NAN for fewer than two values each */
};

/* Of nx and ny finite values, at `level` of the interval. 0, -EINVAL for values that are not finite, -ENOMEM.
   Empty samples are fine: EFFECT_NONE. */
int two_samples_compare(struct rank_tables *tables, const double *x, size_t nx, const double *y, size_t ny,
                        double level, struct two_samples *result);

/* stats_detectable_effect(), kept. */
double two_samples_detectable(struct rank_tables *tables, size_t nx, size_t ny, double alpha);

#endif
