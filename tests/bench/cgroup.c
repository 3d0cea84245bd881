/*
 * What the groups of one trial cost: made, limits written and read back, opened for entering, read, removed.
 * Prints the median of 50 for each step. Groups are made in the slice runner-bench and removed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cgroup/cgroup.h"
#include "runner/support/fd.h"

#define RUNS 50

enum { STEP_MAKE, STEP_APPLY, STEP_OPEN, STEP_STAT, STEP_MEMORY, STEP_DESTROY, STEP_ALL, STEP_COUNT };

static const char *const steps[STEP_COUNT] = {"make",        "apply limits", "open for entering", "read all",
                                              "read memory", "destroy",      "all but reading"};

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static uint64_t lap(uint64_t *since)
{
    uint64_t now = clock_monotonic_ns();
    uint64_t spent = now - *since;
    *since = now;
    return spent;
}

static int one_run(struct cgroup *experiment, uint64_t times[STEP_COUNT], struct error *error)
{
    struct cgroup_settings settings = {
        .cpu_quota_us = 50000,
        .cpu_period_us = 100000,
        .memory_max = 512 << 20,
        .memory_high = CGROUP_UNSET,
        .memory_low = CGROUP_UNSET,
        .memory_swap_max = 0,
        .pids_max = 512,
    };
    struct cgroup_applied applied[CGROUP_APPLIED_MAX];
    struct cgroup_stat stat;
    struct cgroup *group;
    int fds[CGROUP_HIERARCHIES];
    uint64_t at = clock_monotonic_ns();
    int result = cgroup_create(experiment, "trial", &group, error);
    if (result < 0)
        return result;
    times[STEP_MAKE] = lap(&at);
    result = cgroup_apply(group, &settings, "", applied, error);
    times[STEP_APPLY] = lap(&at);
    if (result >= 0)
        result = cgroup_entry_fds(group, fds, error);
    times[STEP_OPEN] = lap(&at);
    cgroup_read_stat(group, &stat);
    times[STEP_STAT] = lap(&at);
    cgroup_read_memory(group, &stat);
    times[STEP_MEMORY] = lap(&at);
    int destroyed = cgroup_destroy(group, error);
    times[STEP_DESTROY] = lap(&at);
    times[STEP_ALL] = times[STEP_MAKE] + times[STEP_APPLY] + times[STEP_OPEN] + times[STEP_DESTROY];
    return result < 0 ? result : destroyed;
}

int main(void)
{
    static uint64_t times[STEP_COUNT][RUNS];
    struct error error = {0};
    struct cgroup_root *root;
    struct cgroup *experiment;
    if (cgroup_root_open(NULL, false, &root, &error) < 0) {
        fprintf(stderr, "cgroup: %s\n", error.text);
        return error.class;
    }
    int result = cgroup_open_experiment(root, "runner-bench", &experiment, &error);
    for (int run = 0; run < RUNS && result >= 0; run++) {
        uint64_t lap_times[STEP_COUNT] = {0};
        result = one_run(experiment, lap_times, &error);
        for (int step = 0; step < STEP_COUNT; step++)
            times[step][run] = lap_times[step];
    }
    char text[1024];
    cgroup_root_describe(root, text, sizeof text);
    if (result >= 0)
        cgroup_destroy(experiment, NULL);
    cgroup_root_close(root);
    if (result < 0) {
        fprintf(stderr, "cgroup: %s\n", error.text);
        return error.class;
    }
    printf("%s\n", text);
    for (int step = 0; step < STEP_COUNT; step++) {
        qsort(times[step], RUNS, sizeof times[step][0], by_value);
        uint64_t median = times[step][RUNS / 2];
        printf("%-20s %8.1f us\n", steps[step], (double)median / 1000);
    }
    return 0;
}
