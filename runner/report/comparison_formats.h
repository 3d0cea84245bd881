/*
 * A comparison for other programs: Markdown, CSV, and the Go benchmark format.
 */
#ifndef RUNNER_REPORT_COMPARISON_FORMATS_H
#define RUNNER_REPORT_COMPARISON_FORMATS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "runner/compare/compare.h"

/* GitHub's Markdown: a heading, a verdict and a table a demo; then the gates (NULL: none). `all` as in
   compare_demo_json(). Whatever names hold, it is text, no markup. */
void comparison_markdown(const struct comparison *comparison, bool all, const json_t *gates, FILE *out);
/* RFC 4180 with a line of names: a line a demo and figure; figures in the metric's own unit, not rounded,
   empty where not known. Texts that a spreadsheet would take for a formula get an apostrophe. */
void comparison_csv(const struct comparison *comparison, bool all, FILE *out);
/* The bare trials of every bundle, with a line `bundle: NAME` before each: benchstat compares them by
   `-col bundle`. */
void comparison_benchmarks(const struct comparison *comparison, FILE *out);

#endif
