#include "runner/stats/inference.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "runner/stats/rank.h"
#include "runner/stats/stats.h"
#include "runner/support/fd.h"

#define REPLICATES  2000
#define EFFECT_MOST 64.0
#define OUTLIER_Z   3.5
#define SAMPLE_MOST 1000

void stats_holm(double *p, size_t n)
{
    AUTO_FREE double *adjusted = calloc(n ? n : 1, sizeof *adjusted);
    size_t tests = 0;
    for (size_t i = 0; i < n; i++)
        tests += !isnan(p[i]);
    for (size_t i = 0; adjusted && i < n; i++) {
        adjusted[i] = p[i];
        if (isnan(p[i]))
            continue;
        /* The largest (tests - rank) p over those that are not larger: without sorting, and stable among
         * equals. */
        double most = 0;
        for (size_t j = 0; j < n; j++) {
            size_t smaller = 0;
            if (isnan(p[j]) || p[j] > p[i] || (p[j] == p[i] && j > i))
                continue;
            for (size_t k = 0; k < n; k++)
                smaller += p[k] < p[j] || (p[k] == p[j] && k < j);
            most = fmax(most, (double)(tests - smaller) * p[j]);
        }
        adjusted[i] = fmin(most, 1);
    }
    for (size_t i = 0; adjusted && i < n; i++)
        p[i] = adjusted[i];
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
    const double *noise; /* REPLICATES times nx + ny */
};

static double power_at(const struct experiment *experiment, double effect)
{
    size_t n = experiment->nx + experiment->ny, found = 0;
    for (size_t r = 0; r < REPLICATES; r++) {
        const double *x = experiment->noise + r * n;
        const double *y = x + experiment->nx;
        long u = 0;
        for (size_t i = 0; i < experiment->nx; i++)
            for (size_t j = 0; j < experiment->ny; j++)
                u += x[i] > y[j] + effect;
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
    const struct experiment experiment = {nx, ny, critical_value(nx, ny, alpha), noise};
    double low = 0, high = EFFECT_MOST;
    for (int i = 0; i < 20; i++) {
        double middle = (low + high) / 2;
        *(power_at(&experiment, middle) < STATS_POWER ? &low : &high) = middle;
    }
    return high;
}

bool stats_is_outlier(const double *values, size_t n, size_t i)
{
    if (n < 4)
        return false;
    double median = stats_median(values, n), deviation = stats_mad(values, n);
    double distance = fabs(values[i] - median);
    if (deviation > 0)
        return distance / deviation > OUTLIER_Z;
    return distance > 1e-9 * fabs(median);
}
