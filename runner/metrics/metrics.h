/*
 * Names and meanings of every figure: one table of metrics, and the values of one trial.
 *
 * A trial's figures come from two sources: counters (cgroup, clock; runner/trial) and the event
 * stream (runner/replay; replay_finish). A figure that is not known has a reason instead of a value.
 */
#ifndef RUNNER_METRICS_METRICS_H
#define RUNNER_METRICS_METRICS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "runner/support/histogram.h"

enum metric_unit { UNIT_NS, UNIT_BYTES, UNIT_COUNT, UNIT_RATIO, UNIT_PER_S };
enum metric_trials { METRIC_BARE, METRIC_OBSERVED };
enum metric_better { BETTER_LOWER, BETTER_HIGHER, BETTER_NEITHER };

enum metric_id {
    /* resources (bare; recorded in observed trials as well, under the observed key) */
    METRIC_TIME_WALL,
    METRIC_TIME_USER,
    METRIC_TIME_SYSTEM,
    METRIC_CPU_TIME,
    METRIC_CPU_THROTTLED,
    METRIC_CPU_THROTTLED_PERIODS_RATIO,
    METRIC_MEMORY_PEAK,
    METRIC_MEMORY_ANON,
    METRIC_MEMORY_FILE,
    METRIC_MEMORY_KERNEL,
    METRIC_PIDS_PEAK,
    METRIC_IO_READ,
    METRIC_IO_WRITE,
    METRIC_PSI_CPU_SOME,
    METRIC_PSI_MEMORY_FULL,
    METRIC_PSI_IO_FULL,
    /* with load: (bare) */
    METRIC_LOAD_LATENCY_DUE,
    METRIC_LOAD_LATENCY_SENT,
    METRIC_LOAD_SEND_LAG,
    METRIC_LOAD_RATE_ACHIEVED,
    METRIC_LOAD_ERRORS,
    METRIC_LOAD_CONNECTIONS_MOST,
    METRIC_LOAD_KNEE_RATE,
    METRIC_WINDOW_CPU_TIME,
    METRIC_WINDOW_MEMORY_PEAK,
    METRIC_WORK_UNITS,
    METRIC_WORK_CPU_PER_UNIT,
    METRIC_WORK_PER_CPU_S,
    /* what the Go runtime counts anyway, read from its memory (bare) */
    METRIC_GO_GC_COUNT,
    METRIC_GO_PAUSE_TOTAL,
    METRIC_GO_ALLOC,
    METRIC_GO_HEAP_PEAK,
    METRIC_GO_GOROUTINES_CREATED,
    METRIC_GO_THREADS,
    METRIC_GO_SCHEDULES,
    METRIC_GO_SYSCALLS,
    /* the sandbox's network (observed, probes.net) */
    METRIC_NET_PACKETS_IN,
    METRIC_NET_PACKETS_OUT,
    METRIC_NET_PAYLOAD_IN,
    METRIC_NET_PAYLOAD_OUT,
    METRIC_NET_DROPS,
    METRIC_NET_RETRANSMITS,
    METRIC_NET_RETRANSMITTED,
    METRIC_NET_XDP_ERRORS,
    /* the CPU profile (observed, probes.cpu) */
    METRIC_PROFILE_SAMPLES,
    METRIC_PROFILE_LOST,
    METRIC_PROFILE_CUT,
    METRIC_PROFILE_STACK_DEPTH,
    /* kernel scheduling (observed); from here on all come from events */
    METRIC_SCHED_RUN_QUEUE_LATENCY,
    METRIC_SCHED_ON_CPU,
    METRIC_SCHED_OFF_CPU,
    METRIC_SCHED_THROTTLED,
    METRIC_SCHED_SWITCHES,
    METRIC_SCHED_SWITCHES_VOLUNTARY,
    METRIC_SCHED_SWITCHES_INVOLUNTARY,
    METRIC_SCHED_MIGRATIONS,
    METRIC_SCHED_THREADS_PEAK,
    /* goroutines (observed) */
    METRIC_GOROUTINES_CREATED,
    METRIC_GOROUTINES_EXITED,
    METRIC_GOROUTINES_PEAK,
    METRIC_GOROUTINES_ALIVE_AT_END,
    METRIC_GOROUTINES_RUNTIME,
    METRIC_GOROUTINES_LEAKED,
    METRIC_GOROUTINES_PARKS,
    METRIC_GOROUTINES_YIELDS,
    METRIC_GOROUTINES_CORO_SWITCHES,
    METRIC_GOROUTINES_CREATE_PER_S,
    METRIC_GOROUTINES_PARK_PER_S,
    METRIC_GOROUTINES_READY_PER_S,
    METRIC_GOROUTINES_BLOCK_TIME,
    METRIC_GOROUTINES_WAKE_LATENCY,
    METRIC_GOROUTINES_WAKE_GO_QUEUE,
    METRIC_GOROUTINES_WAKE_RUN_QUEUE,
    METRIC_GOROUTINES_WAKE_THROTTLED,
    METRIC_GOROUTINES_RUN_SLICE,
    METRIC_GOROUTINES_LIFE,
    /* collector (observed) */
    METRIC_GC_COUNT,
    METRIC_GC_CYCLE_TIME,
    METRIC_GC_STW_TIME,
    METRIC_GC_HEAP_GOAL,
    METRIC_GC_ASSIST_TIME,
    METRIC_GC_MARK_TIME,
    METRIC_GC_IDLE_TIME,
    METRIC_GC_CPU_RATIO,
    /* the scheduler's inside (observed); all from here on need level full */
    METRIC_PROC_COUNT,
    METRIC_PROC_BIND_TIME,
    METRIC_PROC_HANDOFFS,
    METRIC_PROC_STEALS,
    METRIC_PROC_STEALS_IN_VAIN,
    METRIC_PROC_IDLE_RATIO,
    METRIC_THREAD_CREATED,
    METRIC_THREAD_STARTED,
    METRIC_THREAD_PARKED,
    METRIC_THREAD_IN_VAIN,
    METRIC_PREEMPT_COUNT,
    METRIC_PREEMPT_FORCED,
    METRIC_PREEMPT_COOPERATIVE,
    METRIC_PREEMPT_LATENCY,
    METRIC_SYSMON_DRIFT,
    METRIC_SYSMON_DRIFT_20MS,
    METRIC_SYSMON_SLEEP,
    METRIC_SYSMON_SLEEP_LATE,
    METRIC_SYSCALLS,
    METRIC_SYSCALLS_BLOCKING,
    METRIC_SYSCALLS_TIME,
    METRIC_NETPOLL_CALLS,
    METRIC_NETPOLL_READY,
    METRIC_NETPOLL_WAKE_LATENCY,
    METRIC_TIMERS_MADE,
    METRIC_TIMERS_STOPPED,
    METRIC_TIMERS_RESET,
    METRIC_TIMERS_FIRED,
    METRIC_TIMERS_CREATED_PER_S,
    METRIC_TIMERS_FIRE_LATENESS,
    METRIC_TIMERS_MEAN_LIFE,
    METRIC_LOCKS_WAITS,
    METRIC_ID_COUNT,
};

/* A row of the table: `runner help metrics` and the report print it. */
struct metric_info {
    enum metric_id id;
    const char *name; /* "goroutines.wake_latency" */
    enum metric_unit unit;
    enum metric_trials trials;
    enum metric_better better;
    bool distribution; /* value is the median; the histogram stands beside it */
    bool headline;     /* a row of the terminal's table */
    const char *meaning;
};
const struct metric_info *metric_info(enum metric_id id);
const struct metric_info *metric_by_name(const char *name);
const char *metric_unit_name(enum metric_unit unit);
void metrics_print_reference(FILE *out);

struct metric_value {
    bool known;
    double value;       /* distributions: the median */
    const char *reason; /* static text, where not known */
    bool lossy;
    uint64_t lost;              /* events that a loss could have taken from it */
    struct histogram histogram; /* distributions only */
    json_t *parts;              /* e.g. {"chan receive": {...}} for reasons; may be NULL; owned */
};
struct metrics {
    struct metric_value values[METRIC_ID_COUNT];
};
void metrics_free(struct metrics *metrics);
void metrics_set(struct metrics *metrics, enum metric_id id, double value);
/* Takes the histogram's content; its median is the value. Empty: `static_reason`. */
void metrics_set_distribution(struct metrics *metrics, enum metric_id id, struct histogram *histogram,
                              const char *static_reason);
/* As if nothing had been said of it. */
void metrics_clear(struct metrics *metrics, enum metric_id id);
void metrics_unknown(struct metrics *metrics, enum metric_id id, const char *static_reason);
/* A JSON number: whole where the value is whole; null where it is not finite. */
json_t *metric_number(double value);
/* {"cpu.time": {"unit": "ns", "value": ...}, ...}: only rows that were set or have a reason. */
json_t *metrics_json(const struct metrics *metrics);

#endif
