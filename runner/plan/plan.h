/*
 * Experiment -> ordered list of trials. A pure function of the experiment and its seed.
 *
 * Interleaved: randomised complete blocks (Fisher): warm-ups first, then blocks in which each demo has at
 * most one bare and one observed trial, and the baseline its A/A copy, in an order shuffled by the recorded
 * seed; what slows the machine for a while hits all demos alike. The fewer of bare and observed trials are
 * spread evenly over the blocks.
 */
#ifndef RUNNER_PLAN_PLAN_H
#define RUNNER_PLAN_PLAN_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

#include "runner/manifest/experiment.h"

enum trial_role { ROLE_WARMUP, ROLE_BARE, ROLE_OBSERVED, ROLE_AA, ROLE_COUNT };

struct planned_trial {
    size_t demo; /* index into experiment->demos */
    enum trial_role role;
    unsigned number; /* of this demo, from 1, in the order of the plan */
    unsigned block;  /* 0: warm-up */
};

struct plan {
    struct planned_trial *trials;
    size_t count;
};

const char *trial_role_name(enum trial_role role);

/* 0 or -ENOMEM; plan_free() releases what it fills. */
int plan_make(const struct experiment *experiment, struct plan *plan);
void plan_free(struct plan *plan);
/* What `runner run --dry-run` shows: the controls, then a line a trial. */
void plan_print(FILE *out, const struct experiment *experiment, const struct plan *plan);
/* {experiment, order, seed, trials: [{demo, trial, role, block}]}; owned by the caller. */
json_t *plan_json(const struct experiment *experiment, const struct plan *plan);

#endif
