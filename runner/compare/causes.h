/*
 * What moved together with a figure that differs.
 *
 * A declared table names for each effect the figures that can be its cause, and in which direction. A cause
 * is told where its own interval excludes "the same" and it moved the right way: a hint of where to look, no
 * proof.
 */
#ifndef RUNNER_COMPARE_CAUSES_H
#define RUNNER_COMPARE_CAUSES_H

#include <jansson.h>

#include "runner/compare/rows.h"

/* [{effect, quantile, text, metrics: [names]}]; NULL where memory is short. */
json_t *causes_json(const struct pair *pair);

#endif
