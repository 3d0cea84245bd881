/*
 * What came of a load, read back from load.json (tally.h), and what it means: a pure decision.
 *
 * invalid: the generator itself was late, so latencies say nothing about the demo: the 99th percentile of the
 * send lag is above 1 ms. Waiting for a free connection is no part of it. overloaded: the demo did not keep
 * up. That is a result, and a bad one: requests without an answer in time, or more than 1% of them found
 * the pool at its bound and busy, or less than 95% of the asked rate were answered. errors: any other
 * wrong end of a request.
 *
 * With several steps each is judged, errors count in those that hold (where none does, in the first), and
 * `overloaded` is left to the knee: the highest rate before the first step that does not hold. A step holds
 * when it is not overloaded and its p99 from due is at most ten times that of the first step.
 */
#ifndef RUNNER_LOAD_FIGURES_H
#define RUNNER_LOAD_FIGURES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runner/support/histogram.h"

#define FIGURES_SEND_LAG_NS 1000000

struct load_figures {
    struct histogram latency_due, latency_sent, send_lag; /* nanoseconds */
    double asked_per_s, achieved_per_s;                   /* NAN: not known */
    uint64_t due, ok, waited, pool_full, connections_most;
    uint64_t errors;      /* all kinds together */
    uint64_t slow_errors; /* of them: timeout, unanswered_at_end, not_sent */
    uint64_t held_errors; /* not slow ones, in the steps that hold */
    uint64_t bytes_written, bytes_read;
    double knee_per_s; /* NAN: one step only, or not even the first held */
    size_t steps, steps_held;
    bool cut;
    const json_t *kinds; /* errors by kind; borrowed from the result */
};

struct load_judgement {
    bool invalid, overloaded, errors;
    const char *why_overloaded; /* static; NULL */
};

/* 0; -EINVAL: no result of this program; -ENOMEM. Release in any case. */
int load_figures_read(const json_t *result, struct load_figures *figures);
void load_figures_free(struct load_figures *figures);
struct load_judgement load_figures_judge(const struct load_figures *figures);

#endif
