/*
 * The table of demos: a column each, a row for each headline figure, with its interval and how it stands to
 * the baseline; above them what came of the trials.
 */
#ifndef RUNNER_REPORT_PAGE_DEMOS_H
#define RUNNER_REPORT_PAGE_DEMOS_H

#include <stdio.h>

#include "runner/report/page/source.h"

void demos_section(FILE *out, const struct report *report);

#endif
