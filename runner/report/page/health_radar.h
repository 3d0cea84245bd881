/*
 * The health of the observation: twelve dimensions on six axes, from a bundle's `health`, its summary, and
 * the losses of its observed trials.
 */
#ifndef RUNNER_REPORT_PAGE_HEALTH_RADAR_H
#define RUNNER_REPORT_PAGE_HEALTH_RADAR_H

#include "runner/report/page/dimensions.h"
#include "runner/report/page/source.h"

/* False: nothing was observed, so there is nothing to judge. */
bool health_radar(const struct source *source, struct radar *radar);

#endif
