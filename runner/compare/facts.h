/*
 * Whether bundles may be compared at all: what differs between their conditions, and what is wrong with each.
 */
#ifndef RUNNER_COMPARE_FACTS_H
#define RUNNER_COMPARE_FACTS_H

#include "runner/compare/rows.h"

/* Adds warnings; after rows_make(). */
int facts_compare(struct comparison *comparison, struct error *error);

#endif
