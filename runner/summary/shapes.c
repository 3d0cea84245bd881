#include "runner/summary/shapes.h"

#include <math.h>
#include <stdlib.h>

#include "runner/metrics/metrics.h"
#include "runner/summary/summary.h"

struct sample sample_known(const struct sample *sample)
{
    struct sample known = {calloc(sample->count + 1, sizeof *known.values), 0};
    for (size_t i = 0; known.values && i < sample->count; i++)
        if (!isnan(sample->values[i]))
            known.values[known.count++] = sample->values[i];
    return known;
}

static void set_interval(json_t *json, const char *key, const struct interval *interval)
{
    if (interval->level > 0) {
        json_object_set_new(json, key,
                            json_pack("[o, o, o]", metric_number(interval->low),
                                      metric_number(interval->high), metric_number(interval->level)));
        return;
    }
    json_object_set_new(json, key, json_null());
    json_object_set_new(json, "ci_reason", json_string("too few trials for an interval at 95%"));
}

void shape_sample(json_t *json, const struct sample *sample)
{
    json_t *values = json_array();
    for (size_t i = 0; i < sample->count; i++)
        json_array_append_new(values, metric_number(sample->values[i]));
    json_object_set_new(json, "values", values);

    struct sample known = sample_known(sample);
    json_object_set_new(json, "trials", json_integer((json_int_t)known.count));
    if (!known.values || known.count == 0) {
        json_object_set_new(json, "median", json_null());
        json_object_set_new(json, "ci", json_null());
        free(known.values);
        return;
    }
    json_object_set_new(json, "median", metric_number(stats_median(known.values, known.count)));
    struct interval interval = stats_median_interval(known.values, known.count, SUMMARY_LEVEL);
    set_interval(json, "ci", &interval);
    free(known.values);
}

static json_t *no_ratio(const char *reason)
{
    return json_pack("{s: n, s: n, s: s}", "ratio", "ci", "reason", reason);
}

/* Zeros have no logarithm: the difference has to do. */
static json_t *shape_difference(const struct sample *a, const struct sample *b)
{
    struct interval interval;
    double shift = stats_shift(a->values, a->count, b->values, b->count, SUMMARY_LEVEL, &interval);
    json_t *json = no_ratio("a value is zero");
    json_object_set_new(json, "difference", metric_number(shift));
    set_interval(json, "difference_ci", &interval);
    return json;
}

static json_t *ratio_of_known(const struct sample *a, const struct sample *b)
{
    if (!a->values || !b->values || a->count == 0 || b->count == 0)
        return no_ratio("not known in every kind of trial");
    struct interval interval;
    double ratio = stats_ratio(a->values, a->count, b->values, b->count, SUMMARY_LEVEL, &interval);
    if (isnan(ratio))
        return shape_difference(a, b);
    json_t *json = json_object();
    json_object_set_new(json, "ratio", metric_number(ratio));
    set_interval(json, "ci", &interval);
    json_object_set_new(json, "trials", json_pack("[I, I]", (json_int_t)a->count, (json_int_t)b->count));
    return json;
}

json_t *shape_ratio(const struct sample *x, const struct sample *y)
{
    struct sample a = sample_known(x);
    struct sample b = sample_known(y);
    json_t *json = ratio_of_known(&a, &b);
    free(a.values);
    free(b.values);
    return json;
}
