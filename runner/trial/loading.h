/*
 * The loaded half of a trial: the load's session (runner/load), the demo's counters over the measured window,
 * and what both come to in trial.json and in the metrics.
 */
#ifndef RUNNER_TRIAL_LOADING_H
#define RUNNER_TRIAL_LOADING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cgroup/cgroup.h"
#include "runner/load/figures.h"
#include "runner/load/session.h"
#include "runner/metrics/metrics.h"
#include "runner/trial/capture.h"
#include "runner/trial/observation.h"
#include "runner/trial/verdict.h"

struct loading_settings {
    const struct experiment *experiment;
    struct cgroup *group;
    int network;         /* of the sandbox; -1: the host's */
    pid_t demo;          /* its first process */
    int dir;             /* of the trial: load.log.zst, or load.stdout and load.stderr, are made in it */
    struct capture *out; /* of the demo: watched for load.ready.stdout */
};

struct loading {
    const struct experiment *experiment;
    struct cgroup *group;
    struct session session;
    int log, out, err; /* files in the bundle */
    struct {
        bool begun, ended;
        struct cgroup_stat before, after;
        uint64_t memory_peak; /* highest sample in it */
    } window;
    json_t *result; /* load.json; NULL: none */
    bool readable;  /* `figures` were read from it */
    struct load_figures figures;
    struct load_judgement judgement;
};

int loading_open(struct loading *loading, const struct loading_settings *settings, struct error *error);
/* Takes what the session has to tell; true: the load is over, and the demo is to be stopped. `observation`
   (NULL: none) gets the window's marks. */
bool loading_step(struct loading *loading, uint64_t now, struct observation *observation);
/* A sample of the demo's memory. */
void loading_sample(struct loading *loading, const struct cgroup_stat *sample);
/* After the trial's loop: ends the load where need be and reads its result. */
void loading_finish(struct loading *loading);
/* What the verdict wants to know; `facts->evidence` is a new reference. */
void loading_facts(const struct loading *loading, bool demo_was_stopped, struct load_facts *facts);
/* The rows load.*, window.*, work.*; once, for the distributions go into them. `dir`: where stdout is. */
void loading_metrics(struct loading *loading, int dir, struct metrics *metrics);
/* "load" of trial.json. */
json_t *loading_json(const struct loading *loading);
void loading_close(struct loading *loading);

#endif
