/*
 * What an export to Perfetto keeps while it reads: tracks of processes, threads, goroutines and Ps. For the
 * modules of this folder only.
 */
#ifndef RUNNER_EXPORT_TRACKS_H
#define RUNNER_EXPORT_TRACKS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runner/export/packets.h"
#include "runner/replay/table.h"
#include "runner/trace/trace.h"

#define TRACK_NAME_SIZE 128
enum track_kind {
    TRACK_PROCESS = 1,
    TRACK_THREAD,
    TRACK_GOROUTINES,
    TRACK_GOROUTINE,
    TRACK_PROCS,
    TRACK_PROC,
    TRACK_GC,
    TRACK_STW,
    TRACK_TRIAL,
    TRACK_COUNTER
};
enum counter { COUNT_RUNNABLE, COUNT_RUNNING, COUNT_WAITING, COUNT_LOST, COUNT_HEAP_GOAL, COUNTERS };
enum goroutine_state { NO_STATE, RUNNABLE, RUNNING, WAITING };

struct thread {
    struct table_key key; /* id: tid */
    uint32_t pid;
    uint64_t track;
    bool open; /* a slice of a goroutine */
};

struct goroutine {
    struct table_key key; /* id: goid, space: pid; or g where the goid is not known yet */
    uint64_t track;       /* 0: none */
    uint64_t start_pc;
    uint64_t flow; /* from who made it runnable; 0: nobody */
    uint64_t label,
        ready_label; /* names of its slices on threads, and of its being readied; 0: not asked for yet */
    uint8_t state;
    bool in_syscall;
};

struct process {
    struct table_key key; /* id: pid */
    uint64_t track;
    bool in_gc, stopped;
};

struct proc {
    struct table_key key; /* id: P, space: pid */
    uint64_t track;
    bool bound;
};

struct exporter {
    struct packets *packets;
    const struct trace_reader *reader;
    const json_t *symbols;
    char demo[64];
    struct table threads, goroutines, unnamed, processes, procs;
    size_t tracks; /* of goroutines */
    uint64_t last, flows, trial_track;
    uint64_t lost;
    int64_t counts[COUNTERS];
    uint64_t counted; /* when they were told */
    int failed;       /* negative errno */
};

/* Any number but 0 that no other track has. */
uint64_t track_uuid(enum track_kind kind, uint64_t space, uint64_t id);

int tracks_open(struct exporter *exporter); /* 0 or -ENOMEM */
void tracks_close(struct exporter *exporter);

/* An entry of one of the tables, new or known. NULL beyond the table's limit, or with exporter->failed set.
 */
void *track_entry(struct exporter *exporter, struct table *table, uint64_t id, uint32_t space, bool *added);
/* They declare what is new. NULL as above; a thread 0 has none. */
struct process *track_process(struct exporter *exporter, uint32_t pid);
struct thread *track_thread(struct exporter *exporter, uint32_t tid, uint32_t pid);
/* NULL also where the event does not know its goroutine. */
struct goroutine *track_goroutine(struct exporter *exporter, const struct event_go *event);
void track_declare(struct exporter *exporter, struct goroutine *goroutine, uint32_t pid);
/* "G12 main.worker"; where it has no track "main.worker", so that names stay few. */
void track_goroutine_name(const struct exporter *exporter, const struct goroutine *goroutine,
                          char name[TRACK_NAME_SIZE]);

#endif
