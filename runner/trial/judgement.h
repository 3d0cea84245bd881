/*
 * A trial's findings: what the judges (runner/findings) have to know about it, and their record in
 * trial.json.
 */
#ifndef RUNNER_TRIAL_JUDGEMENT_H
#define RUNNER_TRIAL_JUDGEMENT_H

#include <jansson.h>

#include "runner/manifest/experiment.h"
#include "runner/metrics/metrics.h"
#include "runner/trial/observation.h"
#include "runner/trial/readback.h"

struct judgement_input {
    const struct experiment *experiment;
    const struct metrics *metrics;
    const struct readback *readback;
    const struct observation *observation; /* evaluated; NULL: a bare trial */
};

/* Adds "findings", and "findings_not_looked_for" with the reasons (runner/findings/record.h has the shapes).
 */
void judgement_record(const struct judgement_input *input, json_t *record);

#endif
