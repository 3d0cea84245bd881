/*
 * Every metric's values, trial by trial: a strip for each, in the groups of the metrics' names. Where no
 * trial of any demo differs, the metric stands in a table instead; where nothing is known, in a list with the
 * reason.
 */
#ifndef RUNNER_REPORT_PAGE_SPREADS_H
#define RUNNER_REPORT_PAGE_SPREADS_H

#include <stdio.h>

#include "runner/report/page/source.h"

void spreads_section(FILE *out, const struct report *report);

#endif
