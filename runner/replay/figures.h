/*
 * Counters and histograms of a finished replay -> metrics. Histograms move out of the replay.
 */
#ifndef RUNNER_REPLAY_FIGURES_H
#define RUNNER_REPLAY_FIGURES_H

#include <stdint.h>

#include "runner/metrics/metrics.h"

struct replay;

#define WAIT_REASON_NAME_SIZE 48
/* The reason's name in this Go version, else "reason 57". */
void figures_wait_reason(uint32_t go_minor, uint32_t reason, char name[WAIT_REASON_NAME_SIZE]);

/* `end`: when the demo's life ended, ns. */
void figures_fill(struct replay *replay, uint64_t end, struct metrics *metrics);

#endif
