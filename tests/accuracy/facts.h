/*
 * Numbers out of trial.json, and out of what a program says of itself.
 */
#ifndef TESTS_ACCURACY_FACTS_H
#define TESTS_ACCURACY_FACTS_H

#include <jansson.h>

#include "tests/accuracy/judge.h"

/* `path`: METRIC is the metric's value, METRIC/parts/PART/n a member of it; "A + B" is their sum. A part that
   did not happen is 0; NAN where the bundle has no such number. */
struct seen facts_seen(const json_t *trial, const char *path);
/* The number behind `key=` at the start of a line; NAN where there is none. */
double facts_said(const char *text, const char *key);

#endif
