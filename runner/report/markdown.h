/*
 * Markdown, as GitHub reads it.
 */
#ifndef RUNNER_REPORT_MARKDOWN_H
#define RUNNER_REPORT_MARKDOWN_H

#include <stdio.h>

/* Whatever `text` holds, it is text, no markup: also in a cell of a table. */
void markdown_text(const char *text, FILE *out);

#endif
