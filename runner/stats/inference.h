/*
 * What may be concluded from several tests, and from how few values. Sources: Holm (1979); Iglewicz & Hoaglin
 * (1993) for modified z-scores; the effect that can be found by simulation of the test itself, for the usual
 * formulas are 20% off at n = 5, where the test is coarse.
 */
#ifndef RUNNER_STATS_INFERENCE_H
#define RUNNER_STATS_INFERENCE_H

#include <stdbool.h>
#include <stddef.h>

/* Holm's adjusted p in place of each p; NAN stays and is no test. */
void stats_holm(double *p, size_t n);
/* The same with weights above 0: a test of weight 2 is corrected half as much as one of weight 1. The chance
   of any false claim is that of stats_holm(), whatever the weights, as long as they don't come from the
   values. */
void stats_holm_weighted(double *p, const double *weights, size_t n);

/* The smallest p that Mann-Whitney can reach: 2 / C(nx + ny, nx); at most 1. */
double stats_smallest_p(size_t nx, size_t ny);

#define STATS_POWER 0.8
/* The shift between two normal samples, in standard deviations of one, that the exact test at level `alpha`
   finds in 80% of experiments; INFINITY where the samples are too small for any. Always the same for the same
   arguments. */
double stats_detectable_effect(size_t nx, size_t ny, double alpha);

/* Is values[i] unlike its siblings: modified z above 3.5. False where the others are all alike and it is no
   further off than rounding, and for fewer than 4 values. */
bool stats_is_outlier(const double *values, size_t n, size_t i);

/* The same for all of them at once; returns how many. */
size_t stats_outliers(const double *values, size_t n, bool *is_outlier);

#endif
