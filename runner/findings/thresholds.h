/*
 * From which value on something is a finding, and why from there: one table.
 */
#ifndef RUNNER_FINDINGS_THRESHOLDS_H
#define RUNNER_FINDINGS_THRESHOLDS_H

#include "runner/findings/findings.h"

enum threshold_id {
    LEAK_BLOCKED,
    LEAK_SPAN,
    LEAK_SPAN_SHARE,
    LEAK_HALF_SHARE,
    CHURN_CREATED,
    CHURN_RAN,
    CHURN_CPU_SHARE,
    TIMERS_MADE,
    TIMERS_PER_CPU_S,
    TIMERS_UNFIRED_SHARE,
    STARVING_LATE,
    STARVING_TIME_SHARE,
    STARVING_FREE,
    STARVING_HOLDER_SHARE,
    SENDS_WAITS,
    SENDS_WAITING,
    SENDS_WAITING_PER_P,
    SENDS_SHARE,
    CONVOY_WAITS,
    CONVOY_WAITING,
    CONVOY_WAITING_PER_P,
    HANDOFF_COUNT,
    HANDOFF_THREADS,
    HANDOFF_THREADS_PER_P,
    THROTTLED_SHARE,
    GC_CYCLES,
    GC_PER_CPU_S,
    GC_CPU_SHARE,
    SPINNING_LOOKS,
    SPINNING_PER_RUN,
    SPINNING_CPU_SHARE,
    CROWD_THREADS,
    CROWD_PER_CPU,
    THRESHOLD_COUNT,
};

struct threshold {
    enum threshold_id id;
    enum finding_id finding;
    double value;
    enum metric_unit unit;
    const char *meaning; /* "goroutines of one go statement that are blocked at the end" */
    const char *why;
};
const struct threshold *threshold_info(enum threshold_id id);
double threshold(enum threshold_id id);

#endif
