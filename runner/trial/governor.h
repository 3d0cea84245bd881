/*
 * Keeps Go probes that are hit too often from drowning the trial: kinds of events whose rate is above the
 * manifest's probes.rate_max for half a second are counted in the kernel from then on (bpf/counts.h). Their
 * counts stay exact; what needs single events is unknown, with the reason. A pure decision over time.
 */
#ifndef RUNNER_TRIAL_GOVERNOR_H
#define RUNNER_TRIAL_GOVERNOR_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpf/observer.h"

/* What is counted together, because one event without the others tells wrong states: the goroutines' changes
   of status, system calls, timers. */
#define GOVERNOR_GROUPS 3

struct governor {
    uint64_t rate_max; /* events a second, of a group; 0: never too many */
    uint64_t since;    /* when the interval began, ns; 0: not yet */
    uint64_t before[GOVERNOR_GROUPS];
    struct {
        uint64_t at, rate; /* when it was too much, and how much; at 0: never */
    } groups[GOVERNOR_GROUPS];
};

/* To be asked every now and then; `produced` as in observer_losses. All kinds that are to be counted only. */
uint64_t governor_step(struct governor *governor, uint64_t now, const uint64_t produced[EVENT_KIND_COUNT]);
uint64_t governor_kinds(const struct governor *governor);

/* [{"events", "from_ns", "rate_per_s", "rate_max_per_s", "counted"}], times from `start`; empty where nothing
   came too often. Owned by the caller. */
json_t *governor_json(const struct governor *governor, uint64_t start,
                      const uint64_t counted[EVENT_KIND_COUNT]);

#endif
