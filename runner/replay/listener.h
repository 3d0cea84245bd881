/*
 * What a replay tells while it goes: each slice of a thread on a CPU and each wait of a thread that then got
 * one. They are the same slices and waits that its figures count, so that their sums agree exactly:
 *
 *   the slices' lengths    = sched.on_cpu
 *   waits in the run queue = the values of sched.run_queue_latency (without a load; with one, that metric
 *                            counts those of the measured window alone)
 *
 * Both are told when they end, in the order of their ends; what is still open at the end of the replay is
 * told by replay_finish(), slices only and in no order. A slice may be told in pieces (an exec or the
 * beginning of an exit ends one). Which goroutine ran is not known at a switch.
 */
#ifndef RUNNER_REPLAY_LISTENER_H
#define RUNNER_REPLAY_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

/* [start, end) ns; longer than 0. */
struct replay_slice {
    uint64_t start, end;
    uint32_t tid;
    uint8_t cpu;
};

/* From the wake-up, or from being preempted or throttled, to the switch-in on `cpu`; may be 0 ns long. */
struct replay_wait {
    uint64_t start, end;
    uint32_t tid;
    uint8_t cpu;
    bool throttled; /* cpu.max kept it off, not the run queue */
};

/* Either function may be NULL. */
struct replay_listener {
    void *context;
    void (*on_slice)(void *context, const struct replay_slice *slice);
    void (*on_wait)(void *context, const struct replay_wait *wait);
};

#endif
