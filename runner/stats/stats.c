#include "runner/stats/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/stats/rank.h"
#include "runner/stats/select.h"
#include "runner/support/fd.h"

/* A sorted copy that the caller frees; NULL where n is 0 or memory is short. */
static double *sorted_copy(const double *values, size_t n)
{
    double *copy = n ? calloc(n, sizeof *copy) : NULL;
    if (copy) {
        memcpy(copy, values, n * sizeof *copy);
        select_sort(copy, n);
    }
    return copy;
}

/* Hyndman & Fan (1996), definition 7: position (n - 1) q, linear in between. */
static double sorted_quantile(const double *sorted, size_t n, double q)
{
    double position = (double)(n - 1) * fmin(fmax(q, 0), 1);
    size_t below = (size_t)position;
    if (below + 1 >= n)
        return sorted[n - 1];
    return sorted[below] + (position - (double)below) * (sorted[below + 1] - sorted[below]);
}

double stats_quantile(const double *values, size_t n, double q)
{
    AUTO_FREE double *sorted = sorted_copy(values, n);
    return sorted ? sorted_quantile(sorted, n, q) : NAN;
}

double stats_median(const double *values, size_t n)
{
    return stats_quantile(values, n, 0.5);
}

double stats_mad(const double *values, size_t n)
{
    AUTO_FREE double *distances = sorted_copy(values, n);
    if (!distances)
        return NAN;
    double median = sorted_quantile(distances, n, 0.5);
    for (size_t i = 0; i < n; i++)
        distances[i] = fabs(distances[i] - median);
    return 1.4826 * stats_median(distances, n);
}

struct interval stats_median_interval(const double *values, size_t n, double level)
{
    struct interval interval = {NAN, NAN, 0};
    AUTO_FREE double *sorted = sorted_copy(values, n);
    if (!sorted)
        return interval;
    /* The largest k whose pair (k, n + 1 - k) still covers enough. The logarithms keep 2^-n from underflow.
     */
    double below = 0;
    size_t rank = 0;
    for (size_t k = 1; 2 * k <= n; k++) {
        below +=
            exp(lgamma((double)n + 1) - lgamma((double)k) - lgamma((double)(n - k) + 2) - (double)n * M_LN2);
        if (1 - 2 * below < level)
            break;
        rank = k;
        interval.level = 1 - 2 * below;
    }
    interval.low = sorted[rank ? rank - 1 : 0];
    interval.high = sorted[rank ? n - rank : n - 1];
    return interval;
}

static double identity(double value)
{
    return value;
}

/* The logarithm of what has one. */
static double log_positive(double value)
{
    return value > 0 ? log(value) : NAN;
}

/* All pairwise differences; NULL where a value has no finite image under `scale`. */
static double *pairwise_differences(const double *x, size_t nx, const double *y, size_t ny,
                                    double (*scale)(double))
{
    if (!nx || !ny || nx > STATS_PAIRS_MAX / ny)
        return NULL;
    double *differences = calloc(nx * ny, sizeof *differences);
    if (!differences)
        return NULL;
    size_t used = 0;
    for (size_t i = 0; i < nx; i++)
        for (size_t j = 0; j < ny; j++)
            differences[used++] = scale(x[i]) - scale(y[j]);
    bool finite = true;
    for (size_t i = 0; i < used; i++)
        finite &= isfinite(differences[i]) != 0;
    if (!finite) {
        free(differences);
        return NULL;
    }
    return differences;
}

/* Hodges & Lehmann (1963): the median of the pairwise differences; both it and its interval on `scale`. */
static double hodges_lehmann(const double *x, size_t nx, const double *y, size_t ny, double level,
                             double (*scale)(double), struct interval *interval)
{
    AUTO_FREE double *differences = pairwise_differences(x, nx, y, ny, scale);
    *interval = (struct interval){NAN, NAN, 0};
    if (!differences)
        return NAN;
    size_t pairs = nx * ny;
    double reached = 0;
    size_t rank = rank_sum_interval(nx, ny, level, &reached);
    interval->low = select_nth(differences, pairs, rank ? rank - 1 : 0);
    interval->high = select_nth(differences, pairs, rank ? pairs - rank : pairs - 1);
    interval->level = rank ? reached : 0;
    return select_median(differences, pairs);
}

double stats_shift(const double *x, size_t nx, const double *y, size_t ny, double level,
                   struct interval *interval)
{
    struct interval found;
    double shift = hodges_lehmann(x, nx, y, ny, level, identity, &found);
    if (interval)
        *interval = found;
    return shift;
}

double stats_ratio(const double *x, size_t nx, const double *y, size_t ny, double level,
                   struct interval *interval)
{
    struct interval found;
    double shift = hodges_lehmann(x, nx, y, ny, level, log_positive, &found);
    if (interval)
        *interval = (struct interval){exp(found.low), exp(found.high), found.level};
    return exp(shift);
}
