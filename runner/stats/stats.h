/*
 * Pure statistics over small samples: one value a trial. No allocation that outlives a call, no failure but
 * -EINVAL for n = 0. Sources: Hollander & Wolfe, Nonparametric Statistical Methods; David & Nagaraja, Order
 * Statistics.
 */
#ifndef RUNNER_STATS_STATS_H
#define RUNNER_STATS_STATS_H

#include <stdbool.h>
#include <stddef.h>

struct interval {
    double low, high;
    double level; /* the coverage reached, e.g. 0.979; 0: none exists at the level asked for */
};

/* Type-7 quantile (R's default) of unsorted values; q in 0..1. */
double stats_quantile(const double *values, size_t n, double q);
double stats_median(const double *values, size_t n);
/* Distribution-free interval of the median from order statistics: the narrowest symmetric pair whose coverage
   1 - 2 P(Bin(n, 1/2) < k) is at least `level`; level 0 where n is too small (n < 6 at 95%): then low and
   high are the minimum and the maximum. */
struct interval stats_median_interval(const double *values, size_t n, double level);
/* Hodges-Lehmann estimate of the ratio x / y (median of pairwise ratios, on logarithms) with its interval
   from the exact Mann-Whitney distribution. All values must be positive, else NAN. */
double stats_ratio(const double *x, size_t nx, const double *y, size_t ny, double level,
                   struct interval *interval);
/* The same for the difference x - y, where zeros or signs forbid a ratio. NAN for values that are not finite.
 */
double stats_shift(const double *x, size_t nx, const double *y, size_t ny, double level,
                   struct interval *interval);
/* Median absolute deviation x 1.4826. */
double stats_mad(const double *values, size_t n);

#endif
