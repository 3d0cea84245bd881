/*
 * Figures on a common scale: a dimension maps a value to 0 .. 100 between two declared bounds, an axis is the
 * mean of its dimensions, and a radar shows axes.
 *
 * The bounds are declared in tables, never taken from what a report shows: the same value gets the same score
 * in every report. 100 is always the good end. What was not measured has no score: an axis is the mean of
 * those of its dimensions that were, a radar's score the mean of those axes by weight, the weights rescaled.
 */
#ifndef RUNNER_REPORT_PAGE_DIMENSIONS_H
#define RUNNER_REPORT_PAGE_DIMENSIONS_H

#include <stddef.h>

enum scale { SCALE_LINEAR, SCALE_LOG };

struct dimension {
    const char *name;
    const char *unit;   /* as in runner/metrics */
    double worst, best; /* score 0 and score 100; either may be the larger one */
    enum scale scale;
    const char *meaning;
    const char *key; /* of the manifest, that gives it where it is missing; NULL: none does */
};

struct measure {
    const struct dimension *dimension;
    double value;       /* NAN: not measured */
    const char *reason; /* why not; static */
};

/* 0 .. 100; NAN for a value that is not known. Beyond the bounds it is clamped. */
double dimension_score(const struct dimension *dimension, double value);

#define AXIS_MEASURES 3
#define AXES_MOST     6

struct axis {
    const char *name;
    double weight; /* of the radar's score */
    const char *meaning;
    struct measure measures[AXIS_MEASURES];
    size_t count;
};
double axis_score(const struct axis *axis); /* NAN: none of it was measured */

struct radar {
    struct axis axes[AXES_MOST];
    size_t count;
};
double radar_score(const struct radar *radar);

#endif
