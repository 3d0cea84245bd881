/*
 * trial.json: limits as read back, verdict with evidence, output, resources, metrics.
 */
#ifndef RUNNER_TRIAL_RECORD_H
#define RUNNER_TRIAL_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cgroup/cgroup.h"
#include "runner/metrics/metrics.h"
#include "runner/plan/plan.h"
#include "runner/trial/capture.h"
#include "runner/trial/resources.h"
#include "runner/trial/verdict.h"

struct trial_record {
    struct cgroup_applied applied[CGROUP_APPLIED_MAX];
    size_t applied_count;
    struct trial_facts facts;
    uint64_t barrier_ns; /* CLOCK_MONOTONIC */
    bool interrupted;
    const struct capture *out, *err;
    const struct resources *resources;
};

/* Everything but "trace", "go" and "metrics". */
void record_head(json_t *record, const struct demo *demo, const struct planned_trial *planned,
                 const struct trial_record *facts);
/* Adds the metrics and writes trial.json into `dir`. */
int record_write(int dir, json_t *record, const struct metrics *metrics, struct error *error);

#endif
