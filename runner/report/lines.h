/*
 * The figures that a reader looks at first, by the names that people use, and the word for a difference: one
 * table for the terminal and the page.
 */
#ifndef RUNNER_REPORT_LINES_H
#define RUNNER_REPORT_LINES_H

#include <stdbool.h>

#include "runner/stats/stats.h"

struct line_words {
    const char *lower, *higher; /* what the demo is, compared with the baseline */
};

struct report_line {
    const char *role, *metric;
    const char *part; /* NULL: the value itself */
    const char *label;
    const struct line_words *words;
};

/* Ends with an empty row. One whose metric no trial speaks of is left out by those who show it. */
extern const struct report_line report_lines[];

/* The plain word for a ratio (neutral: 1) or a difference (neutral: 0): nothing is called a difference whose
   interval holds the neutral value. `of_copy`: it is the baseline's own copy, and any difference is noise.
   *good and *bad: whether that is known to be what one wants, or not. */
const char *report_line_word(const struct report_line *line, const struct interval *interval, double neutral,
                             bool of_copy, bool *good, bool *bad);

#endif
