#include "runner/tracks/known.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define THREADS_MAX     (1u << 18)
#define GOROUTINES_MAX  (1u << 22)
#define PROCS_MAX       (1u << 16)
#define RANK_GOROUTINES 10
#define RANK_PROCS      5
#define RANK_COLLECTOR  1

/* splitmix64 of what the track is of (Steele, Lea, Flood 2014). */
uint64_t track_uuid(enum track_kind kind, uint64_t space, uint64_t id)
{
    uint64_t value = (uint64_t)kind << 56 ^ space << 28 ^ id;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    value ^= value >> 31;
    return value ? value : 1;
}

void *known_entry(struct tracks *tracks, struct table *table, uint64_t id, uint32_t space, bool *added)
{
    void *entry = table_find(table, id, space);
    *added = false;
    if (entry)
        return entry;
    int result = table_insert(table, id, space, &entry);
    if (result == -ENOMEM)
        tracks->failed = result;
    *added = result == 0;
    return result == 0 ? entry : NULL; /* beyond the limit: left out */
}

static void declare(struct tracks *tracks, const struct track *track)
{
    tracks->settings.sink.declare(tracks->settings.sink.context, track);
}

struct process *known_process(struct tracks *tracks, uint32_t pid)
{
    bool added;
    struct process *process = known_entry(tracks, &tracks->processes, pid, 0, &added);
    if (!added)
        return process;
    process->track = track_uuid(TRACK_PROCESS, 0, pid);
    const struct track made[] = {
        {TRACK_PROCESS, process->track, 0, pid, pid, tracks->settings.process, 0},
        {TRACK_GC, track_uuid(TRACK_GC, 0, pid), process->track, pid, pid, "garbage collector",
         RANK_COLLECTOR},
        {TRACK_STW, track_uuid(TRACK_STW, 0, pid), process->track, pid, pid, "world stopped",
         RANK_COLLECTOR + 1},
        {TRACK_PROCS, track_uuid(TRACK_PROCS, 0, pid), process->track, pid, pid, "Ps", RANK_PROCS},
        {TRACK_GOROUTINES, track_uuid(TRACK_GOROUTINES, 0, pid), process->track, pid, pid, "goroutines",
         RANK_GOROUTINES},
    };
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        declare(tracks, &made[i]);
    return process;
}

struct thread *known_thread(struct tracks *tracks, uint32_t tid, uint32_t pid)
{
    bool added;
    if (!tid || !known_process(tracks, pid))
        return NULL;
    struct thread *thread = known_entry(tracks, &tracks->threads, tid, 0, &added);
    if (added) {
        char name[32];
        snprintf(name, sizeof name, "M %" PRIu32, tid);
        thread->pid = pid;
        thread->track = track_uuid(TRACK_THREAD, 0, tid);
        declare(tracks, &(struct track){TRACK_THREAD, thread->track, track_uuid(TRACK_PROCESS, 0, pid), tid,
                                        pid, name, 0});
    }
    return thread;
}

struct proc *known_proc(struct tracks *tracks, uint32_t number, uint32_t pid)
{
    bool added;
    if (!known_process(tracks, pid))
        return NULL;
    struct proc *proc = known_entry(tracks, &tracks->procs, number, pid, &added);
    if (proc && added) {
        char name[32];
        snprintf(name, sizeof name, "P %" PRIu32, number);
        proc->track = track_uuid(TRACK_PROC, pid, number);
        declare(tracks, &(struct track){TRACK_PROC, proc->track, track_uuid(TRACK_PROCS, 0, pid), number, pid,
                                        name, (int)number});
    }
    return proc;
}

void known_goroutine_name(const struct tracks *tracks, const struct goroutine *goroutine,
                          char name[TRACK_NAME_SIZE])
{
    char key[32];
    snprintf(key, sizeof key, "0x%" PRIx64, goroutine->start_pc);
    const char *function = json_string_value(json_object_get(tracks->settings.symbols, key));
    if (!goroutine->track)
        snprintf(name, TRACK_NAME_SIZE, "%s", function ? function : "goroutine");
    else
        snprintf(name, TRACK_NAME_SIZE, function ? "G%" PRIu64 " %s" : "G%" PRIu64, goroutine->key.id,
                 function);
}

void known_declare(struct tracks *tracks, struct goroutine *goroutine, uint32_t pid)
{
    char name[TRACK_NAME_SIZE];
    if (goroutine->track || tracks->goroutine_tracks >= tracks->settings.goroutines_most)
        return;
    tracks->goroutine_tracks++;
    goroutine->track = track_uuid(TRACK_GOROUTINE, pid, goroutine->key.id);
    known_goroutine_name(tracks, goroutine, name);
    declare(tracks, &(struct track){TRACK_GOROUTINE, goroutine->track, track_uuid(TRACK_GOROUTINES, 0, pid),
                                    goroutine->key.id, pid, name, (int)tracks->goroutine_tracks});
}

struct goroutine *known_goroutine(struct tracks *tracks, const struct event_go *event)
{
    bool added;
    const struct event_header *header = &event->header;
    if (!header->goid)
        return NULL;
    struct goroutine *goroutine = known_entry(tracks, &tracks->goroutines, header->goid, header->pid, &added);
    if (!added)
        return goroutine;
    struct goroutine *created = table_find(&tracks->unnamed, event->g, header->pid);
    if (created) {
        goroutine->start_pc = created->start_pc;
        table_remove(&tracks->unnamed, created);
    }
    known_declare(tracks, goroutine, header->pid);
    return goroutine;
}

int known_open(struct tracks *tracks)
{
    int result = table_open(&tracks->threads, sizeof(struct thread), THREADS_MAX);
    if (result == 0)
        result = table_open(&tracks->goroutines, sizeof(struct goroutine), GOROUTINES_MAX);
    if (result == 0)
        result = table_open(&tracks->unnamed, sizeof(struct goroutine), GOROUTINES_MAX);
    if (result == 0)
        result = table_open(&tracks->processes, sizeof(struct process), PROCS_MAX);
    return result ? result : table_open(&tracks->procs, sizeof(struct proc), PROCS_MAX);
}

void known_close(struct tracks *tracks)
{
    table_close(&tracks->threads);
    table_close(&tracks->goroutines);
    table_close(&tracks->unnamed);
    table_close(&tracks->processes);
    table_close(&tracks->procs);
}
