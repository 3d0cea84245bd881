/*
 * experiment.json: what is written while an experiment runs. It exists from the start with `"complete":
 * false`, so that a killed runner leaves a folder that says what it is.
 */
#ifndef RUNNER_EXPERIMENT_CHRONICLE_H
#define RUNNER_EXPERIMENT_CHRONICLE_H

#include <jansson.h>
#include <stdbool.h>

#include "bpf/observer.h"
#include "runner/experiment/subject.h"
#include "runner/manifest/experiment.h"
#include "runner/plan/plan.h"
#include "runner/support/error.h"
#include "runner/trial/trial.h"

struct chronicle {
    const char *bundle_name;
    char enforcement[512];  /* cgroup_root_describe() */
    json_t *root;           /* experiment.json */
    json_t *demos, *trials; /* borrowed from root */
    json_t *noise_before;
    uint64_t events, lost;
    uint64_t samples, lost_samples; /* of CPU profiles */
};

/* Writes the first experiment.json into `dir`. */
int chronicle_open(struct chronicle *chronicle, const struct experiment *experiment, int dir,
                   struct error *error);
/* Adds a demo's block; writes build.log below demos/<demo>/ where the build failed. */
int chronicle_add_subject(struct chronicle *chronicle, const struct subject *subject, int dir,
                          struct error *error);
void chronicle_add_trial(struct chronicle *chronicle, const struct planned_trial *planned, const char *demo,
                         const char *path, const struct trial_result *result);
/* Nothing more will happen. `failure`: why the experiment ended early; NULL: it did not, or by a signal. */
void chronicle_settle(struct chronicle *chronicle, bool complete, const struct observer *observer,
                      const struct error *failure);
/* Writes the final one, with the gates (borrowed; NULL: none). */
int chronicle_finish(struct chronicle *chronicle, int dir, json_t *gates, struct error *error);
void chronicle_close(struct chronicle *chronicle);

#endif
