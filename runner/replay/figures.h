/*
 * Counters and histograms of a finished replay -> metrics. Histograms move out of the replay.
 */
#ifndef RUNNER_REPLAY_FIGURES_H
#define RUNNER_REPLAY_FIGURES_H

#include <stdint.h>

#include "runner/metrics/metrics.h"

struct replay;

/* `end`: when the demo's life ended, ns. */
void figures_fill(struct replay *replay, uint64_t end, struct metrics *metrics);

#endif
