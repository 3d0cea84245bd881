/* The Perfetto export, read back by protoc: with our .proto, and raw against upstream's field numbers. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runner/export/export.h"
#include "runner/store/files.h"
#include "tests/unit/replay_events.h"
#include "tests/unit/trace_sample.h"

#define START 1000000

struct exported {
    struct sample_folder folder;
    char *text; /* what protoc says of it */
};

static void write_event(struct trace_writer *writer, const union any_event *event)
{
    cr_assert_eq(trace_write(writer, &event->header, event_type(event->header.kind)->size), 0);
}

static union any_event on_thread(union any_event event, uint32_t tid)
{
    event.header.tid = tid;
    return event;
}

/* main (1) starts a goroutine (2) that waits, is readied by main, runs on thread 11, and exits; a collection;
 * a switch. */
static void write_life(struct trace_writer *writer)
{
    const union any_event events[] = {
        switch_event(START, 0, 9, 10, 1, EVENT_FLAG_NEXT),
        create_event(START + 10, 1, 0x400100),
        go_event(EVENT_GO_RUN, START + 20, 1),
        create_event(START + 30, 2, 0x400200),
        on_thread(go_event(EVENT_GO_RUN, START + 40, 2), 11),
        on_thread(park_event(START + 50, 2, 2), 11),
        go_event(EVENT_GO_READY, START + 60, 2),
        on_thread(go_event(EVENT_GO_RUN, START + 70, 2), 11),
        on_thread(go_event(EVENT_GO_SYSCALL_ENTER, START + 72, 2), 11),
        on_thread(go_event(EVENT_GO_SYSCALL_EXIT, START + 74, 2), 11),
        value_event(EVENT_GO_GC_START, START + 75, 0),
        value_event(EVENT_GO_STW_START, START + 76, 1),
        value_event(EVENT_GO_STW_END, START + 77, 0),
        value_event(EVENT_GO_GC_END, START + 78, 4 << 20),
        on_thread(go_event(EVENT_GO_EXIT, START + 80, 2), 11),
        switch_event(START + 90, 0, 10, 0, 0, EVENT_FLAG_PREV | EVENT_FLAG_PREEMPT),
        {.mark = {.header = {.time = START + 95, .kind = EVENT_MARK, .cpu = EVENT_CPU_USER},
                  .mark = MARK_END}},
    };
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        write_event(writer, &events[i]);
}

static char *decode(const char *path, const char *how)
{
    char line[512];
    snprintf(line, sizeof line, "protoc %s -Irunner/export runner/export/perfetto.proto <%s 2>/dev/null", how,
             path);
    if (strstr(how, "raw"))
        snprintf(line, sizeof line, "protoc --decode_raw <%s", path);
    FILE *pipe = popen(line, "r");
    char *text = NULL;
    size_t size = 0, used;
    char piece[4096];
    FILE *memory = open_memstream(&text, &size);
    while ((used = fread(piece, 1, sizeof piece, pipe)) > 0)
        fwrite(piece, 1, used, memory);
    fclose(memory);
    cr_assert_eq(pclose(pipe), 0, "protoc refuses it");
    return text;
}

static struct exported export_life(void (*write)(struct trace_writer *), const char *how)
{
    struct exported exported = {.folder = sample_folder_make()};
    if (system("command -v protoc >/dev/null") != 0)
        cr_skip("protoc is not installed");
    int dir = exported.folder.dir;
    cr_assert_eq(mkdirat(dir, "trace", 0755), 0);
    AUTO_FD trace = openat(dir, "trace", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct trace_settings settings = sample_settings();
    struct trace_writer *writer = sample_writer(trace, &settings);
    write(writer);
    struct error error = {0};
    cr_assert_eq(trace_writer_close(writer, 0, NULL, &error), 0);
    json_t *symbols = json_pack("{s: i, s: {s: s}}", "schema", 1, "functions", "0x400200", "main.worker");
    cr_assert_eq(file_write_json(dir, "symbols.json", symbols, &error), 0);
    json_decref(symbols);
    char path[128];
    snprintf(path, sizeof path, "%s/t.pftrace", exported.folder.path);
    FILE *out = fopen(path, "w");
    cr_assert_eq(export_trial(dir, "perfetto", out, &error), 0, "%s", error.text);
    fclose(out);
    exported.text = decode(path, how);
    return exported;
}

static void forget(struct exported *exported)
{
    free(exported->text);
    sample_folder_remove(&exported->folder);
}

static size_t count(const char *text, const char *wanted)
{
    size_t found = 0;
    for (const char *at = text; (at = strstr(at, wanted)); at++)
        found++;
    return found;
}

Test(export_perfetto, a_life_is_slices_with_names)
{
    struct exported life = export_life(write_life, "--decode=perfetto.Trace");
    cr_expect_eq(count(life.text, "sched_switch {"), 2);
    cr_expect_eq(count(life.text, "type: 1\n"), count(life.text, "type: 2\n"), "every slice ends");
    /* G1: runnable, running; G2: runnable, running, waiting, runnable, running, system call; threads: G1, G2,
     * G2; GC, STW. */
    cr_expect_eq(count(life.text, "type: 1\n"), 2 + 6 + 3 + 2);
    cr_expect_eq(count(life.text, "\"G2 main.worker\""), 2,
                 "the track, and the name of its slices on threads");
    cr_expect_eq(count(life.text, "\"waiting: IO wait\""), 1);
    cr_expect_eq(count(life.text, "\"ready G2 main.worker\""), 1);
    cr_expect_eq(count(life.text, "\"GC mark termination\""), 1);
    cr_expect_eq(count(life.text, "prev_state: 256"), 1, "preempted, so runnable");
    cr_expect_eq(count(life.text, "next_comm: \"swapper\""), 1);
    cr_expect_eq(count(life.text, "counter_value: 4194304"), 1, "the heap goal");
    cr_expect_eq(count(life.text, "name: \"end\""), 1);
    forget(&life);
}

Test(export_perfetto, an_arrow_leads_from_who_wakes_to_who_runs)
{
    struct exported life = export_life(write_life, "--decode=perfetto.Trace");
    /* go and ready of G2; nobody readied main. */
    cr_expect_eq(count(life.text, "\n    flow_ids: "), 2 + 1, "the create of main stands on its thread, too");
    cr_expect_eq(count(life.text, "terminating_flow_ids: "), 3);
    for (unsigned flow = 1; flow <= 3; flow++) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "flow_ids: %u\n", flow);
        cr_expect_eq(count(life.text, wanted), 2, "flow %u has two ends", flow);
    }
    forget(&life);
}

/* Numbers of github.com/google/perfetto, protos/perfetto/trace: Trace.packet 1; TracePacket.ftrace_events 1,
   clock_snapshot 6, timestamp 8, track_event 11, system_info 45, track_descriptor 60; FtraceEventBundle.event
   2; FtraceEvent.sched_switch 4. */
Test(export_perfetto, the_field_numbers_are_upstreams)
{
    struct exported life = export_life(write_life, "--decode_raw");
    static const char *const wanted[] = {
        "\n  6 {\n",        "\n  45 {\n",
        "\n  60 {\n",       "\n  11 {\n",
        "\n  8: 1000010\n", "\n  1 {\n    1: 0\n    2 {\n      1: 1000000\n      2: 9\n      4 {\n"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        cr_expect(strstr(life.text, wanted[i]), "%s", wanted[i]);
    forget(&life);
}

/* Two events of each thing are lost or come out of place: whatever is open is closed once. */
static void write_hostile(struct trace_writer *writer)
{
    uint64_t time = START;
    unsigned state = 1;
    for (unsigned i = 0; i < 20000; i++) {
        state = state * 1664525 + 1013904223;
        static const uint16_t kinds[] = {
            EVENT_GO_CREATE,       EVENT_GO_RUN,       EVENT_GO_PARK,      EVENT_GO_READY,
            EVENT_GO_YIELD,        EVENT_GO_UNPARK,    EVENT_GO_EXIT,      EVENT_GO_SYSCALL_ENTER,
            EVENT_GO_SYSCALL_EXIT, EVENT_GO_P_BIND,    EVENT_GO_P_UNBIND,  EVENT_GO_P_HANDOFF,
            EVENT_GO_GC_START,     EVENT_GO_GC_END,    EVENT_GO_STW_START, EVENT_GO_STW_END,
            EVENT_SCHED_SWITCH,    EVENT_SCHED_WAKING, EVENT_SCHED_MIGRATE};
        union sample_record record;
        unsigned kind = kinds[(state >> 8) % (sizeof kinds / sizeof *kinds)];
        size_t size = sample_event(&record, kind, time += 10);
        record.header.goid = state >> 16 & 31;
        record.header.tid = state >> 21 & 7;
        record.header.pid = 100 + (state >> 24 & 1);
        cr_assert_eq(trace_write(writer, &record.header, size), 0);
        if (i % 1000 == 0)
            cr_assert_eq(trace_flush(writer, i / 1000), 0);
    }
}

Test(export_perfetto, whatever_comes_every_slice_ends_and_none_ends_twice)
{
    struct exported hostile = export_life(write_hostile, "--decode=perfetto.Trace");
    int64_t depth[4096] = {0};
    uint64_t tracks[4096];
    size_t known = 0, slices = 0;
    int type = 0;
    for (char *line = strtok(hostile.text, "\n"); line; line = strtok(NULL, "\n")) {
        sscanf(line, " type: %d", &type);
        unsigned long long track;
        if (sscanf(line, " track_uuid: %llu", &track) != 1 || (type != 1 && type != 2))
            continue;
        size_t at = 0;
        while (at < known && tracks[at] != track)
            at++;
        cr_assert_lt(at, 4095);
        if (at == known)
            tracks[known++] = track;
        depth[at] += type == 1 ? 1 : -1;
        slices += type == 1;
        cr_assert(depth[at] >= 0 && depth[at] <= 2);
    }
    cr_expect_gt(slices, 5000);
    for (size_t i = 0; i < known; i++)
        cr_expect_eq(depth[i], 0);
    cr_expect_not_null(hostile.text);
    forget(&hostile);
}

static void write_nothing(struct trace_writer *writer)
{
    (void)writer;
}

Test(export_perfetto, a_trace_without_events_is_one_without_slices)
{
    struct exported empty = export_life(write_nothing, "--decode=perfetto.Trace");
    cr_expect_eq(count(empty.text, "type: 1\n"), 0);
    cr_expect_eq(count(empty.text, "clock_snapshot {"), 1);
    forget(&empty);
}
