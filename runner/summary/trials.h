/*
 * What a summary keeps of every trial; for the modules of this folder only.
 */
#ifndef RUNNER_SUMMARY_TRIALS_H
#define RUNNER_SUMMARY_TRIALS_H

#include "runner/metrics/bounds.h"
#include "runner/summary/summary.h"

struct kept_value {
    bool known, lossy;
    double value;
    double p99; /* distributions; NAN elsewhere */
    uint64_t lost;
    const char *reason; /* static */
};

/* Of a health bound, by its place in the table. */
struct kept_bound {
    enum bound_state state;
    bool lossy;
    double value, limit;
};

struct kept_trial {
    enum trial_role role;
    unsigned number;
    char *verdict;
    bool expected;
    bool load_invalid;
    json_t *findings, *not_looked_for; /* may be NULL */
    uint64_t event_count, event_bytes, duration_ns;
    struct kept_value values[METRIC_ID_COUNT];
    struct kept_bound bounds[BOUNDS_MOST];
};

struct kept_demo {
    char *name;
    struct kept_trial *trials; /* by number */
    size_t count;
};

struct summary {
    char *experiment, *baseline;
    struct kept_demo *demos;
    size_t demo_count;
};

#endif
