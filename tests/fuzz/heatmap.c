/*
 * Any stream of events, in any order of times and numbers, through the replay with its heat map: no crash,
 * and the cells always add up to the metrics. Six bytes an event: its kind and flags, its CPU, two threads,
 * the time since the one before (signed, by a power of two), the step of the CPU's number.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/heatmap/heatmap.h"
#include "runner/replay/replay.h"
#include "tests/unit/heatmap_cells.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                   \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "not so: %s\n", #condition);                                                     \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

enum { EVENT_BYTES = 6 };

union record {
    struct event_header header;
    struct event_sched_switch sched_switch;
    struct event_process process;
    struct event_mark mark;
    uint64_t words[EVENT_SIZE_MAX / sizeof(uint64_t)];
};

struct stream {
    uint64_t time;
    uint32_t seq[256];
};

static void decode(struct stream *stream, const uint8_t *data, union record *record)
{
    static const uint16_t kinds[16] = {
        EVENT_SCHED_SWITCH, EVENT_SCHED_SWITCH, EVENT_SCHED_SWITCH, EVENT_SCHED_WAKING,
        EVENT_SCHED_WAKEUP, EVENT_PROCESS_FORK, EVENT_PROCESS_EXEC, EVENT_PROCESS_EXIT,
        EVENT_MARK,         EVENT_GO_RUN,       EVENT_GO_PARK,      EVENT_GO_GC_START,
        EVENT_GO_GC_END,    EVENT_GO_STW_START, EVENT_GO_STW_END,   EVENT_SCHED_MIGRATE,
    };
    *record = (union record){0};
    uint16_t kind = kinds[data[0] & 15];
    /* At most 2^40 ns: so the sums over all threads are far from what 64 bits can hold. */
    uint64_t far = (uint64_t)(data[4] & 31) << (data[4] >> 5) * 5;
    stream->time = data[5] & 128 ? stream->time - (far & 0xffff) : stream->time + far;
    stream->seq[data[1]] += (uint32_t)(data[5] & 127) - 20;
    record->header = (struct event_header){
        .time = stream->time,
        .kind = kind,
        .cpu = kind == EVENT_MARK ? EVENT_CPU_USER : data[1],
        .flags = data[0] >> 4,
        .seq = stream->seq[data[1]],
        .tid = data[2],
        .pid = data[2] / 8,
        .goid = data[3],
    };
    if (kind == EVENT_SCHED_SWITCH) {
        record->sched_switch.next_tid = data[3];
        record->sched_switch.next_pid = data[3] / 8;
        record->sched_switch.prev_state = data[2] & 1 ? data[3] : 0;
    } else if (kind == EVENT_PROCESS_FORK) {
        record->process.child_tid = data[3];
        record->process.child_pid = data[2] / 8;
    } else if (kind == EVENT_MARK) {
        /* A window would let the metrics forget what the heat map keeps. */
        uint64_t mark = data[3] % 16;
        record->mark.mark = mark == MARK_WINDOW_START || mark == MARK_WINDOW_END ? MARK_BARRIER : mark;
    }
}

static void check(const json_t *json, const struct metrics *metrics)
{
    const struct metric_value *on_cpu = &metrics->values[METRIC_SCHED_ON_CPU];
    uint64_t waits = metrics->values[METRIC_SCHED_RUN_QUEUE_LATENCY].histogram.count;
    uint64_t sum = heatmap_sum(json, "on_cpu");
    REQUIRE(json_integer_value(json_object_get(json, "columns")) <= CELLS_MAX);
    REQUIRE((double)sum == (on_cpu->known ? on_cpu->value : 0));
    REQUIRE(heatmap_sum(json, "run_queue") == waits);
    if (!on_cpu->known)
        return;
    REQUIRE((uint64_t)heatmap_number(json, "on_cpu", "sum_ns") == sum);
    REQUIRE((uint64_t)heatmap_number(json, "run_queue", "waits") == waits);
    REQUIRE((uint64_t)heatmap_number(json, "throttled", "waits") == heatmap_sum(json, "throttled"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct heatmap *heatmap = NULL;
    struct replay *replay = NULL;
    static struct metrics metrics;
    static struct stream stream;
    metrics = (struct metrics){0};
    stream = (struct stream){.time = 1000000};
    REQUIRE(heatmap_open(&heatmap) == 0);
    const struct replay_settings settings = {
        .go_minor = 23, .sched = true, .go = true, .listener = heatmap_listener(heatmap)};
    REQUIRE(replay_open(&settings, &replay) == 0);
    for (; size >= EVENT_BYTES; data += EVENT_BYTES, size -= EVENT_BYTES) {
        union record record;
        decode(&stream, data, &record);
        heatmap_event(heatmap, &record.header);
        REQUIRE(replay_event(replay, &record.header) == 0);
    }
    REQUIRE(replay_finish(replay, NULL, &metrics) == 0);
    json_t *json = heatmap_finish(heatmap, &metrics, NULL);
    check(json, &metrics);
    json_decref(json);
    metrics_free(&metrics);
    replay_close(replay);
    heatmap_close(heatmap);
    return 0;
}
