/*
 * The kernel's side of a replay: what every thread of the trial did with its life.
 *
 * A thread is on a CPU, in a run queue, kept off by cpu.max, or blocked; each instant of its known life
 * belongs to exactly one of them. It becomes known by fork, by its first switch, wake-up or exec, and ends
 * with its last switch. Where an event was lost the next one repairs the state: what a CPU's switch names as
 * leaving is what ran there.
 */
#ifndef RUNNER_REPLAY_THREADS_H
#define RUNNER_REPLAY_THREADS_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/events.h"
#include "runner/replay/crowd.h"
#include "runner/replay/listener.h"
#include "runner/replay/table.h"
#include "runner/replay/waits.h"
#include "runner/support/histogram.h"

enum thread_state { THREAD_ON_CPU, THREAD_RUN_QUEUE, THREAD_THROTTLED, THREAD_BLOCKED, THREAD_STATES };

/* ns, summed over all threads; saturating. lifetime is the sum of time[]. */
struct thread_totals {
    uint64_t time[THREAD_STATES];
    uint64_t lifetime;
    uint64_t switches, voluntary, involuntary, migrations;
    uint64_t peak;
    uint64_t repaired; /* states that a lost event had left wrong */
    uint64_t ignored;  /* events of threads beyond the limit */
};

struct threads {
    struct replay_listener listener; /* nobody, unless set after threads_open() */
    struct table table;
    uint32_t running[256]; /* tid by CPU; 0: none of ours */
    uint64_t on_cpu;       /* threads that are */
    bool keep_waits;       /* for threads_waited(); set after threads_open() */
    struct waits waits;
    struct thread_totals totals;
    struct crowd crowd;
    struct histogram run_queue_latency;
};

int threads_open(struct threads *threads);
void threads_close(struct threads *threads);
/* `now`: the event's time, never less than that of the one before. 0 or -ENOMEM. */
int threads_event(struct threads *threads, const struct event_header *event, uint64_t now);
/* How long the thread has been on a CPU until `now`; 0 where it is not known. */
uint64_t threads_cpu_time(const struct threads *threads, uint32_t tid, uint64_t now);
/* How long of [from, now) the thread could have run and did not. Zero where the thread is not known. */
struct wait_times threads_waited(const struct threads *threads, uint32_t tid, uint64_t from, uint64_t now);
/* Closes every life at `end`. */
void threads_finish(struct threads *threads, uint64_t end);

#endif
