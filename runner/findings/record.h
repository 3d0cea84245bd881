/*
 * Findings as JSON, for trial.json and the summary. Keys without a value are left out.
 */
#ifndef RUNNER_FINDINGS_RECORD_H
#define RUNNER_FINDINGS_RECORD_H

#include <jansson.h>

#include "runner/findings/findings.h"

/* [{"name", "severity", "sentence", "advice", "evidence": {...}, "created_by", "function", "reason",
   "stack": [innermost first], "first_ns", "last_ns", "lossy", "lost"}] */
json_t *findings_json(const struct findings *findings);
/* [{"name", "reason"}] */
json_t *findings_not_looked_for_json(const struct findings *findings);

#endif
