#include "runner/export/perfetto.h"

#include <errno.h>
#include <string.h>

#include "runner/export/packets.h"
#include "runner/tracks/tracks.h"

#define COUNTER_NS 100000 /* counters are told at most this often */

enum counter { COUNTER_LOST = TRACK_COUNTS, COUNTERS };
static const struct {
    const char *name, *unit;
} counters[COUNTERS] = {
    [COUNT_RUNNABLE] = {"goroutines runnable", NULL}, [COUNT_RUNNING] = {"goroutines running", NULL},
    [COUNT_WAITING] = {"goroutines waiting", NULL},   [COUNT_HEAP_GOAL] = {"heap goal", "bytes"},
    [COUNTER_LOST] = {"events lost", NULL},
};

struct exporter {
    struct packets *packets;
    const struct trace_reader *reader;
    struct tracks *tracks;
    char demo[64];
    uint64_t last, trial_track;
    uint64_t lost;
    uint64_t counted; /* when the counters were told */
};

/* --- the sink of tracks ------------------------------------------------------------------------ */

static void declare(void *context, const struct track *track)
{
    struct packets *packets = ((struct exporter *)context)->packets;
    if (track->kind == TRACK_PROCESS)
        packets_process(packets, track->uuid, track->pid, track->name);
    else if (track->kind == TRACK_THREAD)
        packets_thread(packets, track->uuid, track->pid, (uint32_t)track->id, track->name);
    else
        packets_track(packets, track->uuid, track->parent, track->name, track->rank);
}

static uint64_t name_number(void *context, const char *name)
{
    return packets_name(((struct exporter *)context)->packets, name);
}

static void begin_slice(void *context, uint64_t time, uint64_t track, enum track_state state, uint64_t name,
                        uint64_t flow)
{
    (void)state;
    packets_begin(((struct exporter *)context)->packets, time, track, name, flow);
}

static void end_slice(void *context, uint64_t time, uint64_t track)
{
    packets_end(((struct exporter *)context)->packets, time, track);
}

static void instant(void *context, uint64_t time, uint64_t track, uint64_t name, uint64_t flow)
{
    packets_instant(((struct exporter *)context)->packets, time, track, name, flow);
}

/* --- marks, counters --------------------------------------------------------------------------- */

static void on_mark(struct exporter *exporter, const struct event_mark *event)
{
    const char *name = trace_reader_name(exporter->reader, FIELD_MARK, event->mark);
    packets_instant(exporter->packets, event->header.time, exporter->trial_track,
                    packets_name(exporter->packets, name ? name : "mark"), 0);
}

static void tell_counters(struct exporter *exporter, uint64_t now)
{
    uint64_t lost = trace_reader_discarded(exporter->reader);
    if (lost != exporter->lost)
        packets_lost(exporter->packets);
    exporter->lost = lost;
    exporter->counted = now;
    const int64_t *counts = tracks_counts(exporter->tracks);
    for (size_t i = 0; i < COUNTERS; i++)
        packets_counter(exporter->packets, now, track_uuid(TRACK_COUNTER, 0, i),
                        i == COUNTER_LOST ? (int64_t)lost : counts[i]);
}

static int on_event(struct exporter *exporter, const struct event_header *event)
{
    exporter->last = event->time;
    if (event->time - exporter->counted >= COUNTER_NS)
        tell_counters(exporter, event->time);
    switch (event->kind) {
    case EVENT_SCHED_SWITCH:
    case EVENT_SCHED_WAKING:
    case EVENT_SCHED_WAKEUP:
    case EVENT_SCHED_WAKEUP_NEW:
    case EVENT_SCHED_MIGRATE:
        packets_sched(exporter->packets, event, exporter->demo);
        return 0;
    case EVENT_MARK:
        on_mark(exporter, (const struct event_mark *)event);
        return 0;
    default:
        return tracks_event(exporter->tracks, event);
    }
}

/* The head needs the time of the first event. */
static int begin(struct exporter *exporter, uint64_t time, FILE *out)
{
    exporter->packets = packets_open(out, time, trace_reader_clock_offset(exporter->reader));
    if (!exporter->packets)
        return -ENOMEM;
    exporter->trial_track = track_uuid(TRACK_TRIAL, 0, 1);
    packets_track(exporter->packets, exporter->trial_track, 0, "trial", 0);
    for (size_t i = 0; i < COUNTERS; i++)
        packets_counter_track(exporter->packets, track_uuid(TRACK_COUNTER, 0, i), 0, counters[i].name,
                              counters[i].unit);
    return 0;
}

static int open_tracks(struct exporter *exporter, const json_t *symbols)
{
    const char *trial = trace_reader_trial(exporter->reader);
    snprintf(exporter->demo, sizeof exporter->demo, "%.*s", (int)strcspn(trial, "/"), trial);
    const struct tracks_settings settings = {
        .reader = exporter->reader,
        .symbols = symbols,
        .process = exporter->demo,
        .goroutines_most = PERFETTO_TRACKS,
        .labels = true,
        .sink = {exporter, declare, NULL, name_number, begin_slice, end_slice, instant},
    };
    return tracks_open(&settings, &exporter->tracks);
}

static int run(struct exporter *exporter, struct trace_reader *reader, FILE *out, struct error *error)
{
    const struct event_header *event;
    int result, failed = 0;
    while ((result = trace_read(reader, &event, error)) > 0 && failed == 0) {
        if (!exporter->packets && begin(exporter, event->time, out) < 0)
            return error_set(error, ERROR_INTERNAL, ENOMEM, "export a trace");
        failed = on_event(exporter, event);
    }
    if (!exporter->packets && begin(exporter, 0, out) < 0)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "export a trace");
    tell_counters(exporter, exporter->last);
    tracks_finish(exporter->tracks, exporter->last);
    return failed ? error_set(error, ERROR_INTERNAL, -failed, "export a trace") : result;
}

int perfetto_export(struct trace_reader *reader, const json_t *symbols, FILE *out, struct error *error)
{
    struct exporter exporter = {.reader = reader};
    int result = open_tracks(&exporter, symbols);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "export a trace");
    result = run(&exporter, reader, out, error);
    int written = exporter.packets ? packets_close(exporter.packets) : 0;
    tracks_close(exporter.tracks);
    if (result == 0 && written < 0)
        return error_set(error, ERROR_INTERNAL, -written, "write the export");
    return result;
}
