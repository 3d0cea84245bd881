/*
 * Figures as files of their own, for a README or where there is no browser: the radars, and for each demo the
 * heat map of the trial that the page shows.
 */
#ifndef RUNNER_REPORT_PAGE_FIGURES_H
#define RUNNER_REPORT_PAGE_FIGURES_H

#include <stdio.h>

#include "runner/report/page/source.h"

/* Writes radar-demos.svg, radar-health.svg and heatmap-DEMO-TRIAL.svg into the folder `dir`, each whole or
   not at all; of several bundles with their numbers. The names of what was written go to `names`, a line
   each. */
int figures_write(const struct report *report, int dir, FILE *names, struct error *error);

#endif
