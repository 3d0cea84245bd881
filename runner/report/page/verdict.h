/*
 * On top of the page, in plain words: which demo is better, by how much, how sure that is and why; what
 * stands against comparing at all; the gates.
 */
#ifndef RUNNER_REPORT_PAGE_VERDICT_H
#define RUNNER_REPORT_PAGE_VERDICT_H

#include <stdio.h>

#include "runner/report/page/source.h"

void verdict_section(FILE *out, const struct report *report);

#endif
