#include "runner/report/page/dimensions.h"

#include <math.h>

#include "runner/metrics/metrics.h"

double dimension_score(const struct dimension *dimension, double value)
{
    double worst = dimension->worst, best = dimension->best;
    if (isnan(value))
        return NAN;
    if (dimension->scale == SCALE_LOG) {
        double least = fmin(worst, best);
        worst = log(worst);
        best = log(best);
        value = log(fmax(value, least)); /* nothing and less than the smallest bound are at that bound */
    }
    double share = (value - worst) / (best - worst);
    return 100 * fmin(fmax(share, 0), 1);
}

double axis_score(const struct axis *axis)
{
    double sum = 0;
    size_t known = 0;
    for (size_t i = 0; i < axis->count; i++) {
        double score = dimension_score(axis->measures[i].dimension, axis->measures[i].value);
        if (isnan(score))
            continue;
        sum += score;
        known++;
    }
    return known ? sum / (double)known : NAN;
}

double radar_score(const struct radar *radar)
{
    double sum = 0, weights = 0;
    for (size_t i = 0; i < radar->count; i++) {
        double score = axis_score(&radar->axes[i]);
        if (isnan(score))
            continue;
        sum += score * radar->axes[i].weight;
        weights += radar->axes[i].weight;
    }
    return weights > 0 ? sum / weights : NAN;
}

static json_t *measure_json(const struct measure *measure)
{
    const struct dimension *dimension = measure->dimension;
    return json_pack("{s:s, s:s, s:o, s:o, s:f, s:f, s:o}", "name", dimension->name, "unit", dimension->unit,
                     "value", metric_number(measure->value), "score",
                     metric_number(dimension_score(dimension, measure->value)), "worst", dimension->worst,
                     "best", dimension->best, "reason",
                     isnan(measure->value) && measure->reason ? json_string(measure->reason) : json_null());
}

json_t *radar_json(const struct radar *radar)
{
    json_t *axes = json_array();
    for (size_t i = 0; i < radar->count; i++) {
        const struct axis *axis = &radar->axes[i];
        json_t *measures = json_array();
        for (size_t j = 0; j < axis->count; j++)
            json_array_append_new(measures, measure_json(&axis->measures[j]));
        json_array_append_new(axes,
                              json_pack("{s:s, s:f, s:o, s:o}", "name", axis->name, "weight", axis->weight,
                                        "score", metric_number(axis_score(axis)), "dimensions", measures));
    }
    return json_pack("{s:o, s:o}", "score", metric_number(radar_score(radar)), "axes", axes);
}
