/*
 * One trial, start to end. Theory of operation:
 *
 * acquire: group with its limits, pipes, sandbox up to the barrier, trace; at the barrier: filter armed,
 * counters read, clock read; release; the loop until the demo's first process has ended; probes disarmed,
 * counters read; the rest of the group killed; output read to its end; the replay's figures taken;
 * trial.json written. Everything acquired stands in one struct and is released in reverse order, also on
 * error.
 */
#ifndef RUNNER_TRIAL_TRIAL_H
#define RUNNER_TRIAL_TRIAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpf/observer.h"
#include "cgroup/cgroup.h"
#include "runner/build/build.h"
#include "runner/manifest/experiment.h"
#include "runner/metrics/metrics.h"
#include "runner/plan/plan.h"
#include "runner/sandbox/sandbox.h"

/* What all trials of an experiment share. */
struct trial_context {
    const struct experiment *experiment;
    struct cgroup *group;   /* the experiment's; trials' groups are made below it */
    struct cgroup *helpers; /* for the sandboxes' inits */
    const struct sandbox_filter *filter;
    struct sandbox_spare *spare; /* filled again while a trial is evaluated; NULL: none is made ahead */
    const struct kernel_symbols *kernel; /* NULL: no CPU profile */
    struct observer *observer;           /* NULL: no observed trials */
    int signal_fd;                       /* signalfd of SIGINT, SIGTERM, SIGHUP; -1: none */
};

struct trial_subject {
    const struct demo *demo;
    const struct build *build;
    const char *go_off;        /* why the Go probes are off; NULL: on */
    uint64_t absent_kinds;     /* struct probe_plan: events that the probes of this executable cannot yield */
    uint32_t executable;       /* its number for the observer */
    const char *no_goroutines; /* why the CPU profile has none; NULL: it has */
};

struct trial_result {
    enum verdict verdict;
    bool expected;
    bool interrupted; /* by the operator: figures mean nothing */
    struct metrics metrics;
    json_t *findings, *not_looked_for; /* as in trial.json; NULL: none were judged */
    uint64_t events, event_bytes, lost;
    uint64_t wall_ns;
    bool go_failed; /* the Go probes were implausible and are detached */
};

/* Runs it and writes trial.json, stdout, stderr, trace/, heatmap.json into the folder `dir`. `name` is
   "pool/trial-002-observed". A demo that misbehaves is a result, not an error. Release the result by
   trial_result_free() in any case. */
int trial_run(const struct trial_context *context, const struct trial_subject *subject,
              const struct planned_trial *planned, const char *name, int dir, struct trial_result *result,
              struct error *error);

void trial_result_free(struct trial_result *result);

#endif
