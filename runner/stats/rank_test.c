#include "runner/stats/rank_test.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runner/support/fd.h"

/* Additions that the exact distribution may cost: some 30 ms, reached by two samples of 60. */
#define EXACT_WORK_MAX 30000000.0

struct ranked {
    double value;
    size_t place;  /* in the pooled values */
    uint32_t rank; /* twice the midrank */
};

static int by_value(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    return (left->value > right->value) - (left->value < right->value);
}

/* Pooled values with their doubled midranks, sorted; *ties is the sum of t^3 - t over groups of equal ones.
 *NULL with error set where a value is not finite or memory is short. */
static struct ranked *rank_values(const double *values, size_t n, double *ties, int *error)
{
    struct ranked *ranked = calloc(n ? n : 1, sizeof *ranked);
    *error = ranked ? 0 : -ENOMEM;
    for (size_t i = 0; ranked && i < n; i++) {
        if (!isfinite(values[i]))
            *error = -EINVAL;
        ranked[i] = (struct ranked){values[i], i, 0};
    }
    if (*error) {
        free(ranked);
        return NULL;
    }
    qsort(ranked, n, sizeof *ranked, by_value);
    *ties = 0;
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && ranked[end].value == ranked[i].value; end++)
            ;
        double alike = (double)(end - i);
        *ties += alike * alike * alike - alike;
        for (size_t j = i; j < end; j++)
            ranked[j].rank = (uint32_t)(i + end + 1); /* 2 * mean of i + 1 .. end */
    }
    return ranked;
}

/* Adds to ways[k][sum] the choices that hold a further value of rank `rank`; `low` and `high` are the least
   and the largest sums of k - 1 of the values before. */
static void add_choices(double *to, const double *from, uint32_t rank, size_t low, size_t high)
{
    for (size_t sum = low; sum <= high; sum++)
        to[sum + rank] += from[sum];
}

/*
 * The share of choices of `chosen` ranks whose sum is at least as far from the mean as `sum`. Ranks ascend.
 * ways[k][s]: how many choices of k of the ranks seen so far have the sum s, built rank by rank; only
 * positive terms, so doubles lose nothing that matters.
 */
static double exact_p(const uint32_t *ranks, size_t n, size_t chosen, uint64_t sum)
{
    uint64_t total = 0, width = 1;
    for (size_t i = 0; i < n; i++) {
        total += ranks[i];
        width += i >= n - chosen ? ranks[i] : 0;
    }
    AUTO_FREE double *ways = calloc((chosen + 1) * width, sizeof *ways);
    AUTO_FREE uint64_t *first = calloc(n + 1, sizeof *first); /* sums of the first i ranks */
    if (!ways || !first)
        return NAN;
    ways[0] = 1;
    for (size_t i = 0; i < n; i++) {
        first[i + 1] = first[i] + ranks[i];
        size_t most = i + 1 < chosen ? i + 1 : chosen;
        /* What cannot be completed to `chosen` any more need not be counted. */
        size_t least = chosen > n - i ? chosen - (n - i) : 0;
        for (size_t k = most; k > least; k--)
            add_choices(ways + k * width, ways + (k - 1) * width, ranks[i], first[k - 1],
                        first[i] - first[i - (k - 1)]);
    }
    const double *all = ways + chosen * width;
    double far = 0, every = 0;
    int64_t centre = (int64_t)(total * chosen);
    int64_t distance = llabs((int64_t)(sum * n) - centre);
    for (size_t s = 0; s < width; s++) {
        every += all[s];
        far += llabs((int64_t)(s * n) - centre) >= distance ? all[s] : 0;
    }
    return far / every;
}

/* Halves them where there is no tie, and takes away what all have. */
static void shrink(uint32_t *ranks, size_t n, size_t chosen, uint64_t *sum)
{
    uint32_t step = 2, least = n ? ranks[0] : 0;
    for (size_t i = 0; i < n; i++)
        step = (ranks[i] - least) % 2 ? 1 : step;
    *sum = (*sum - (uint64_t)least * chosen) / step;
    for (size_t i = 0; i < n; i++)
        ranks[i] = (ranks[i] - least) / step;
}

static double exact(const struct ranked *ranked, size_t nx, size_t ny, uint64_t sum_x)
{
    size_t n = nx + ny;
    AUTO_FREE uint32_t *ranks = calloc(n, sizeof *ranks);
    if (!ranks)
        return NAN;
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++)
        total += ranks[i] = ranked[i].rank;
    size_t chosen = nx < ny ? nx : ny;
    uint64_t sum = nx <= ny ? sum_x : total - sum_x;
    shrink(ranks, n, chosen, &sum);
    return exact_p(ranks, n, chosen, sum);
}

static double normal_p(size_t nx, size_t ny, double u, double ties)
{
    double pairs = (double)nx * (double)ny, n = (double)(nx + ny);
    double variance = pairs / 12 * (n + 1 - ties / (n * (n - 1)));
    double distance = fmax(fabs(u - pairs / 2) - 0.5, 0);
    return variance > 0 ? erfc(distance / sqrt(variance) / M_SQRT2) : 1;
}

int stats_mann_whitney(const double *x, size_t nx, const double *y, size_t ny, struct rank_test *test)
{
    *test = (struct rank_test){NAN, NAN, NAN, false};
    if (!nx || !ny || nx > UINT32_MAX / 4 || ny > UINT32_MAX / 4)
        return -EINVAL;
    size_t n = nx + ny;
    AUTO_FREE double *pooled = calloc(n, sizeof *pooled);
    if (!pooled)
        return -ENOMEM;
    memcpy(pooled, x, nx * sizeof *pooled);
    memcpy(pooled + nx, y, ny * sizeof *pooled);
    double ties;
    int error;
    AUTO_FREE struct ranked *ranked = rank_values(pooled, n, &ties, &error);
    if (!ranked)
        return error;
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += ranked[i].place < nx ? ranked[i].rank : 0;
    double pairs = (double)nx * (double)ny;
    test->u = (double)sum / 2 - (double)nx * (double)(nx + 1) / 2;
    test->delta = 2 * test->u / pairs - 1;
    double smaller = fmin((double)nx, (double)ny);
    test->exact = smaller * smaller * (double)n * (double)n <= EXACT_WORK_MAX;
    test->p = test->exact ? exact(ranked, nx, ny, sum) : normal_p(nx, ny, test->u, ties);
    return isnan(test->p) ? -ENOMEM : 0;
}

/* Q(a, x), the upper regularized incomplete gamma function: by its series below a + 1, by Lentz's continued
   fraction above (Abramowitz & Stegun 6.5.29, 6.5.31). */
static double gamma_upper(double a, double x)
{
    double scale = exp(a * log(x) - x - lgamma(a));
    if (x < a + 1) {
        double term = 1 / a, sum = term;
        for (double k = a + 1; term > sum * 1e-16; k++)
            sum += term *= x / k;
        return 1 - sum * scale;
    }
    double b = x + 1 - a, c = 1e300, d = 1 / b, fraction = d;
    for (int i = 1; i < 1000; i++) {
        double step = -i * (i - a);
        b += 2;
        d = 1 / (step * d + b);
        c = b + step / c;
        fraction *= c * d;
        if (fabs(c * d - 1) < 1e-15)
            break;
    }
    return fraction * scale;
}

int stats_kruskal_wallis(const double *values, const size_t *counts, size_t groups, double *h, double *p)
{
    size_t n = 0;
    for (size_t g = 0; g < groups; n += counts[g++])
        if (!counts[g])
            return -EINVAL;
    double ties;
    int error;
    AUTO_FREE struct ranked *ranked = groups < 2 ? NULL : rank_values(values, n, &ties, &error);
    AUTO_FREE double *ranks = calloc(n ? n : 1, sizeof *ranks);
    if (!ranks)
        return -ENOMEM;
    if (!ranked)
        return groups < 2 ? -EINVAL : error;
    for (size_t i = 0; i < n; i++)
        ranks[ranked[i].place] = (double)ranked[i].rank / 2;
    double sum = 0, all = (double)n;
    for (size_t g = 0, at = 0; g < groups; g++) {
        double group = 0;
        for (size_t i = 0; i < counts[g]; i++)
            group += ranks[at++];
        sum += group * group / (double)counts[g];
    }
    double correction = 1 - ties / (all * all * all - all);
    if (correction <= 0)
        return -EINVAL;
    *h = (12 / (all * (all + 1)) * sum - 3 * (all + 1)) / correction;
    *p = *h > 0 ? gamma_upper((double)(groups - 1) / 2, *h / 2) : 1;
    return 0;
}

double stats_drift(const double *values, size_t n)
{
    double ties;
    int error;
    AUTO_FREE struct ranked *ranked = n < 3 ? NULL : rank_values(values, n, &ties, &error);
    if (!ranked)
        return NAN;
    double mean = ((double)n - 1) / 2, product = 0, square_rank = 0, square_place = 0;
    for (size_t i = 0; i < n; i++) {
        double rank = (double)ranked[i].rank / 2 - 1 - mean, place = (double)ranked[i].place - mean;
        product += rank * place;
        square_rank += rank * rank;
        square_place += place * place;
    }
    return square_rank > 0 ? product / sqrt(square_rank * square_place) : NAN;
}
