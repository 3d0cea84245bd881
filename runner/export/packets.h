/*
 * Writes packets of a Perfetto trace (perfetto.proto): the scheduler's events in bundles by CPU, slices,
 * instants and counters on tracks, names once.
 *
 * One packet sequence, times of CLOCK_MONOTONIC. Ftrace bundles are taken for CLOCK_BOOTTIME by Perfetto: the
 * clock snapshot at the start sets both equal, so that the time of a suspend, which no event of ours knows,
 * is left out. Errors of writing are kept and told by packets_close().
 */
#ifndef RUNNER_EXPORT_PACKETS_H
#define RUNNER_EXPORT_PACKETS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "bpf/events.h"

struct packets;

/* Writes the head. `start`: ns, CLOCK_MONOTONIC; `real_offset`: CLOCK_REALTIME less it. NULL where memory is
 * short. */
struct packets *packets_open(FILE *out, uint64_t start, int64_t real_offset);
/* What is held back goes out; frees. 0 or a negative errno. */
int packets_close(struct packets *packets);

/* Tracks are declared before they are used; a uuid is any number but 0. `parent` 0: none. `rank` orders
 * siblings. */
void packets_process(struct packets *packets, uint64_t uuid, uint32_t pid, const char *name);
void packets_thread(struct packets *packets, uint64_t uuid, uint32_t pid, uint32_t tid, const char *name);
void packets_track(struct packets *packets, uint64_t uuid, uint64_t parent, const char *name, int rank);
void packets_counter_track(struct packets *packets, uint64_t uuid, uint64_t parent, const char *name,
                           const char *unit);

/* Names are told once: the number of a name. What is beyond some 8,000 names shares one, "other". */
uint64_t packets_name(struct packets *packets, const char *name);
/* `flow` (0: none) begins at an instant and ends at the slice that has the same. */
void packets_begin(struct packets *packets, uint64_t time, uint64_t track, uint64_t name, uint64_t flow);
void packets_end(struct packets *packets, uint64_t time, uint64_t track);
void packets_instant(struct packets *packets, uint64_t time, uint64_t track, uint64_t name, uint64_t flow);
void packets_counter(struct packets *packets, uint64_t time, uint64_t track, int64_t value);

/* sched_switch, sched_waking, sched_wakeup, sched_wakeup_new, sched_migrate. `ours` names the trial's
   threads; it stays valid until packets_close(). */
void packets_sched(struct packets *packets, const struct event_header *event, const char *ours);
/* Events were lost before the next ones. */
void packets_lost(struct packets *packets);

#endif
