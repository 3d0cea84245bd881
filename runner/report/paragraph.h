/*
 * A sentence below a table, indented and broken at blanks.
 */
#ifndef RUNNER_REPORT_PARAGRAPH_H
#define RUNNER_REPORT_PARAGRAPH_H

#include <stdio.h>

/* `text` may hold any bytes. */
void paragraph_print(const char *text, FILE *out);

#endif
