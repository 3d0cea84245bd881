/*
 * How well sysmon keeps its time, level full: the sleep that the runtime asked for (runtime.sysmon: 20 us,
 * doubled up to 10 ms) against the sleep that it had, until its thread is on a CPU again. Without the
 * kernel's events a sleep lasts until the thread's next event, which is an upper bound.
 *
 * Ratios are kept as parts per million.
 */
#ifndef RUNNER_REPLAY_SYSMON_H
#define RUNNER_REPLAY_SYSMON_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/events.h"
#include "runner/replay/table.h"
#include "runner/support/histogram.h"

struct sysmon {
    struct table sleeps;          /* that last, by tid */
    uint64_t tids;                /* bit tid % 64: one may be sleeping; most switches are of others */
    bool sched;                   /* switches are told */
    struct histogram asked, late; /* ns; late: beyond what was asked for */
    struct histogram drift;       /* late / asked */
    struct histogram drift_20ms;  /* |slept - 20 ms| / 20 ms: the period that the article takes for right */
};

int sysmon_open(struct sysmon *sysmon, bool sched);
void sysmon_close(struct sysmon *sysmon);
/* Kind sysmon_sleep. 0 or -ENOMEM. */
int sysmon_sleep(struct sysmon *sysmon, const struct event_go_value *event, uint64_t now);
/* Another event of the Go runtime on that thread. 0 or -ENOMEM. */
int sysmon_goes_on(struct sysmon *sysmon, const struct event_header *event, uint64_t now);
/* 0 or -ENOMEM. */
int sysmon_switch(struct sysmon *sysmon, const struct event_sched_switch *event, uint64_t now);
/* The thread ended. */
void sysmon_end(struct sysmon *sysmon, uint32_t tid);

#endif
