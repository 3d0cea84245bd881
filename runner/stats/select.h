/*
 * The k-th smallest of unsorted values: what a median and an interval of pairwise differences ask for.
 */
#ifndef RUNNER_STATS_SELECT_H
#define RUNNER_STATS_SELECT_H

#include <stddef.h>

/* values[k] of the sorted order, k < n. Reorders `values`: those before k are not larger, those behind it not
   smaller. No value may be NAN. Linear time on average. */
double select_nth(double *values, size_t n, size_t k);
/* The median, of two middle ones their mean; n > 0. Reorders `values`. */
double select_median(double *values, size_t n);
/* Sorts ascending; quick for the few values of an experiment. */
void select_sort(double *values, size_t n);

#endif
