#include "runner/export/tracks.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "runner/export/perfetto.h"

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

void *track_entry(struct exporter *exporter, struct table *table, uint64_t id, uint32_t space, bool *added)
{
    void *entry = table_find(table, id, space);
    *added = false;
    if (entry)
        return entry;
    int result = table_insert(table, id, space, &entry);
    if (result == -ENOMEM)
        exporter->failed = result;
    *added = result == 0;
    return result == 0 ? entry : NULL; /* beyond the limit: left out */
}

struct process *track_process(struct exporter *exporter, uint32_t pid)
{
    bool added;
    struct process *process = track_entry(exporter, &exporter->processes, pid, 0, &added);
    if (!added)
        return process;
    struct packets *packets = exporter->packets;
    process->track = track_uuid(TRACK_PROCESS, 0, pid);
    packets_process(packets, process->track, pid, exporter->demo);
    packets_track(packets, track_uuid(TRACK_GC, 0, pid), process->track, "garbage collector", RANK_COLLECTOR);
    packets_track(packets, track_uuid(TRACK_STW, 0, pid), process->track, "world stopped",
                  RANK_COLLECTOR + 1);
    packets_track(packets, track_uuid(TRACK_PROCS, 0, pid), process->track, "Ps", RANK_PROCS);
    packets_track(packets, track_uuid(TRACK_GOROUTINES, 0, pid), process->track, "goroutines",
                  RANK_GOROUTINES);
    return process;
}

struct thread *track_thread(struct exporter *exporter, uint32_t tid, uint32_t pid)
{
    bool added;
    if (!tid || !track_process(exporter, pid))
        return NULL;
    struct thread *thread = track_entry(exporter, &exporter->threads, tid, 0, &added);
    if (added) {
        char name[32];
        snprintf(name, sizeof name, "M %" PRIu32, tid);
        thread->pid = pid;
        thread->track = track_uuid(TRACK_THREAD, 0, tid);
        packets_thread(exporter->packets, thread->track, pid, tid, name);
    }
    return thread;
}

void track_goroutine_name(const struct exporter *exporter, const struct goroutine *goroutine,
                          char name[TRACK_NAME_SIZE])
{
    char key[32];
    snprintf(key, sizeof key, "0x%" PRIx64, goroutine->start_pc);
    const char *function = json_string_value(json_object_get(exporter->symbols, key));
    if (!goroutine->track)
        snprintf(name, TRACK_NAME_SIZE, "%s", function ? function : "goroutine");
    else
        snprintf(name, TRACK_NAME_SIZE, function ? "G%" PRIu64 " %s" : "G%" PRIu64, goroutine->key.id,
                 function);
}

void track_declare(struct exporter *exporter, struct goroutine *goroutine, uint32_t pid)
{
    char name[TRACK_NAME_SIZE];
    if (goroutine->track || exporter->tracks >= PERFETTO_TRACKS)
        return;
    exporter->tracks++;
    goroutine->track = track_uuid(TRACK_GOROUTINE, pid, goroutine->key.id);
    track_goroutine_name(exporter, goroutine, name);
    packets_track(exporter->packets, goroutine->track, track_uuid(TRACK_GOROUTINES, 0, pid), name,
                  (int)exporter->tracks);
}

struct goroutine *track_goroutine(struct exporter *exporter, const struct event_go *event)
{
    bool added;
    const struct event_header *header = &event->header;
    if (!header->goid)
        return NULL;
    struct goroutine *goroutine =
        track_entry(exporter, &exporter->goroutines, header->goid, header->pid, &added);
    if (!added)
        return goroutine;
    struct goroutine *created = table_find(&exporter->unnamed, event->g, header->pid);
    if (created) {
        goroutine->start_pc = created->start_pc;
        table_remove(&exporter->unnamed, created);
    }
    track_declare(exporter, goroutine, header->pid);
    return goroutine;
}

int tracks_open(struct exporter *exporter)
{
    int result = table_open(&exporter->threads, sizeof(struct thread), THREADS_MAX);
    if (result == 0)
        result = table_open(&exporter->goroutines, sizeof(struct goroutine), GOROUTINES_MAX);
    if (result == 0)
        result = table_open(&exporter->unnamed, sizeof(struct goroutine), GOROUTINES_MAX);
    if (result == 0)
        result = table_open(&exporter->processes, sizeof(struct process), PROCS_MAX);
    return result ? result : table_open(&exporter->procs, sizeof(struct proc), PROCS_MAX);
}

void tracks_close(struct exporter *exporter)
{
    table_close(&exporter->threads);
    table_close(&exporter->goroutines);
    table_close(&exporter->unnamed);
    table_close(&exporter->processes);
    table_close(&exporter->procs);
}
