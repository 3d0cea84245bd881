#include "runner/export/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "runner/export/folded.h"
#include "runner/export/perfetto.h"
#include "runner/export/rows.h"
#include "runner/support/fd.h"

/* `rows` NULL: the format is made by a function of its own; `trial`: out of something else than the trace. */
static const struct format {
    const char *name;
    const struct row_format *rows;
    int (*trial)(int trial_dir, FILE *out, struct error *error);
} formats[] = {{"csv", &row_csv, NULL},
               {"ndjson", &row_ndjson, NULL},
               {"perfetto", NULL, NULL},
               {"folded", NULL, folded_export}};

static const struct format *find_format(const char *name, struct error *error)
{
    char known[128] = "";
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", formats[i].name);
    }
    error_set(error, ERROR_USAGE, 0, "export: unknown format \"%.64s\"; the formats are: %s", name, known);
    return NULL;
}

/* A column for every name of a field; kinds share it. */
static size_t column(struct rows *rows, const char *name)
{
    for (size_t i = 0; i < rows->column_count; i++)
        if (strcmp(rows->columns[i], name) == 0)
            return i;
    rows->columns[rows->column_count] = name;
    return rows->column_count++;
}

static void assign_columns(struct rows *rows)
{
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        const struct event_type *type = event_type(kind);
        for (size_t i = 0; type && i < type->field_count; i++)
            rows->column_of[kind][i] = (uint8_t)column(rows, type->fields[i].name);
    }
}

static int export_rows(struct trace_reader *reader, const struct row_format *format, struct rows *rows,
                       struct error *error)
{
    rows->reader = reader;
    assign_columns(rows);
    if (format->head)
        format->head(rows);
    const struct event_header *event;
    int result;
    while ((result = trace_read(reader, &event, error)) > 0 && !rows->failed)
        format->row(rows, event_type(event->kind), event);
    rows_flush(rows);
    if (!rows->failed && fflush(rows->out) != 0)
        rows->failed = errno;
    if (rows->failed)
        return error_set(error, ERROR_INTERNAL, rows->failed, "write the export");
    return result;
}

/* What symbols.json says; NULL: the trial has none. */
static json_t *read_symbols(int trial_dir)
{
    AUTO_FD fd = openat(trial_dir, "symbols.json", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? NULL : json_loadfd(fd, 0, NULL);
}

int export_trial(int trial_dir, const char *format_name, FILE *out, struct error *error)
{
    const struct format *format = find_format(format_name, error);
    if (!format)
        return -EINVAL;
    if (format->trial)
        return format->trial(trial_dir, out, error);
    AUTO_FD dir = openat(trial_dir, "trace", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir < 0)
        return error_mend(error, ERROR_USAGE, errno, "Only observed trials have a trace.",
                          "open the trial's folder trace");
    struct trace_reader *reader = NULL;
    int result = trace_reader_open(dir, &reader, error);
    if (result < 0)
        return error_prefix(error, "trace");
    AUTO_FREE struct rows *rows = calloc(1, sizeof *rows);
    if (!format->rows) {
        json_t *symbols = read_symbols(trial_dir);
        result = perfetto_export(reader, json_object_get(symbols, "functions"), out, error);
        json_decref(symbols);
    } else if (rows) {
        rows->out = out;
        result = export_rows(reader, format->rows, rows, error);
    } else {
        result = error_set(error, ERROR_INTERNAL, ENOMEM, "export a trace");
    }
    trace_reader_close(reader);
    return result;
}
