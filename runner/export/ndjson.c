#include "runner/export/rows.h"

/* Names are printable ASCII without quotes and backslashes: the metadata's reader takes no others. */
static void string(struct rows *rows, const char *text)
{
    row_char(rows, '"');
    row_text(rows, text);
    row_char(rows, '"');
}

static void key(struct rows *rows, const char *name)
{
    row_char(rows, ',');
    string(rows, name);
    row_char(rows, ':');
}

static void value(struct rows *rows, const struct event_field *field, const struct event_header *event)
{
    uint64_t number = event_field_value(event, field);
    const char *name = trace_reader_name(rows->reader, field->type, number);
    if (name) {
        string(rows, name);
    } else if (field->type == FIELD_HEX) {
        row_char(rows, '"');
        row_hex(rows, number);
        row_char(rows, '"');
    } else {
        row_number(rows, number);
    }
}

static void ndjson_row(struct rows *rows, const struct event_type *type, const struct event_header *event)
{
    struct row_number numbers[ROW_HEADER_NUMBERS];
    row_header_numbers(event, numbers);
    row_begin(rows);
    row_text(rows, "{\"time_ns\":");
    row_number(rows, event->time);
    key(rows, "cpu");
    row_number(rows, event->cpu);
    key(rows, "kind");
    string(rows, type->name);
    for (size_t i = 0; i < ROW_HEADER_NUMBERS; i++) {
        key(rows, numbers[i].name);
        row_number(rows, numbers[i].value);
    }
    for (size_t i = 0; i < type->field_count; i++) {
        key(rows, type->fields[i].name);
        value(rows, &type->fields[i], event);
    }
    row_text(rows, "}\n");
}

const struct row_format row_ndjson = {"ndjson", NULL, ndjson_row};
