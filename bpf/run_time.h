/*
 * What a hit of our programs costs inside the kernel: its own statistics of programs (bpf(2),
 * BPF_ENABLE_STATS; Linux 5.8). They read the clock twice a hit, so they run only where nothing else is
 * measured: in warm-up trials. Where the kernel refuses them there is no figure.
 */
#ifndef BPF_RUN_TIME_H
#define BPF_RUN_TIME_H

#include <stdbool.h>

#include "bpf/observer.h"

/* From now on hits are timed, or no longer. */
void observer_time_programs(struct observer *observer, bool on);

/* Sums over all programs and all times at which they were timed. */
struct observer_run_time {
    uint64_t ns;
    uint64_t hits; /* 0: nothing was timed */
};
void observer_read_run_time(const struct observer *observer, struct observer_run_time *run_time);

#endif
