/*
 * The table at the end of a run: per demo the medians of the headline figures with their intervals, what came
 * of the trials, what observing cost, and how the demo stands to the baseline; below it the findings.
 *
 * Reads summary.json alone (runner/summary has its shape), which may come from a stranger's bundle: what is
 * missing or of another type is shown as unknown, names are cleaned. A difference is called one only where
 * the whole interval of the ratio lies on one side of 1.
 */
#ifndef RUNNER_REPORT_TERMINAL_H
#define RUNNER_REPORT_TERMINAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

void terminal_print(const json_t *summary, bool color, FILE *out);

#endif
