#include <string.h>

#include "runner/export/rows.h"

/* RFC 4180, 2.6 and 2.7 */
static void quoted(struct rows *rows, const char *text)
{
    if (!text[strcspn(text, ",\"\r\n")]) {
        row_text(rows, text);
        return;
    }
    row_char(rows, '"');
    for (; *text; text++) {
        if (*text == '"')
            row_char(rows, '"');
        row_char(rows, *text);
    }
    row_char(rows, '"');
}

static void csv_head(struct rows *rows)
{
    struct row_number numbers[ROW_HEADER_NUMBERS];
    row_header_numbers(&(struct event_header){0}, numbers);
    row_begin(rows);
    row_text(rows, "time_ns,cpu,kind");
    for (size_t i = 0; i < ROW_HEADER_NUMBERS; i++) {
        row_char(rows, ',');
        row_text(rows, numbers[i].name);
    }
    for (size_t i = 0; i < rows->column_count; i++) {
        row_char(rows, ',');
        row_text(rows, rows->columns[i]);
    }
    row_char(rows, '\n');
}

static void value(struct rows *rows, const struct event_field *field, const struct event_header *event)
{
    uint64_t number = event_field_value(event, field);
    const char *name = trace_reader_name(rows->reader, field->type, number);
    if (name)
        quoted(rows, name);
    else if (field->type == FIELD_HEX)
        row_hex(rows, number);
    else
        row_number(rows, number);
}

static void csv_row(struct rows *rows, const struct event_type *type, const struct event_header *event)
{
    struct row_number numbers[ROW_HEADER_NUMBERS];
    row_header_numbers(event, numbers);
    row_begin(rows);
    row_number(rows, event->time);
    row_char(rows, ',');
    row_number(rows, event->cpu);
    row_char(rows, ',');
    row_text(rows, type->name);
    for (size_t i = 0; i < ROW_HEADER_NUMBERS; i++) {
        row_char(rows, ',');
        row_number(rows, numbers[i].value);
    }
    const struct event_field *in_column[ROW_COLUMNS_MAX] = {NULL};
    for (size_t i = 0; i < type->field_count; i++)
        in_column[rows->column_of[type->kind][i]] = &type->fields[i];
    for (size_t i = 0; i < rows->column_count; i++) {
        row_char(rows, ',');
        if (in_column[i])
            value(rows, in_column[i], event);
    }
    row_char(rows, '\n');
}

const struct row_format row_csv = {"csv", csv_head, csv_row};
