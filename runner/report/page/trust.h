/*
 * How far the figures can be trusted, beside the radar: what observing cost each demo, and which health
 * bounds of a Go scheduler (runner/metrics/bounds.h) its observed trials kept.
 */
#ifndef RUNNER_REPORT_PAGE_TRUST_H
#define RUNNER_REPORT_PAGE_TRUST_H

#include <stdio.h>

#include "runner/report/page/source.h"

void trust_costs(FILE *out, const struct report *report);
void trust_bounds(FILE *out, const struct report *report);

#endif
