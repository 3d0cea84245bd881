/*
 * What the heat map adds to a replay: CPU time an event of reading and replaying a trace with it and without,
 * interleaved; the best of the rounds each, because other work on the machine only makes a round slower. Two
 * traces: a server's, and its switches and wake-ups alone, of which each is a slice or a wait.
 */
#include <inttypes.h>
#include <time.h>

#include "runner/heatmap/heatmap.h"
#include "runner/replay/replay.h"
#include "tests/bench/events.h"

enum { ROUNDS = 9, EVENTS = 2 * 1000 * 1000, FLUSH_NS = 10 * 1000 * 1000 };

static uint64_t own_cpu_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* The server's events without those of Go, numbered anew. */
static void write_switches(int dir, uint64_t events, struct trace_counts *counts)
{
    struct trace_settings settings = {.trial = "bench/trial-001-observed", .go_minor = 23};
    struct trace_writer *writer = NULL;
    struct error error = {0};
    if (trace_writer_open(dir, &settings, &writer, &error) < 0)
        bench_fail(&error);
    struct bench_source source = {.time = 1000000000};
    union bench_record record;
    uint64_t next_flush = source.time + FLUSH_NS;
    uint32_t seq[2] = {0};
    int result = 0;
    for (uint64_t i = 0; i < events && result == 0;) {
        size_t size = bench_next(&source, &record);
        if (record.header.kind >= EVENT_GO_CREATE)
            continue;
        record.header.seq = seq[record.header.cpu]++;
        result = trace_write(writer, &record.header, size);
        i++;
        if (result == 0 && source.time >= next_flush) {
            result = trace_flush(writer, 0);
            next_flush += FLUSH_NS;
        }
    }
    if (trace_writer_close(writer, 0, counts, &error) < 0 || result < 0)
        bench_fail(&error);
}

/* What came of a heat map. */
struct outcome {
    size_t json_bytes, rows;
    uint64_t columns, waits;
};

static void finish(struct heatmap *heatmap, const struct metrics *metrics, struct outcome *outcome)
{
    static const char *const maps[] = {"on_cpu", "run_queue", "throttled"};
    json_t *json = heatmap_finish(heatmap, metrics, NULL);
    char *text = json_dumps(json, JSON_COMPACT);
    if (!text)
        bench_fail(NULL);
    *outcome = (struct outcome){
        .json_bytes = strlen(text),
        .columns = (uint64_t)json_integer_value(json_object_get(json, "columns")),
        .waits = (uint64_t)json_integer_value(json_object_get(json_object_get(json, "run_queue"), "waits")),
    };
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        outcome->rows += json_array_size(json_object_get(json_object_get(json, maps[i]), "rows"));
    free(text);
    json_decref(json);
}

/* Reads and replays the trace, with the heat map or (`outcome` is NULL) without; CPU time. */
static uint64_t measure(int dir, struct outcome *outcome)
{
    uint64_t begin = own_cpu_ns();
    struct error error = {0};
    struct trace_reader *reader = NULL;
    if (trace_reader_open(dir, &reader, &error) < 0)
        bench_fail(&error);
    struct replay_settings settings = {.go_minor = trace_reader_go_minor(reader), .sched = true, .go = true};
    struct heatmap *heatmap = NULL;
    struct replay *replay = NULL;
    if (outcome && heatmap_open(&heatmap) < 0)
        bench_fail(NULL);
    if (outcome)
        settings.listener = heatmap_listener(heatmap);
    if (replay_open(&settings, &replay) < 0)
        bench_fail(NULL);
    const struct event_header *event;
    int result;
    while ((result = trace_read(reader, &event, &error)) > 0) {
        if (outcome)
            heatmap_event(heatmap, event);
        if (replay_event(replay, event) < 0)
            bench_fail(NULL);
    }
    static struct metrics metrics;
    if (result < 0 || replay_finish(replay, NULL, &metrics) < 0)
        bench_fail(&error);
    if (outcome)
        finish(heatmap, &metrics, outcome);
    uint64_t taken = own_cpu_ns() - begin;
    metrics_free(&metrics);
    replay_close(replay);
    heatmap_close(heatmap);
    trace_reader_close(reader);
    return taken;
}

static void keep_best(uint64_t *best, uint64_t taken)
{
    if (*best == 0 || taken < *best)
        *best = taken;
}

static void compare(const char *what, int dir, const struct trace_counts *counts)
{
    uint64_t with = 0;
    uint64_t without = 0;
    uint64_t events = EVENTS - counts->late;
    struct outcome outcome;
    for (int round = 0; round < ROUNDS; round++) {
        keep_best(&without, measure(dir, NULL));
        keep_best(&with, measure(dir, &outcome));
    }
    double a = (double)without / (double)events;
    double b = (double)with / (double)events;
    printf("%-22s %9" PRIu64
           " events  %6.1f ns an event without, %6.1f with the heat map: %+.1f ns (%.2f x)\n",
           what, events, a, b, b - a, b / a);
    printf("%-22s %9" PRIu64 " waits   %zu rows x %" PRIu64 " columns, heatmap.json %zu KiB, cells %zu KiB\n",
           "", outcome.waits, outcome.rows, outcome.columns, outcome.json_bytes / 1024,
           outcome.rows * 2048 * sizeof(uint64_t) / 1024);
}

int main(void)
{
    struct bench_folder folder;
    struct trace_counts counts;
    bench_folder_make(&folder);
    bench_write_trace(folder.dir, EVENTS, FLUSH_NS, &counts);
    compare("a server's events", folder.dir, &counts);
    bench_folder_remove(&folder);

    bench_folder_make(&folder);
    write_switches(folder.dir, EVENTS, &counts);
    compare("switches and wake-ups", folder.dir, &counts);
    bench_folder_remove(&folder);
    return 0;
}
