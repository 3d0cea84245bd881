/*
 * A trial's counters -> its resource metrics. Figures are differences between the barrier and the end, never
 * absolute values, so that what runner did in the group before the barrier is not the demo's.
 */
#ifndef RUNNER_TRIAL_RESOURCES_H
#define RUNNER_TRIAL_RESOURCES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cgroup/cgroup.h"
#include "runner/metrics/metrics.h"

#define RESOURCES_NOT_HERE "this host's control groups do not tell"

struct resources {
    struct cgroup_stat before, after;
    uint64_t wall_ns;
    /* The sample of the memory split with the highest total, and when it was taken after the start. */
    bool sampled;
    struct cgroup_stat split;
    uint64_t split_ns;
    uint32_t samples;
};

/* Keeps `sample` when it is the highest so far. */
void resources_sample(struct resources *resources, const struct cgroup_stat *sample, uint64_t since_start_ns);
/* Difference of two counters; UINT64_MAX where either is not known. */
uint64_t counter_change(uint64_t before, uint64_t after);
/* Fills the rows of metrics.md "Resources". */
void resources_metrics(const struct resources *resources, struct metrics *metrics);
/* The raw counters for trial.json: {"before": {...}, "after": {...}, "memory_split": {...}}. */
json_t *resources_json(const struct resources *resources);

#endif
