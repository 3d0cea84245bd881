/*
 * The CPU profile: which stacks were on the CPUs, sampled by a timer on each of them while the observer is
 * armed (bpf/profile.bpf.c). settings.profile_hz turns it on.
 *
 * The timer is the kernel's software event cpu-clock, a high-resolution timer, so no counters of the
 * processor are needed and virtual machines have it. What runs with interrupts off is seen where they come
 * on again. Stacks are followed by frame pointers: code without them (C, mostly) ends or bends a stack. No
 * frame is cut out in the middle; beyond depth_limit the outermost ones of a half are missing.
 *
 * produced = delivered + lost. A tick that the kernel never let our program see (a virtual CPU that was
 * stopped, interrupts off for more than a period, another program on that CPU at that moment) has no task: it
 * is counted as missed, for the whole machine.
 */
#ifndef BPF_PROFILE_H
#define BPF_PROFILE_H

#include <stdint.h>

#include "bpf/shared.h"

struct observer;

/* Since observer_arm(). */
struct profile_counts {
    uint64_t period_ns;
    uint64_t produced, lost; /* samples of the observed group, and how many of them the ring refused */
    uint64_t ticks, missed;  /* of the timers of all CPUs, whoever ran */
    uint32_t cpus;           /* with a timer */
    uint32_t depth_limit;    /* frames of each half of a stack */
};

/* Why there is no profile; NULL: there is one. A fact of the last observer_arm(). */
const char *observer_profile_off(const struct observer *observer);

/* Calls `take` for every sample in the ring, valid during the call only. A negative result of `take` ends the
   drain and is returned; else the number of samples. observer_fd() tells when it is more than half full. */
typedef int (*observer_take_sample)(void *context, const struct profile_sample *sample);
int observer_profile_drain(struct observer *observer, observer_take_sample take, void *context);

void observer_profile_read(const struct observer *observer, struct profile_counts *counts);

#endif
