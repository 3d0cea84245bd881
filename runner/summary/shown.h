/*
 * The findings of a demo over its trials.
 */
#ifndef RUNNER_SUMMARY_SHOWN_H
#define RUNNER_SUMMARY_SHOWN_H

#include <jansson.h>

#include "runner/summary/trials.h"

/* "findings" and "findings_not_looked_for" as summary.h has them. A trial whose load was invalid says
 * nothing. */
json_t *shown_json(const struct kept_demo *demo);
json_t *shown_not_looked_for_json(const struct kept_demo *demo);

#endif
