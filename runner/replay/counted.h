/*
 * Kinds of events that the kernel began to count instead of telling (bpf/counts.h), because there were too
 * many: what they add to the figures that are counts, and which figures cannot be known any more. States of
 * goroutines stand still from then on.
 */
#ifndef RUNNER_REPLAY_COUNTED_H
#define RUNNER_REPLAY_COUNTED_H

#include <stdint.h>

#include "bpf/counts.h"
#include "runner/metrics/metrics.h"

struct replay;

struct counted {
    uint64_t kinds; /* bit 1 << kind; 0: every event was told */
    uint64_t counts[EVENT_KIND_COUNT];
};

/* Adds what was counted to the counts of the replay; before its figures are filled in. */
void counted_add_totals(struct replay *replay);
/* Withdraws what needs single events. */
void counted_withdraw(const struct replay *replay, struct metrics *metrics);

#endif
