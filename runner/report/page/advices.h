/*
 * The findings of all demos: what was seen, in how many trials, the evidence with its stack, what to change;
 * and what could not be looked for.
 */
#ifndef RUNNER_REPORT_PAGE_ADVICES_H
#define RUNNER_REPORT_PAGE_ADVICES_H

#include <stdio.h>

#include "runner/report/page/source.h"

void advices_section(FILE *out, const struct report *report);

#endif
