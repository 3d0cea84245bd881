/*
 * A trial's event stream as tracks with slices, for whoever draws it: a track for each thread, P and
 * goroutine and for the collector; a slice stands for a state from one event to the next.
 *
 * Theory of operation. Events come in by tracks_event(), in time order; a sink gets what they mean: tracks,
 * declared before they are used, slices that begin and end, instants. Slices of a track nest only where a
 * system call lies within "running"; what is open at the end ends with the last event. An arrow leads from
 * who made a goroutine runnable (an instant on a thread) to where it runs (the slice with the same number of
 * `flow`). known.c keeps what is alive, tracks.c makes states of events.
 */
#ifndef RUNNER_TRACKS_TRACKS_H
#define RUNNER_TRACKS_TRACKS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runner/trace/trace.h"

enum track_kind {
    TRACK_PROCESS = 1,
    TRACK_THREAD,
    TRACK_GOROUTINES, /* the parent of a process's goroutines */
    TRACK_GOROUTINE,
    TRACK_PROCS, /* of its Ps */
    TRACK_PROC,
    TRACK_GC,
    TRACK_STW,
    TRACK_TRIAL,
    TRACK_COUNTER, /* this and the one before: for the sink's own tracks */
};
enum track_state { NO_STATE, RUNNABLE, RUNNING, WAITING, IN_SYSCALL, OTHER_STATE };

struct track {
    enum track_kind kind;
    uint64_t uuid, parent; /* parent 0: none */
    uint64_t id;           /* tid, P, goid */
    uint32_t pid;
    const char *name;
    int rank; /* among its siblings */
};

/* A flow of 0 is none. `forget` may be NULL: the goroutine has ended, its track gets nothing any more. */
struct track_sink {
    void *context;
    void (*declare)(void *context, const struct track *track);
    void (*forget)(void *context, uint64_t track);
    uint64_t (*name)(void *context, const char *name); /* the number of a name */
    void (*begin)(void *context, uint64_t time, uint64_t track, enum track_state state, uint64_t name,
                  uint64_t flow);
    void (*end)(void *context, uint64_t time, uint64_t track);
    void (*instant)(void *context, uint64_t time, uint64_t track, uint64_t name, uint64_t flow);
};

struct tracks_settings {
    const struct trace_reader *reader; /* for names of reasons; borrowed, as the next */
    const json_t *symbols;             /* {"0x4a0020": "main.worker", ...} for functions, may be NULL */
    const char *process;               /* name of the processes */
    size_t goroutines_most;            /* goroutines beyond have no track, they are counted alone */
    bool labels; /* slices on threads and instants have names: which goroutine runs, is made or readied */
    struct track_sink sink;
};

enum track_count { COUNT_RUNNABLE, COUNT_RUNNING, COUNT_WAITING, COUNT_HEAP_GOAL, TRACK_COUNTS };

struct tracks;
int tracks_open(const struct tracks_settings *settings, struct tracks **tracks); /* 0 or -ENOMEM */
/* Events of the kernel's scheduler make nothing here. 0 or -ENOMEM, which stays. */
int tracks_event(struct tracks *tracks, const struct event_header *event);
/* What is open ends at `time`. */
void tracks_finish(struct tracks *tracks, uint64_t time);
/* TRACK_COUNTS: goroutines in a state now, bytes. */
const int64_t *tracks_counts(const struct tracks *tracks);
void tracks_close(struct tracks *tracks); /* NULL is fine */

/* Any number but 0 that no other track has. */
uint64_t track_uuid(enum track_kind kind, uint64_t space, uint64_t id);

#endif
