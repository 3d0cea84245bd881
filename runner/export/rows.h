/*
 * What the formats of one row an event share: a buffer that rows are appended to, and the formats themselves.
 * A row is built without checks of room: row_begin() leaves room for the longest one.
 */
#ifndef RUNNER_EXPORT_ROWS_H
#define RUNNER_EXPORT_ROWS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "runner/trace/trace.h"

enum { ROW_ROOM = 4096, ROW_COLUMNS_MAX = 64, ROW_FIELDS_MAX = 10 };

struct rows {
    FILE *out;
    const struct trace_reader *reader;
    int failed; /* errno of the write that failed */
    size_t used;
    /* Names of all kinds' fields, each once, in the order of the table of kinds (csv). */
    const char *columns[ROW_COLUMNS_MAX];
    size_t column_count;
    uint8_t column_of[EVENT_KIND_COUNT][ROW_FIELDS_MAX]; /* by kind and place of the field */
    char buffer[64 * 1024];
};

struct row_format {
    const char *name;
    void (*head)(struct rows *rows);
    void (*row)(struct rows *rows, const struct event_type *type, const struct event_header *event);
};
extern const struct row_format row_csv, row_ndjson;

void rows_flush(struct rows *rows);
/* Makes room for a row of at most ROW_ROOM bytes. */
void row_begin(struct rows *rows);
void row_char(struct rows *rows, char c);
void row_text(struct rows *rows, const char *text);
void row_number(struct rows *rows, uint64_t value);
void row_hex(struct rows *rows, uint64_t value); /* 0xc000012345 */

/* The header's columns behind time and cpu and kind: flags, seq, tid, pid, goid. */
struct row_number {
    const char *name;
    uint64_t value;
};
enum { ROW_HEADER_NUMBERS = 5 };
void row_header_numbers(const struct event_header *event, struct row_number numbers[ROW_HEADER_NUMBERS]);

#endif
