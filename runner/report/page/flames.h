/* The flame graphs of the page: a demo's CPU profile, in a table of the hottest functions and as a block for
 * runner/report/web/src/flame.js. */
#ifndef RUNNER_REPORT_PAGE_FLAMES_H
#define RUNNER_REPORT_PAGE_FLAMES_H

#include <stdio.h>

#include "runner/report/page/source.h"

void flames_section(FILE *out, const struct report *report);

#endif
