/*
 * Under what conditions it was measured: machine, controls, builds, and what else used the machine. A column
 * for each bundle; rows in which bundles differ are marked.
 */
#ifndef RUNNER_REPORT_PAGE_CONDITIONS_H
#define RUNNER_REPORT_PAGE_CONDITIONS_H

#include <stdio.h>

#include "runner/report/page/source.h"

void conditions_section(FILE *out, const struct report *report);

#endif
