/*
 * A demo's own radar: economy, responsiveness, blocking, memory, stability, correctness.
 */
#ifndef RUNNER_REPORT_PAGE_DEMO_RADAR_H
#define RUNNER_REPORT_PAGE_DEMO_RADAR_H

#include "runner/report/page/dimensions.h"
#include "runner/report/page/source.h"

void demo_radar(const struct source *source, const char *name, const json_t *demo, struct radar *radar);

#endif
