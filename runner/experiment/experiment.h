/*
 * The loop over trials: builds, probes, signals, progress, leftovers, the bundle's life.
 */
#ifndef RUNNER_EXPERIMENT_EXPERIMENT_H
#define RUNNER_EXPERIMENT_EXPERIMENT_H

#include <jansson.h>
#include <stdbool.h>

#include "runner/manifest/experiment.h"
#include "runner/support/error.h"

struct run_options {
    const char *out;         /* folder for bundles */
    const char *cgroup_root; /* NULL: find one */
};

struct run_outcome {
    char bundle[4096]; /* path of the bundle; "" when none was made */
    json_t *summary;   /* summary.json; NULL when no trial was finished */
    bool interrupted;
    bool demo_failed;   /* one did not build, or did not do what the manifest expects */
    bool load_invalid;  /* the load of a trial was late or failed: the trial says nothing of its demo */
    json_t *comparison; /* of the demos (runner/compare/compare.h); NULL when no trial was finished */
    json_t *gates;      /* runner/compare/gates.h; NULL: the manifest has none, or nothing was judged */
    bool gate_failed, gate_undecided;
};

/* Runs all trials and writes the bundle. An operator's signal ends it early: outcome->interrupted, the bundle
   is kept and marked incomplete. On an error after the first trial the bundle is kept and marked too. Release
   with run_outcome_free() in any case. */
int experiment_run(const struct experiment *experiment, const struct run_options *options,
                   struct run_outcome *outcome, struct error *error);
void run_outcome_free(struct run_outcome *outcome);

#endif
