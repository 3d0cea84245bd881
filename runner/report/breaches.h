/*
 * Health bounds that demos break, below the table: the figure, the bound, in how many trials, and what it
 * means.
 *
 * Reads summary.json alone, which may come from a stranger's bundle: texts are cleaned, what is missing or of
 * another type is left out.
 */
#ifndef RUNNER_REPORT_BREACHES_H
#define RUNNER_REPORT_BREACHES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Prints nothing where none is broken. */
void breaches_print(const json_t *summary, bool color, FILE *out);

#endif
