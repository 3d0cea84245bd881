/* A folder for a trace, and events of every kind with values that are easy to recognise. */
#ifndef TESTS_UNIT_TRACE_SAMPLE_H
#define TESTS_UNIT_TRACE_SAMPLE_H

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "runner/trace/trace.h"

struct sample_folder {
    char path[64];
    int dir;
};

static inline struct sample_folder sample_folder_make(void)
{
    struct sample_folder folder = {"/tmp/runner-test-trace-XXXXXX", -1};
    cr_assert_not_null(mkdtemp(folder.path));
    folder.dir = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_geq(folder.dir, 0);
    return folder;
}

static inline void sample_folder_remove(struct sample_folder *folder)
{
    fd_close(&folder->dir);
    cr_assert_eq(fd_remove_tree(AT_FDCWD, folder->path), 0);
}

static inline const char *sample_wait_reason(void *context, uint32_t reason)
{
    static const char *const names[] = {"", "GC assist marking", "IO wait", "select (no cases)"};
    return *(const int *)context == 23 && reason < 4 ? names[reason] : NULL;
}

static inline const char *sample_stw_reason(void *context, uint32_t reason)
{
    return *(const int *)context == 23 && reason == 1 ? "GC mark termination" : NULL;
}

static inline struct trace_settings sample_settings(void)
{
    static int minor = 23;
    return (struct trace_settings){.trial = "pool/trial-002-observed",
                                   .go_minor = 23,
                                   .wait_reason = sample_wait_reason,
                                   .stw_reason = sample_stw_reason,
                                   .reason_context = &minor};
}

union sample_record {
    struct event_header header;
    uint8_t bytes[EVENT_SIZE_MAX];
};

/* Fields are 1000 * time + their place; reasons and marks are 1. The padding is full of ones. */
static inline size_t sample_event(union sample_record *record, unsigned kind, uint64_t time)
{
    const struct event_type *type = event_type(kind);
    cr_assert_not_null(type);
    memset(record, 0xff, sizeof *record);
    record->header = (struct event_header){.time = time,
                                           .kind = (uint16_t)kind,
                                           .cpu = (uint8_t)(time % 4),
                                           .flags = (uint8_t)(time % 16),
                                           .seq = (uint32_t)time,
                                           .tid = (uint32_t)time + 1,
                                           .pid = (uint32_t)time + 2,
                                           .goid = time + 3};
    for (size_t i = 0; i < type->field_count; i++) {
        const struct event_field *field = &type->fields[i];
        uint64_t value = field->type >= FIELD_WAIT_REASON ? 1 : 1000 * time + i;
        memcpy(record->bytes + field->offset, &value, field->size);
    }
    return type->size;
}

static inline void sample_write(struct trace_writer *writer, unsigned kind, uint64_t time)
{
    union sample_record record;
    size_t size = sample_event(&record, kind, time);
    cr_assert_eq(trace_write(writer, &record.header, size), 0);
}

static inline struct trace_writer *sample_writer(int dir, const struct trace_settings *settings)
{
    struct trace_writer *writer = NULL;
    struct error error = {0};
    cr_assert_eq(trace_writer_open(dir, settings, &writer, &error), 0, "%s", error.text);
    return writer;
}

/* Reads all; the number of events, or the negative result with the error. */
static inline long sample_read_all(int dir, struct error *error)
{
    struct trace_reader *reader = NULL;
    int result = trace_reader_open(dir, &reader, error);
    if (result < 0)
        return result;
    const struct event_header *event;
    long count = 0;
    while ((result = trace_read(reader, &event, error)) > 0)
        count++;
    trace_reader_close(reader);
    return result < 0 ? result : count;
}

static inline uint64_t sample_stream_size(int dir)
{
    struct stat facts;
    cr_assert_eq(fstatat(dir, "stream", &facts, 0), 0);
    return (uint64_t)facts.st_size;
}

#endif
