/*
 * Every figure of every pair of demos, tested: what the verdict rests on. Rows without a difference are
 * folded away.
 */
#ifndef RUNNER_REPORT_PAGE_COMPARED_H
#define RUNNER_REPORT_PAGE_COMPARED_H

#include <stdio.h>

#include "runner/report/page/source.h"

void compared_section(FILE *out, const struct report *report);

#endif
