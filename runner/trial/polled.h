/*
 * What the Go runtime counts anyway, read from the demo's memory at each sample of the loop: nothing is
 * attached to it and nothing in it runs for that, so bare trials have these figures, too. Each is the
 * runtime's own sum, exact when it was read; what happens between the last sample and the end is missing (an
 * eighth of the demo's life, 16 ms at most), and a sample that is older makes the figure unknown. Sources:
 * runner/gobin/globals.h.
 */
#ifndef RUNNER_TRIAL_POLLED_H
#define RUNNER_TRIAL_POLLED_H

#include <jansson.h>
#include <stdint.h>

#include "runner/gobin/gobin.h"
#include "runner/metrics/metrics.h"

enum polled_value {
    POLLED_GOROUTINES, /* created */
    POLLED_THREADS,    /* made */
    POLLED_SCHEDULES,  /* sum of p.schedtick */
    POLLED_SYSCALLS,   /* sum of p.syscalltick */
    POLLED_GC_COUNT,
    POLLED_PAUSE, /* ns */
    POLLED_ALLOC, /* bytes */
    POLLED_HEAP,  /* bytes; the largest of all samples */
    POLLED_VALUES,
};

struct polled {
    uint32_t samples;
    uint64_t last_ns;               /* CLOCK_MONOTONIC, when the last sample was taken */
    uint64_t values[POLLED_VALUES]; /* UINT64_MAX: this Go version has no such counter */
};

/* Reads all from `memory` (/proc/PID/mem) of a program whose addresses are shifted by `bias`; what cannot be
   read leaves the sample before as it is. */
void polled_sample(struct polled *polled, int memory, uint64_t bias, const struct gobin *binary,
                   uint64_t now_ns);
/* `why`: why there was no sample; static. start and end of the demo's life in ns. */
void polled_metrics(const struct polled *polled, uint64_t start_ns, uint64_t end_ns, const char *why,
                    struct metrics *metrics);
/* {"samples", "before_end_ns"} */
json_t *polled_json(const struct polled *polled, uint64_t end_ns);

#endif
