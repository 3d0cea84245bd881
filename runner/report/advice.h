/*
 * The findings of all demos in plain words, below the table: what was seen, in how many trials, and what to
 * change; at the end what could not be looked for.
 *
 * Reads summary.json alone, which may come from a stranger's bundle: texts are cleaned, what is missing or of
 * another type is left out.
 */
#ifndef RUNNER_REPORT_ADVICE_H
#define RUNNER_REPORT_ADVICE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Prints nothing where there is nothing to say. */
void advice_print(const json_t *summary, bool color, FILE *out);

#endif
