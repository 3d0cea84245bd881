#include "runner/stats/inference.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "runner/stats/rank.h"
#include "runner/stats/select.h"
#include "runner/stats/stats.h"
#include "runner/support/fd.h"

#define REPLICATES     2000
#define EFFECT_MOST    64.0
#define OUTLIER_Z      3.5
#define OUTLIER_FEWEST 4
#define SAMPLE_MOST    1000

struct weighed {
    double p, weight;
    size_t place;
};

static int by_weighed_p(const void *a, const void *b)
{
    const struct weighed *left = a, *right = b;
    double x = left->p / left->weight, y = right->p / right->weight;
    return x != y ? (x > y) - (x < y) : (left->place > right->place) - (left->place < right->place);
}

void stats_holm_weighted(double *p, const double *weights, size_t n)
{
    AUTO_FREE struct weighed *tests = calloc(n ? n : 1, sizeof *tests);
    size_t count = 0;
    double left = 0, most = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(p[i]))
            continue;
        if (!tests) { /* nothing may be claimed that was not corrected */
            p[i] = 1;
            continue;
        }
        tests[count++] = (struct weighed){p[i], weights ? weights[i] : 1, i};
        left += weights ? weights[i] : 1;
    }
    if (!tests)
        return;
    qsort(tests, count, sizeof *tests, by_weighed_p);
    for (size_t i = 0; i < count; i++) {
        most = fmax(most, left / tests[i].weight * tests[i].p);
        left = fmax(left - tests[i].weight, 0);
        p[tests[i].place] = fmin(most, 1);
    }
}

void stats_holm(double *p, size_t n)
{
    stats_holm_weighted(p, NULL, n);
}

double stats_smallest_p(size_t nx, size_t ny)
{
    double choices = lgamma((double)(nx + ny) + 1) - lgamma((double)nx + 1) - lgamma((double)ny + 1);
    return fmin(1, 2 * exp(-choices));
}

/* xorshift64* (Vigna 2014) and Box-Muller: the same numbers everywhere. */
static double uniform(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return ((double)(*state * 0x2545F4914F6CDD1DULL >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(uint64_t *state)
{
    double radius = sqrt(-2 * log(uniform(state)));
    return radius * cos(2 * M_PI * uniform(state));
}

/* The largest U with 2 P(U <= u) <= alpha; -1: none. */
static long critical_value(size_t nx, size_t ny, double alpha)
{
    long u = -1;
    while (u + 1 < (long)(nx * ny) && 2 * rank_sum_below(nx, ny, (size_t)(u + 1)) <= alpha)
        u++;
    return u;
}

struct experiment {
    size_t nx, ny;
    long critical;
    const double *noise; /* REPLICATES times nx + ny, each of the two sorted */
};

static double power_at(const struct experiment *experiment, double effect)
{
    size_t n = experiment->nx + experiment->ny, found = 0;
    for (size_t r = 0; r < REPLICATES; r++) {
        const double *x = experiment->noise + r * n;
        const double *y = x + experiment->nx;
        long u = 0;
        for (size_t i = 0, below = 0; i < experiment->nx; i++) {
            while (below < experiment->ny && y[below] + effect < x[i])
                below++;
            u += (long)below;
        }
        long pairs = (long)(experiment->nx * experiment->ny);
        found += u <= experiment->critical || pairs - u <= experiment->critical;
    }
    return (double)found / REPLICATES;
}

double stats_detectable_effect(size_t nx, size_t ny, double alpha)
{
    if (!nx || !ny || nx > SAMPLE_MOST || ny > SAMPLE_MOST || stats_smallest_p(nx, ny) > alpha)
        return INFINITY;
    if (nx * ny > RANK_EXACT_PAIRS_MAX / 10) {
        /* Far from coarse: Noether's formula with the test's relative efficiency 3 / pi. The normal quantile
         * by bisection. */
        double low = 0, high = 40;
        for (int i = 0; i < 100; i++) {
            double middle = (low + high) / 2;
            *(erfc(middle / M_SQRT2) > alpha ? &low : &high) = middle;
        }
        double harmonic = (double)nx * (double)ny / (double)(nx + ny);
        return (low + 0.8416212335729143) / sqrt(harmonic * 3 / M_PI);
    }
    size_t n = nx + ny;
    AUTO_FREE double *noise = calloc(REPLICATES * n, sizeof *noise);
    if (!noise)
        return NAN;
    uint64_t state = 0x9E3779B97F4A7C15ULL;
    for (size_t i = 0; i < REPLICATES * n; i++)
        noise[i] = normal(&state);
    for (size_t r = 0; r < REPLICATES; r++) {
        select_sort(noise + r * n, nx);
        select_sort(noise + r * n + nx, ny);
    }
    const struct experiment experiment = {nx, ny, critical_value(nx, ny, alpha), noise};
    double low = 0, high = EFFECT_MOST;
    for (int i = 0; i < 20; i++) {
        double middle = (low + high) / 2;
        *(power_at(&experiment, middle) < STATS_POWER ? &low : &high) = middle;
    }
    return high;
}

struct bulk {
    double median, deviation;
};

static bool unlike(struct bulk bulk, double value)
{
    double distance = fabs(value - bulk.median);
    if (bulk.deviation > 0)
        return distance / bulk.deviation > OUTLIER_Z;
    return distance > 1e-9 * fabs(bulk.median);
}

bool stats_is_outlier(const double *values, size_t n, size_t i)
{
    return n >= OUTLIER_FEWEST &&
           unlike((struct bulk){stats_median(values, n), stats_mad(values, n)}, values[i]);
}

size_t stats_outliers(const double *values, size_t n, bool *is_outlier)
{
    struct bulk bulk = {stats_median(values, n), stats_mad(values, n)};
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        is_outlier[i] = n >= OUTLIER_FEWEST && unlike(bulk, values[i]);
        count += is_outlier[i];
    }
    return count;
}
