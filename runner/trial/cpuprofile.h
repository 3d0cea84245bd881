/*
 * The CPU profile's part of an observed trial: samples go from the observer into a profile, which is written
 * to profile.json; figures profile.*, and what became of the samples, in trial.json's "profile".
 */
#ifndef RUNNER_TRIAL_CPUPROFILE_H
#define RUNNER_TRIAL_CPUPROFILE_H

#include <jansson.h>
#include <stdbool.h>

#include "bpf/observer.h"
#include "bpf/profile.h"
#include "runner/metrics/metrics.h"
#include "runner/profile/profile.h"

struct cpuprofile {
    struct observer *observer;
    bool wanted; /* by the manifest: without it there is no figure and no reason */
    const char
        *no_goroutines; /* why samples have no goroutine; static or as long as the trial; NULL: they do */
    struct profile *profile;
    struct profile_counts counts;
};

/* Before the observer is armed. */
int cpuprofile_open(struct cpuprofile *cpuprofile, struct observer *observer,
                    const struct profile_settings *settings, const char *no_goroutines, struct error *error);
/* Takes what is in the ring. */
void cpuprofile_drain(struct cpuprofile *cpuprofile);
/* After disarming: takes the rest, writes profile.json into the trial's folder. */
int cpuprofile_finish(struct cpuprofile *cpuprofile, int dir, struct error *error);
/* Metrics, known or with a reason, and record["profile"]; cpu.time is among the metrics already. Nothing
   where it is not wanted. */
void cpuprofile_evaluate(const struct cpuprofile *cpuprofile, struct metrics *metrics, json_t *record);
void cpuprofile_close(struct cpuprofile *cpuprofile);

#endif
