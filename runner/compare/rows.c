#include "runner/compare/rows.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/stats/inference.h"
#include "runner/support/fd.h"

#define ALPHA (1 - COMPARE_LEVEL)

const char *row_verdict_name(enum row_verdict verdict)
{
    static const char *const names[ROW_VERDICT_COUNT] = {
        [ROW_BETTER] = "better",       [ROW_WORSE] = "worse",     [ROW_DIFFERENT] = "different",
        [ROW_NOT_SHOWN] = "not_shown", [ROW_TOO_FEW] = "too_few", [ROW_UNKNOWN] = "unknown",
    };
    return names[verdict];
}

bool row_differs(const struct row *row)
{
    return row->verdict <= ROW_DIFFERENT;
}

bool row_is_main(const struct row *row)
{
    return metric_info(row->metric)->headline;
}

const struct row *pair_row(const struct pair *pair, enum metric_id metric, enum part part)
{
    for (size_t i = 0; i < pair->row_count; i++)
        if (pair->rows[i].metric == metric && pair->rows[i].part == part)
            return &pair->rows[i];
    return NULL;
}

double row_alpha(const struct comparison *comparison, const struct row *row)
{
    return ALPHA * row->weight / comparison->weight_sum;
}

unsigned rows_trials_needed(const struct comparison *comparison, double weight)
{
    unsigned n = 2;
    while (n < 1000 && stats_smallest_p(n, n) * comparison->weight_sum / weight > ALPHA)
        n++;
    return n;
}

double row_detectable(const struct comparison *comparison, const struct row *row)
{
    const struct two_samples *test = &row->test;
    if (row->weight <= 0 || isnan(test->spread))
        return NAN;
    double shift = two_samples_detectable(comparison->tables, row->self->n, row->baseline->n,
                                          row_alpha(comparison, row)) *
                   test->spread;
    if (test->kind == EFFECT_RATIO)
        return exp(shift) - 1;
    double median = stats_median(row->baseline->known, row->baseline->n);
    return median != 0 ? shift / fabs(median) : NAN;
}

/* --- one row -------------------------------------------------------------------------------------------- */

static double floor_of(const struct two_samples *test)
{
    if (!(test->interval.level > 0))
        return NAN;
    double low = test->interval.low, high = test->interval.high;
    return test->kind == EFFECT_RATIO ? fmax(high, 1 / low) - 1 : fmax(fabs(low), fabs(high));
}

static bool within_floor(const struct row *row)
{
    const struct two_samples *test = &row->test;
    if (isnan(row->noise_floor))
        return false;
    double size = test->kind == EFFECT_RATIO ? fmax(test->effect, 1 / test->effect) - 1 : fabs(test->effect);
    return size <= row->noise_floor;
}

static enum row_verdict direction(const struct row *row)
{
    enum metric_better better = metric_info(row->metric)->better;
    if (better == BETTER_NEITHER)
        return ROW_DIFFERENT;
    return (row->test.delta > 0) == (better == BETTER_HIGHER) ? ROW_BETTER : ROW_WORSE;
}

static void judge(const struct comparison *comparison, struct row *row)
{
    bool lossy = row->baseline->lossy || row->self->lossy;
    if (isnan(row->test.p) || (lossy && !comparison->judge_lossy)) {
        row->verdict = ROW_UNKNOWN;
        return;
    }
    row->verdict = ROW_NOT_SHOWN;
    if (row->weight <= 0)
        return; /* all values are alike */
    if (row->p_holm <= ALPHA) {
        row->within_floor = within_floor(row);
        row->verdict = row->within_floor ? ROW_NOT_SHOWN : direction(row);
    } else if (stats_smallest_p(row->self->n, row->baseline->n) > row_alpha(comparison, row)) {
        row->verdict = ROW_TOO_FEW;
    }
}

static int fill_row(struct comparison *comparison, struct row *row)
{
    int result = two_samples_compare(comparison->tables, row->self->known, row->self->n, row->baseline->known,
                                     row->baseline->n, COMPARE_LEVEL, &row->test);
    bool judged = comparison->judge_lossy || !(row->baseline->lossy || row->self->lossy);
    row->weight = isnan(row->test.p) || row->test.constant || !judged ? 0
                  : row_is_main(row)                                  ? HEADLINE_WEIGHT
                                                                      : 1;
    row->p_holm = row->weight > 0 ? row->test.p : NAN;
    row->noise_floor = NAN;
    return result;
}

/* --- pairs ---------------------------------------------------------------------------------------------- */

static int fill_pair(struct comparison *comparison, struct pair *pair)
{
    pair->rows = calloc((size_t)METRIC_ID_COUNT * PART_COUNT, sizeof *pair->rows);
    if (!pair->rows)
        return -ENOMEM;
    for (unsigned id = 0; id < METRIC_ID_COUNT; id++)
        for (unsigned part = 0; part < PART_COUNT; part++) {
            const struct sample *base = measured_sample(pair->base, id, part);
            const struct sample *self = measured_sample(pair->demo, id, part);
            if (!base->present && !self->present)
                continue;
            struct row *row = &pair->rows[pair->row_count++];
            *row = (struct row){.metric = id, .part = part, .baseline = base, .self = self};
            int result = fill_row(comparison, row);
            if (result)
                return result;
            if (comparison->noise && pair->base == comparison->noisy &&
                comparison->noise[id][part].test.kind == row->test.kind)
                row->noise_floor = comparison->noise[id][part].floor;
        }
    struct row *fitted = reallocarray(pair->rows, pair->row_count ? pair->row_count : 1, sizeof *fitted);
    pair->rows = fitted ? fitted : pair->rows;
    return 0;
}

static int measure_noise(struct comparison *comparison)
{
    const struct measured *bundle = &comparison->bundles[0];
    for (size_t i = 0; i < bundle->demo_count && !comparison->noisy; i++)
        if (bundle->demos[i].copy)
            comparison->noisy = &bundle->demos[i];
    const struct measured_demo *demo = comparison->noisy;
    if (!demo)
        return 0;
    comparison->noise = calloc(METRIC_ID_COUNT, sizeof *comparison->noise);
    if (!comparison->noise)
        return -ENOMEM;
    for (unsigned id = 0; id < METRIC_ID_COUNT; id++)
        for (unsigned part = 0; part < PART_COUNT; part++) {
            const struct sample *copy = &demo->copy->samples[id][part];
            const struct sample *bare = measured_sample(demo, id, part);
            struct noise *noise = &comparison->noise[id][part];
            bool fits = metric_trials_of(id) == OF_BARE;
            int result = two_samples_compare(comparison->tables, copy->known, fits ? copy->n : 0, bare->known,
                                             bare->n, COMPARE_LEVEL, &noise->test);
            if (result)
                return result;
            noise->floor = floor_of(&noise->test);
        }
    return 0;
}

static struct pair *add_pair(struct comparison *comparison, const struct measured *base_bundle,
                             const struct measured_demo *base, const struct measured *bundle,
                             const struct measured_demo *demo)
{
    struct pair *grown = reallocarray(comparison->pairs, comparison->pair_count + 1, sizeof *grown);
    if (!grown)
        return NULL;
    comparison->pairs = grown;
    grown[comparison->pair_count] =
        (struct pair){.base_bundle = base_bundle, .base = base, .bundle = bundle, .demo = demo};
    return &grown[comparison->pair_count++];
}

static int pair_within(struct comparison *comparison)
{
    const struct measured *bundle = &comparison->bundles[0];
    const struct measured_demo *base = &bundle->demos[bundle->baseline];
    for (size_t i = 0; i < bundle->demo_count; i++)
        if (i != bundle->baseline && !add_pair(comparison, bundle, base, bundle, &bundle->demos[i]))
            return -ENOMEM;
    return 0;
}

static int pair_with(struct comparison *comparison, const struct measured *bundle)
{
    const struct measured *first = &comparison->bundles[0];
    bool single = first->demo_count == 1 && bundle->demo_count == 1;
    for (size_t i = 0; i < bundle->demo_count; i++) {
        const struct measured_demo *demo = &bundle->demos[i];
        const struct measured_demo *base = single ? &first->demos[0] : measured_find(first, demo->name);
        int result = 0;
        if (!base)
            result = warnings_add(comparison, "missing_demo", false,
                                  "%s has a demo '%s', %s has none of that name: it is left out",
                                  bundle->label, demo->name, first->label);
        else if (!add_pair(comparison, first, base, bundle, demo))
            result = -ENOMEM;
        if (result)
            return result;
    }
    for (size_t i = 0; !single && i < first->demo_count; i++)
        if (!measured_find(bundle, first->demos[i].name) &&
            warnings_add(comparison, "missing_demo", false,
                         "%s has a demo '%s', %s has none of that name: it is left out", first->label,
                         first->demos[i].name, bundle->label))
            return -ENOMEM;
    return 0;
}

static int make_pairs(struct comparison *comparison)
{
    int result = comparison->bundle_count == 1 ? pair_within(comparison) : 0;
    for (size_t i = 1; result == 0 && i < comparison->bundle_count; i++)
        result = pair_with(comparison, &comparison->bundles[i]);
    if (result == 0)
        result = measure_noise(comparison);
    for (size_t i = 0; result == 0 && i < comparison->pair_count; i++)
        result = fill_pair(comparison, &comparison->pairs[i]);
    return result;
}

/* --- the family of tests -------------------------------------------------------------------------------- */

static int correct(struct comparison *comparison)
{
    size_t rows = 0, at = 0;
    for (size_t i = 0; i < comparison->pair_count; i++)
        rows += comparison->pairs[i].row_count;
    AUTO_FREE double *p = calloc(rows + 1, sizeof *p);
    AUTO_FREE double *weights = calloc(rows + 1, sizeof *weights);
    if (!p || !weights)
        return -ENOMEM;
    for (size_t i = 0; i < comparison->pair_count; i++)
        for (size_t j = 0; j < comparison->pairs[i].row_count; j++, at++) {
            const struct row *row = &comparison->pairs[i].rows[j];
            p[at] = row->p_holm;
            weights[at] = row->weight;
            comparison->weight_sum += row->weight;
            comparison->tests += row->weight > 0;
        }
    stats_holm_weighted(p, weights, rows);
    at = 0;
    for (size_t i = 0; i < comparison->pair_count; i++)
        for (size_t j = 0; j < comparison->pairs[i].row_count; j++)
            comparison->pairs[i].rows[j].p_holm = p[at++];
    return 0;
}

int rows_make(struct comparison *comparison, struct error *error)
{
    int result = make_pairs(comparison);
    if (result == 0)
        result = correct(comparison);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "compare the bundles");
    for (size_t i = 0; i < comparison->pair_count; i++)
        for (size_t j = 0; j < comparison->pairs[i].row_count; j++)
            judge(comparison, &comparison->pairs[i].rows[j]);
    return 0;
}
