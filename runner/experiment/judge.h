/*
 * What an experiment comes to: its demos against the baseline, and its gates.
 */
#ifndef RUNNER_EXPERIMENT_JUDGE_H
#define RUNNER_EXPERIMENT_JUDGE_H

#include <jansson.h>

#include "runner/experiment/experiment.h"

/* From the final experiment.json and summary.json; fills outcome->comparison, gates, gate_failed and
   gate_undecided. */
int judge_experiment(const struct experiment *experiment, const char *bundle, const json_t *record,
                     const json_t *summary, struct run_outcome *outcome, struct error *error);

#endif
