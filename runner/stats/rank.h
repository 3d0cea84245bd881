/*
 * The null distribution of the Mann-Whitney statistic U, exact. Source: Mann & Whitney (1947), the
 * recurrence over the largest observation; Hollander & Wolfe, chapter 4, for the interval.
 */
#ifndef RUNNER_STATS_RANK_H
#define RUNNER_STATS_RANK_H

#include <stddef.h>

/* Above this many pairs the distribution is not computed (normal approximation), above STATS_PAIRS_MAX pairs
   of values no estimate is made: a trial count that no experiment reaches. */
#define RANK_EXACT_PAIRS_MAX 10000
#define STATS_PAIRS_MAX      4000000

/* P(U <= u) for samples of m and n without ties; NAN where memory is short. */
double rank_sum_below(size_t m, size_t n, size_t u);

/* P(U <= u) for u = 0 .. m n / 2, in memory that the caller frees; NULL where memory is short or there are
   more than RANK_EXACT_PAIRS_MAX pairs. */
double *rank_sum_table(size_t m, size_t n);

/* The rank k such that the k-th smallest and k-th largest of the m n pairwise differences enclose the shift
   with probability *reached >= level; 0 where no such rank exists (samples too small). */
size_t rank_sum_interval(size_t m, size_t n, double level, double *reached);

#endif
