/*
 * What is kept of processes, threads, goroutines and Ps while tracks are made. For the modules of this folder
 * only.
 */
#ifndef RUNNER_TRACKS_KNOWN_H
#define RUNNER_TRACKS_KNOWN_H

#include "runner/replay/table.h"
#include "runner/tracks/tracks.h"

#define TRACK_NAME_SIZE 128

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

struct tracks {
    struct tracks_settings settings;
    struct table threads, goroutines, unnamed, processes, procs;
    size_t goroutine_tracks;
    uint64_t flows;
    int64_t counts[TRACK_COUNTS];
    int failed; /* negative errno */
};

int known_open(struct tracks *tracks); /* 0 or -ENOMEM */
void known_close(struct tracks *tracks);

/* An entry of one of the tables, new or known. NULL beyond the table's limit, or with tracks->failed set. */
void *known_entry(struct tracks *tracks, struct table *table, uint64_t id, uint32_t space, bool *added);
/* They declare what is new. NULL as above; a thread 0 has none. */
struct process *known_process(struct tracks *tracks, uint32_t pid);
struct thread *known_thread(struct tracks *tracks, uint32_t tid, uint32_t pid);
struct proc *known_proc(struct tracks *tracks, uint32_t number, uint32_t pid);
/* NULL also where the event does not know its goroutine. */
struct goroutine *known_goroutine(struct tracks *tracks, const struct event_go *event);
void known_declare(struct tracks *tracks, struct goroutine *goroutine, uint32_t pid);
/* "G12 main.worker"; where it has no track "main.worker", so that names stay few. */
void known_goroutine_name(const struct tracks *tracks, const struct goroutine *goroutine,
                          char name[TRACK_NAME_SIZE]);

#endif
