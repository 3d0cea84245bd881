/*
 * Tests of samples by ranks, with ties. One value a trial: requests inside a trial are not independent.
 * Sources: Mann & Whitney (1947); Hollander & Wolfe, Nonparametric Statistical Methods, chapters 4 and 6;
 * Cliff (1993) for the effect; Streitberg & Rohmel (1986) for the exact distribution with ties.
 */
#ifndef RUNNER_STATS_RANK_TEST_H
#define RUNNER_STATS_RANK_TEST_H

#include <stdbool.h>
#include <stddef.h>

struct rank_test {
    double u;     /* pairs in which x is larger, ties count half */
    double p;     /* two-sided: the share of all arrangements at least as far from the mean as this one */
    double delta; /* Cliff's: 2 u / (nx ny) - 1, from -1 (every x below every y) to 1 */
    bool exact;   /* false: normal approximation with the correction for ties; samples beyond about 60 */
};

/* 0; -EINVAL for an empty sample or a value that is not finite; -ENOMEM. */
int stats_mann_whitney(const double *x, size_t nx, const double *y, size_t ny, struct rank_test *test);

/* Do `groups` samples, one behind the other in `values`, come from one distribution? *h with the correction
   for ties, *p from chi-squared with groups - 1 degrees of freedom. -EINVAL for fewer than 2 groups, an empty
   one, values that are not finite or all alike. */
int stats_kruskal_wallis(const double *values, const size_t *counts, size_t groups, double *h, double *p);

/* Spearman's rank correlation with the places 0, 1, 2, ...: does a figure drift? NAN for fewer than 3 values,
   values that are not finite or all alike. */
double stats_drift(const double *values, size_t n);

#endif
