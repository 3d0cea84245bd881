/*
 * The manifest's `gates:` as plain data: what must hold for an experiment to pass. Owned by struct
 * experiment.
 */
#ifndef RUNNER_MANIFEST_GATES_H
#define RUNNER_MANIFEST_GATES_H

#include <stdbool.h>
#include <stddef.h>

#include "runner/metrics/metrics.h"
#include "runner/support/error.h"

enum gate_rule {
    GATE_MAX, /* no more than the threshold, in the metric's unit; of a finding: trials that may show it */
    GATE_MIN,
    GATE_AT_MOST, /* the ratio to the baseline is no more than the threshold: 1.05 for +5% */
    GATE_AT_LEAST,
};
enum gate_of { GATE_OF_ANY, GATE_OF_MEDIAN };

struct gate {
    char *metric; /* "cpu.time", "goroutines.wake_latency.p99"; NULL: a finding */
    char *finding;
    char *demo;                           /* NULL: every demo that it can be asked of */
    char *max, *min, *at_most, *at_least; /* as written; one of them is not NULL */
    enum gate_of of;                      /* of GATE_MAX and GATE_MIN: each trial, or their median */
    unsigned against;                     /* 1: baseline; 0: not stated */
    enum metric_id id;                    /* of `metric` */
    bool p99;                             /* of its distribution, not the median */
    enum gate_rule rule;
    double threshold;
    size_t line; /* in the manifest; 0: it is of a command line */
};

/* "cpu.time against baseline at_most +5%": how people name it. */
void gate_text(const struct gate *gate, char *to, size_t size);
void gate_free(struct gate *gate);

/* Of a command line: "cpu.time at_most +5%", "goroutines.leaked max 0 of median demo pool", "finding
   timer-abuse max none". ERROR_USAGE with all that is wrong in it. Free it with gate_free() in any case. */
int gate_parse(const char *text, struct gate *gate, struct error *error);

#endif
