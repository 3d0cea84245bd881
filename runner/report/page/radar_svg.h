/*
 * A radar as SVG, for the page and as a file of its own.
 *
 * Axes stand in the order of their table, 0 in the middle and 100 outside. An axis that was not measured is
 * dashed and says so, and the line of a demo has a gap there. Fills come first and let the pointer through,
 * or the last one would swallow what is over the others' points. Each point can be reached by keyboard and
 * has a title; demos differ by colour, by dashes and by the shape of their points.
 */
#ifndef RUNNER_REPORT_PAGE_RADAR_SVG_H
#define RUNNER_REPORT_PAGE_RADAR_SVG_H

#include <stdio.h>

#include "runner/report/page/dimensions.h"

struct radar_series {
    const char *name;
    const struct radar *radar; /* all of them with the same axes */
};

/* `title`: what it is, in words; `id`: its own. */
void radar_svg(FILE *out, const char *id, const char *title, const struct radar_series *series, size_t count);

#endif
