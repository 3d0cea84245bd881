#include "runner/stats/two_samples.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/stats/inference.h"
#include "runner/stats/rank.h"
#include "runner/stats/rank_test.h"
#include "runner/stats/select.h"

#define LEVELS 4 /* kept for a pair of sizes; more are worked out again */

struct interval_rank {
    double level, reached;
    size_t rank;
};
struct detectable {
    double alpha, effect;
};

/* What is known of samples of nx and ny. */
struct sizes {
    size_t nx, ny;
    double *below; /* P(U <= u), u = 0 .. nx ny / 2; NULL: too many pairs */
    struct interval_rank intervals[LEVELS];
    struct detectable detectables[LEVELS];
    size_t interval_count, detectable_count;
};

struct rank_tables {
    struct sizes *sizes;
    size_t count, last; /* `last` was asked for last */
    double *scratch;
    size_t room;
};

struct rank_tables *rank_tables_create(void)
{
    return calloc(1, sizeof(struct rank_tables));
}

void rank_tables_free(struct rank_tables *tables)
{
    for (size_t i = 0; tables && i < tables->count; i++)
        free(tables->sizes[i].below);
    if (tables) {
        free(tables->sizes);
        free(tables->scratch);
    }
    free(tables);
}

static struct sizes *find_sizes(struct rank_tables *tables, size_t nx, size_t ny)
{
    for (size_t i = 0; i < tables->count; i++) {
        struct sizes *sizes = &tables->sizes[(tables->last + i) % tables->count];
        if (sizes->nx == nx && sizes->ny == ny) {
            tables->last = (tables->last + i) % tables->count;
            return sizes;
        }
    }
    struct sizes *grown = reallocarray(tables->sizes, tables->count + 1, sizeof *grown);
    if (!grown)
        return NULL;
    tables->sizes = grown;
    bool exact = nx <= RANK_EXACT_PAIRS_MAX / ny;
    grown[tables->count] = (struct sizes){.nx = nx, .ny = ny, .below = exact ? rank_sum_table(nx, ny) : NULL};
    if (exact && !grown[tables->count].below)
        return NULL;
    tables->last = tables->count;
    return &grown[tables->count++];
}

static size_t interval_rank(struct sizes *sizes, double level, double *reached)
{
    struct interval_rank *known = sizes->intervals;
    for (size_t i = 0; i < sizes->interval_count; i++)
        if (known[i].level == level) {
            *reached = known[i].reached;
            return known[i].rank;
        }
    size_t rank = rank_sum_interval(sizes->nx, sizes->ny, level, reached);
    if (sizes->interval_count < LEVELS)
        known[sizes->interval_count++] = (struct interval_rank){level, *reached, rank};
    return rank;
}

double two_samples_detectable(struct rank_tables *tables, size_t nx, size_t ny, double alpha)
{
    struct sizes *sizes = nx && ny ? find_sizes(tables, nx, ny) : NULL;
    for (size_t i = 0; sizes && i < sizes->detectable_count; i++)
        if (sizes->detectables[i].alpha == alpha)
            return sizes->detectables[i].effect;
    double effect = stats_detectable_effect(nx, ny, alpha);
    if (sizes && sizes->detectable_count < LEVELS)
        sizes->detectables[sizes->detectable_count++] = (struct detectable){alpha, effect};
    return effect;
}

/* `wanted` doubles that live until the next call. */
static double *scratch(struct rank_tables *tables, size_t wanted)
{
    if (wanted > tables->room) {
        double *grown = reallocarray(tables->scratch, wanted, sizeof *grown);
        if (!grown)
            return NULL;
        tables->scratch = grown;
        tables->room = wanted;
    }
    return tables->scratch;
}

struct sorted {
    const double *values;
    size_t count;
};

/* U of x over y, doubled, by merging; whether any two values are alike, and whether all are. */
static size_t count_pairs(struct sorted x, struct sorted y, bool *ties)
{
    size_t twice = 0, below = 0, up_to = 0;
    *ties = false;
    for (size_t i = 0; i < x.count; i++) {
        while (below < y.count && y.values[below] < x.values[i])
            below++;
        up_to = up_to > below ? up_to : below;
        while (up_to < y.count && y.values[up_to] == x.values[i])
            up_to++;
        twice += below + up_to;
        *ties |= up_to > below || (i > 0 && x.values[i] == x.values[i - 1]);
    }
    for (size_t j = 1; j < y.count; j++)
        *ties |= y.values[j] == y.values[j - 1];
    return twice;
}

/* Sum of squared distances from the mean. */
static double squares(struct sorted sample)
{
    double mean = 0, sum = 0;
    for (size_t i = 0; i < sample.count; i++)
        mean += sample.values[i] / (double)sample.count;
    for (size_t i = 0; i < sample.count; i++)
        sum += (sample.values[i] - mean) * (sample.values[i] - mean);
    return sum;
}

/* The shift between two samples on whatever scale they are, with its interval and their spread. */
static void estimate_shift(struct sizes *sizes, struct sorted x, struct sorted y, double *differences,
                           double level, struct two_samples *result)
{
    size_t pairs = x.count * y.count;
    for (size_t i = 0; i < x.count; i++)
        for (size_t j = 0; j < y.count; j++)
            differences[i * y.count + j] = x.values[i] - y.values[j];
    double reached = 0;
    size_t rank = interval_rank(sizes, level, &reached);
    result->interval.low = select_nth(differences, pairs, rank ? rank - 1 : 0);
    result->interval.high = select_nth(differences, pairs, rank ? pairs - rank : pairs - 1);
    result->interval.level = rank ? reached : 0;
    result->effect = select_median(differences, pairs);
    if (x.count > 1 && y.count > 1)
        result->spread = sqrt((squares(x) + squares(y)) / (double)(x.count + y.count - 2));
}

/* Zeros and signs forbid ratios, and so do values so far apart that a ratio is no number any more. */
static bool has_ratios(struct sorted x, struct sorted y)
{
    return x.values[0] > 0 && y.values[0] > 0 && isfinite(x.values[x.count - 1] / y.values[0]) &&
           x.values[0] / y.values[y.count - 1] > 0;
}

static void estimate(struct sizes *sizes, struct sorted x, struct sorted y, double *pooled,
                     double *differences, double level, struct two_samples *result)
{
    bool ratio = has_ratios(x, y);
    for (size_t i = 0; ratio && i < x.count + y.count; i++)
        pooled[i] = log(pooled[i]);
    estimate_shift(sizes, x, y, differences, level, result);
    result->kind = ratio ? EFFECT_RATIO : EFFECT_DIFFERENCE;
    if (!ratio)
        return;
    result->effect = exp(result->effect);
    result->interval.low = exp(result->interval.low);
    result->interval.high = exp(result->interval.high);
}

int two_samples_compare(struct rank_tables *tables, const double *x, size_t nx, const double *y, size_t ny,
                        double level, struct two_samples *result)
{
    *result =
        (struct two_samples){.p = NAN, .delta = NAN, .effect = NAN, .spread = NAN, .interval = {NAN, NAN, 0}};
    if (!nx || !ny)
        return 0;
    bool small = nx <= STATS_PAIRS_MAX / ny;
    size_t pairs = small ? nx * ny : 0;
    struct sizes *sizes = find_sizes(tables, nx, ny);
    double *pooled = scratch(tables, nx + ny + pairs);
    if (!sizes || !pooled)
        return -ENOMEM;
    memcpy(pooled, x, nx * sizeof *x);
    memcpy(pooled + nx, y, ny * sizeof *y);
    for (size_t i = 0; i < nx + ny; i++)
        if (!isfinite(pooled[i]))
            return -EINVAL;
    select_sort(pooled, nx);
    select_sort(pooled + nx, ny);
    struct sorted a = {pooled, nx}, b = {pooled + nx, ny};
    bool ties;
    size_t twice = count_pairs(a, b, &ties);
    result->delta = (double)twice / ((double)nx * (double)ny) - 1;
    result->constant =
        a.values[0] == a.values[nx - 1] && b.values[0] == b.values[ny - 1] && a.values[0] == b.values[0];
    if (result->constant) {
        result->p = 1;
    } else if (!ties && sizes->below) {
        size_t u = twice / 2 < nx * ny - twice / 2 ? twice / 2 : nx * ny - twice / 2;
        result->p = fmin(1, 2 * sizes->below[u]);
    } else {
        struct rank_test test;
        int error = stats_mann_whitney(x, nx, y, ny, &test);
        if (error)
            return error;
        result->p = test.p;
    }
    if (small)
        estimate(sizes, a, b, pooled, pooled + nx + ny, level, result);
    return 0;
}
