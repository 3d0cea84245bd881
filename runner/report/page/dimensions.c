#include "runner/report/page/dimensions.h"

#include <math.h>

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
