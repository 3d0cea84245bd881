/*
 * Any bytes as a trace: no crash, no read outside, and recovery always leaves what can be read. Blind bytes
 * rarely pass the first checks, so that the first byte also chooses to alter a valid stream or metadata at a
 * few places, or to feed the writer: whatever it is given, its trace must be read back whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/export/export.h"
#include "runner/support/fd.h"
#include "runner/trace/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The one folder of this process: trial/trace/{metadata,stream}. libFuzzer calls with nothing but bytes. */
static struct {
    char path[64];
    int trial, trace;
    char *metadata, *stream; /* of a valid trace */
    size_t metadata_size, stream_size;
} shared = {.trial = -1, .trace = -1};

#define REQUIRE(condition)                                                                                   \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "not so: %s\n", #condition);                                                     \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

static void remove_folder(void)
{
    fd_remove_tree(AT_FDCWD, shared.path);
    free(shared.metadata);
    free(shared.stream);
}

static const char *reason(void *context, uint32_t number)
{
    (void)context;
    return number < 3 ? (const char *[]){"sleep", "select, send", "chan receive"}[number] : NULL;
}

static struct trace_writer *open_writer(uint64_t window_ns, uint64_t max_bytes)
{
    unlinkat(shared.trace, "metadata", 0);
    unlinkat(shared.trace, "stream", 0);
    struct trace_settings settings = {.trial = "fuzz",
                                      .go_minor = 23,
                                      .wait_reason = reason,
                                      .stw_reason = reason,
                                      .window_ns = window_ns,
                                      .max_bytes = max_bytes};
    struct trace_writer *writer = NULL;
    REQUIRE(trace_writer_open(shared.trace, &settings, &writer, NULL) == 0);
    return writer;
}

static void write_valid(void)
{
    struct trace_writer *writer = open_writer(1, 0);
    uint64_t record[EVENT_SIZE_MAX / sizeof(uint64_t)] = {0};
    struct event_header *event = (struct event_header *)record;
    for (unsigned i = 0; i < 3 * EVENT_KIND_COUNT; i++) {
        event->time = 1000u + i;
        event->kind = (uint16_t)(i % EVENT_KIND_COUNT);
        if (event_type(event->kind))
            REQUIRE(trace_write(writer, event, event_type(event->kind)->size) == 0);
        if (i % 50 == 49)
            REQUIRE(trace_flush(writer, i) == 0);
    }
    REQUIRE(trace_writer_close(writer, 500, NULL, NULL) == 0);
    REQUIRE(fd_read_file(shared.trace, "metadata", 1 << 20, &shared.metadata, &shared.metadata_size) == 0);
    REQUIRE(fd_read_file(shared.trace, "stream", 1 << 20, &shared.stream, &shared.stream_size) == 0);
}

static void set_up(void)
{
    snprintf(shared.path, sizeof shared.path, "%s/runner-fuzz-trace-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    REQUIRE(mkdtemp(shared.path));
    atexit(remove_folder);
    shared.trial = open(shared.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    REQUIRE(mkdirat(shared.trial, "trace", 0755) == 0);
    shared.trace = openat(shared.trial, "trace", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    write_valid();
}

static void save(const char *name, const void *data, size_t size)
{
    AUTO_FD fd = openat(shared.trace, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    REQUIRE(fd >= 0 && fd_write_all(fd, data, size) == 0);
}

/* Four bytes each: an offset, how many bytes back from there a value goes (0: cut here), the value. */
static void save_altered(const char *name, const char *valid, size_t valid_size, const uint8_t *data,
                         size_t size)
{
    AUTO_FREE uint8_t *copy = malloc(valid_size);
    REQUIRE(copy);
    memcpy(copy, valid, valid_size);
    size_t used = valid_size;
    for (; size >= 4; data += 4, size -= 4) {
        size_t at = (data[0] | (size_t)data[1] << 8) % valid_size;
        if (data[2] == 0)
            used = at;
        else
            copy[at] = data[3];
    }
    save(name, copy, used);
}

static long read_all(struct error *error)
{
    struct trace_reader *reader = NULL;
    const struct event_header *event;
    int result = trace_reader_open(shared.trace, &reader, error);
    if (result < 0)
        return result;
    long count = 0;
    uint64_t last = 0;
    while ((result = trace_read(reader, &event, error)) > 0) {
        REQUIRE(event->time >= last && event_type(event->kind));
        last = event->time;
        count++;
    }
    trace_reader_close(reader);
    return result < 0 ? result : count;
}

static void export_all(const char *format)
{
    FILE *out = fopen("/dev/null", "we");
    struct error error = {0};
    if (export_trial(shared.trial, format, out, &error) < 0)
        REQUIRE(error.class == ERROR_USAGE && error.text[0]);
    fclose(out);
}

static void read_strange(bool metadata_is_valid)
{
    struct error error = {0};
    if (read_all(&error) < 0)
        REQUIRE(error.class == ERROR_USAGE && error.text[0]);
    export_all("csv");
    export_all("ndjson");
    int64_t cut = trace_recover(shared.trace, &error);
    REQUIRE(cut >= 0 || !metadata_is_valid);
    if (cut >= 0)
        REQUIRE(read_all(&error) >= 0);
}

/* Two bytes an event: its kind and, signed, the time since the one before; above 0xf0 a flush instead. */
static void write_strange(const uint8_t *data, size_t size)
{
    struct trace_writer *writer = open_writer(50, 8192);
    uint64_t record[EVENT_SIZE_MAX / sizeof(uint64_t)];
    memset(record, 0xff, sizeof record);
    struct event_header *event = (struct event_header *)record;
    uint64_t time = 1 << 20;
    uint64_t given = 0;
    for (; size >= 2; data += 2, size -= 2) {
        if (data[0] >= 0xf0) {
            REQUIRE(trace_flush(writer, data[1]) == 0);
            continue;
        }
        time += (uint64_t)(int8_t)data[1];
        event->time = time;
        event->kind = data[0];
        const struct event_type *type = event_type(event->kind);
        int result = trace_write(writer, event, type ? type->size : sizeof *event);
        REQUIRE(result == (type ? 0 : -EINVAL));
        given += type != NULL;
    }
    struct trace_counts counts;
    REQUIRE(trace_writer_close(writer, 0, &counts, NULL) == 0);
    uint64_t written = 0;
    for (size_t kind = 0; kind < EVENT_KIND_COUNT; kind++)
        written += counts.written[kind];
    struct error error = {0};
    REQUIRE(written + counts.late + counts.over_max == given);
    REQUIRE(read_all(&error) == (long)written);
    REQUIRE(counts.bytes <= 8192);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (shared.trial < 0)
        set_up();
    if (size == 0)
        return 0;
    unsigned what = *data++ % 5;
    size--;
    if (what == 4) {
        write_strange(data, size);
        return 0;
    }
    save("metadata", shared.metadata, shared.metadata_size);
    save("stream", shared.stream, shared.stream_size);
    if (what == 0)
        save("stream", data, size);
    else if (what == 1)
        save("metadata", data, size);
    else if (what == 2)
        save_altered("stream", shared.stream, shared.stream_size, data, size);
    else
        save_altered("metadata", shared.metadata, shared.metadata_size, data, size);
    read_strange(what % 2 == 0);
    return 0;
}
