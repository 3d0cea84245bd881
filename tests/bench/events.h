/*
 * Events as an HTTP server with goroutines and 2 CPUs produces them: requests arrive, a goroutine is readied
 * by netpoll, runs, makes another one, parks for its answer and for the network; threads wake and switch.
 * Every 2,500th record is up to 67 us late, as seen with one shared ring.
 */
#ifndef TESTS_BENCH_EVENTS_H
#define TESTS_BENCH_EVENTS_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "runner/trace/trace.h"

struct bench_folder {
    char path[64];
    int dir;
};

static inline void bench_fail(const struct error *error)
{
    fprintf(stderr, "bench: %s\n", error && error->text[0] ? error->text : "failed");
    exit(1);
}

/* Below TMPDIR or /tmp: a disk should not be part of the figures, the page cache is. */
static inline void bench_folder_make(struct bench_folder *folder)
{
    snprintf(folder->path, sizeof folder->path, "/tmp/runner-bench-XXXXXX");
    if (!mkdtemp(folder->path))
        bench_fail(NULL);
    folder->dir = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->dir < 0)
        bench_fail(NULL);
}

static inline void bench_folder_remove(struct bench_folder *folder)
{
    fd_close(&folder->dir);
    fd_remove_tree(AT_FDCWD, folder->path);
}

union bench_record {
    struct event_header header;
    struct event_sched_switch sched_switch;
    struct event_sched_wake wake;
    struct event_go_create create;
    struct event_go go;
    struct event_go_park park;
};

struct bench_source {
    uint64_t time, count, goroutines;
    uint32_t seq[2];
};

enum { BENCH_THREADS = 6, BENCH_HANDLERS = 200, BENCH_STEPS = 12 };

/* One request: 12 events of handler `h` and a helper goroutine of it. Each step follows from the one before:
   a switch to the thread, the handler runs, makes a helper, parks; the helper runs and ends; the handler is
   readied, runs, parks for the network and is readied again; the thread leaves the CPU. */
static inline size_t bench_next(struct bench_source *source, union bench_record *record)
{
    static const uint16_t kinds[BENCH_STEPS] = {
        EVENT_SCHED_WAKING, EVENT_SCHED_WAKEUP, EVENT_SCHED_SWITCH, EVENT_GO_RUN,
        EVENT_GO_CREATE,    EVENT_GO_PARK,      EVENT_GO_RUN,       EVENT_GO_READY,
        EVENT_GO_EXIT,      EVENT_GO_RUN,       EVENT_GO_PARK,      EVENT_SCHED_SWITCH,
    };
    uint64_t request = source->count / BENCH_STEPS;
    unsigned step = (unsigned)(source->count % BENCH_STEPS);
    uint64_t handler = 20 + request % BENCH_HANDLERS;
    uint64_t helper = 1000 + request;
    uint64_t goid = step >= 6 && step != 7 && step < 9 ? helper : handler;
    unsigned cpu = (unsigned)(request & 1);
    uint32_t tid = 5000 + (uint32_t)(request % BENCH_THREADS);
    source->time += 350 + (source->count * 2654435761u >> 22 & 255);
    memset(record, 0, sizeof *record);
    record->header = (struct event_header){.time = source->time,
                                           .kind = kinds[step],
                                           .cpu = (uint8_t)cpu,
                                           .seq = source->seq[cpu]++,
                                           .tid = tid,
                                           .pid = 5000,
                                           .goid = step > 2 && step < 11 ? goid : 0};
    if (source->count % 2500 == 2499)
        record->header.time -= source->count % 67000;
    uint64_t g = 0xc000000000 + 512 * (goid % 4096);
    switch (kinds[step]) {
    case EVENT_SCHED_SWITCH:
        record->header.flags = step == 2 ? EVENT_FLAG_NEXT : EVENT_FLAG_PREV;
        record->header.tid = step == 2 ? 0 : tid;
        record->header.pid = step == 2 ? 0 : 5000;
        record->sched_switch.next_tid = step == 2 ? tid : 0;
        record->sched_switch.next_pid = step == 2 ? 5000 : 0;
        record->sched_switch.prev_state = step == 2 ? 0 : 1;
        break;
    case EVENT_SCHED_WAKING:
    case EVENT_SCHED_WAKEUP:
        record->wake.waker_tid = 5000 + (uint32_t)((request + 1) % BENCH_THREADS);
        record->wake.target_cpu = cpu;
        break;
    case EVENT_GO_CREATE:
        record->header.goid = helper;
        record->create.g = 0xc000000000 + 512 * (helper % 4096);
        record->create.parent = handler;
        record->create.start_pc = 0x47f3a0;
        record->create.creator_pc = 0x47f2c5;
        break;
    case EVENT_GO_PARK:
        record->park.g = g;
        record->park.reason = step == 5 ? 14 : 2;
        break;
    default:
        record->go.g = g;
    }
    source->count++;
    return event_type(kinds[step])->size;
}

/* The source alone: what is taken off the writer's time. */
static inline uint64_t bench_generate(uint64_t events)
{
    struct bench_source source = {.time = 1000000000};
    union bench_record record;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < events; i++)
        sum += bench_next(&source, &record) + record.header.time;
    return sum;
}

static inline void bench_write_trace(int dir, uint64_t events, uint64_t flush_ns, struct trace_counts *counts)
{
    struct trace_settings settings = {.trial = "bench/trial-001-observed", .go_minor = 23};
    struct trace_writer *writer = NULL;
    struct error error = {0};
    if (trace_writer_open(dir, &settings, &writer, &error) < 0)
        bench_fail(&error);
    struct bench_source source = {.time = 1000000000};
    union bench_record record;
    uint64_t next_flush = source.time + flush_ns;
    int result = 0;
    for (uint64_t i = 0; i < events && result == 0; i++) {
        size_t size = bench_next(&source, &record);
        result = trace_write(writer, &record.header, size);
        if (result == 0 && source.time >= next_flush) {
            result = trace_flush(writer, 0);
            next_flush += flush_ns;
        }
    }
    if (trace_writer_close(writer, 0, counts, &error) < 0 || result < 0)
        bench_fail(&error);
}

#endif
