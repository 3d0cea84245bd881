/*
 * The health bounds that a demo breaks, over its trials.
 */
#ifndef RUNNER_SUMMARY_BROKEN_H
#define RUNNER_SUMMARY_BROKEN_H

#include <jansson.h>

#include "runner/summary/trials.h"

/* "bounds_broken" as summary.h has it. */
json_t *broken_json(const struct kept_demo *demo);

#endif
