/*
 * A comparison for people at a terminal: what stands against it, then demo by demo the verdict, a line a
 * figure, what moved with it, and the gates.
 *
 * Reads the JSON of runner/compare/compare.h, a demo at a time, so that hundreds of bundles take no memory.
 */
#ifndef RUNNER_REPORT_COMPARISON_H
#define RUNNER_REPORT_COMPARISON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct comparison_view {
    bool all; /* also figures that show no difference */
    bool color;
};

/* Warnings. `refused`: they forbid the comparison, and it is not shown. */
void comparison_print_head(const json_t *head, const struct comparison_view *view, FILE *out);
void comparison_print_demo(const json_t *demo, const struct comparison_view *view, FILE *out);
/* What the figures are: how they were tested. */
void comparison_print_foot(const json_t *head, FILE *out);
/* The verdict alone, with its causes: below the table of a run. */
void comparison_print_verdict(const json_t *demo, bool color, FILE *out);
/* A line a gate; nothing where there are none. */
void comparison_print_gates(const json_t *gates, bool color, FILE *out);

#endif
