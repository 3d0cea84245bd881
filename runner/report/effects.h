/*
 * A row of a comparison (runner/compare/compare.h) in words: its effect, and the name of its verdict.
 */
#ifndef RUNNER_REPORT_EFFECTS_H
#define RUNNER_REPORT_EFFECTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* "0.79 x (0.77 .. 0.81)", "+12 (8 .. 15)"; "" where there is none. `unit`: the metric's. */
void effect_text(const json_t *effect, const char *unit, char *to, size_t size);

struct effect_verdict {
    const char *name, *shown; /* "not_shown", "no difference shown" */
    bool good, bad;
    bool judged; /* a difference was shown */
    bool tested; /* a p stands beside it */
};
/* NULL: there is none of this name. */
const struct effect_verdict *effect_verdict(const char *name);

#endif
