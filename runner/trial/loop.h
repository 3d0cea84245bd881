/*
 * The one epoll loop of a trial: stdout, stderr, the sandbox's status, the operator's signals, the ring, and
 * one timerfd that is armed for the nearest deadline (drain, memory sample, stop, grace, time-out).
 */
#ifndef RUNNER_TRIAL_LOOP_H
#define RUNNER_TRIAL_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "cgroup/cgroup.h"
#include "runner/sandbox/sandbox.h"
#include "runner/trial/capture.h"
#include "runner/trial/loading.h"
#include "runner/trial/observation.h"
#include "runner/trial/readback.h"
#include "runner/trial/resources.h"

struct loop_input {
    struct sandbox *sandbox;
    struct cgroup *group;
    struct capture *out, *err;
    struct readback *readback;
    struct observation *observation;              /* NULL: a bare trial */
    struct loading *loading;                      /* NULL: no load */
    int signal_fd;                                /* signalfd of the operator's signals, -1: none */
    uint64_t start_ns;                            /* CLOCK_MONOTONIC of the release */
    uint64_t timeout_ns, stop_after_ns, grace_ns; /* relative to start; stop_after_ns UINT64_MAX: none */
    int stop_signal;
};

struct loop_result {
    struct sandbox_status status;
    uint64_t end_ns; /* when init saw the end of the demo's first process */
    bool timed_out, stopped, killed;
    bool interrupted; /* the operator's signal came; the demo was killed */
    uint64_t stop_ns; /* when the stop signal was sent; 0: never */
};

/* Returns when the demo's first process has ended and all of its group is dead. */
int loop_run(const struct loop_input *input, struct resources *resources, struct loop_result *result,
             struct error *error);

#endif
