/*
 * Controls that a demo can change while it runs (runtime.GOMAXPROCS, debug.SetGCPercent), read from its
 * memory: nothing is attached to it and nothing in it runs for that. Read at each sample of the loop; the
 * last one counts, so a change in the last 16 ms may be missed. On the way the runtime's counters are read.
 * Sources: runtime/proc.go (gomaxprocs int32), runtime/mgcpacer.go (gcPercent is the first field of
 * gcControllerState; -1 means off).
 */
#ifndef RUNNER_TRIAL_READBACK_H
#define RUNNER_TRIAL_READBACK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runner/gobin/gobin.h"
#include "runner/manifest/experiment.h"
#include "runner/trial/polled.h"

struct readback {
    int process; /* /proc/PID: stays that process's, whoever gets the number next; -1: nothing to read */
    const struct gobin *binary;            /* that the process must have been started from; NULL: any */
    uint64_t gomaxprocs_at, gc_percent_at; /* as the file has them */
    int32_t gomaxprocs, gc_percent;
    uint32_t samples;
    struct polled polled;
    const char *reason; /* why nothing is known; static */
};

/* `binary` may be NULL. Never fails: what cannot be read has a reason. */
void readback_open(struct readback *readback, const struct gobin *binary, pid_t pid);
void readback_sample(struct readback *readback);
/* {"gomaxprocs", "gogc", "controls_overridden": true | false | null, "reason", "polled"}. `end_ns`: of the
 * demo. */
json_t *readback_json(const struct readback *readback, const struct controls *controls, uint64_t end_ns);
void readback_close(struct readback *readback);

#endif
