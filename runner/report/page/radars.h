/*
 * The two radars of the page: the health of the observation, and the demos; each with its values in a table,
 * and as a block of data.
 */
#ifndef RUNNER_REPORT_PAGE_RADARS_H
#define RUNNER_REPORT_PAGE_RADARS_H

#include <stdio.h>

#include "runner/report/page/source.h"

void demo_radars_section(FILE *out, const struct report *report);
void health_radars_section(FILE *out, const struct report *report);

/* Writes the demos' radar alone; false: there is no demo. Likewise the health of the n-th bundle. */
bool demo_radar_figure(FILE *out, const struct report *report);
bool health_radar_figure(FILE *out, const struct report *report, size_t bundle);

#endif
