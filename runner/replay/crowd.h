/*
 * How long how many of the trial's threads wanted to run at once: those on a CPU, and those in a run queue.
 * Only the demo's own threads count, not what a neighbour does to them: a busy machine lets each of them wait
 * longer, but does not make them more.
 */
#ifndef RUNNER_REPLAY_CROWD_H
#define RUNNER_REPLAY_CROWD_H

#include <stdint.h>

/* 0..CROWD_MAX threads; the last stands for all that are more. */
#define CROWD_MAX 128

struct crowd {
    uint32_t threads; /* now */
    uint64_t since;
    uint64_t time[CROWD_MAX + 1]; /* ns */
};

/* So many more (fewer) of them want to run from `now` on. */
void crowd_change(struct crowd *crowd, int by, uint64_t now);

#endif
