/*
 * Distributions inside a trial: for each headline metric that is one, how its values lie, of each demo's
 * middle trial (the one whose median is the median of all). Trials are never pooled: requests or wake-ups
 * inside a trial are not independent.
 */
#ifndef RUNNER_REPORT_PAGE_HISTOGRAMS_H
#define RUNNER_REPORT_PAGE_HISTOGRAMS_H

#include <stdio.h>

#include "runner/report/page/source.h"

void histograms_write(FILE *out, const struct report *report);

#endif
