#include "tests/unit/trace_sample.h"

#include <errno.h>
#include <jansson.h>

#include "runner/export/export.h"

/* A trial with one event of each kind, times from 100 on. */
static struct sample_folder make_trial(void)
{
    struct sample_folder folder = sample_folder_make();
    cr_assert_eq(mkdirat(folder.dir, "trace", 0755), 0);
    AUTO_FD dir = openat(folder.dir, "trace", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct trace_settings settings = sample_settings();
    struct trace_writer *writer = sample_writer(dir, &settings);
    uint64_t time = 100;
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++)
        if (event_type(kind))
            sample_write(writer, kind, time++);
    struct error error = {0};
    cr_assert_eq(trace_writer_close(writer, 0, NULL, &error), 0);
    return folder;
}

/* The row of a kind in the sample, which has each kind once, in the order of their numbers. */
static unsigned row_of(unsigned kind)
{
    unsigned row = 0;
    for (unsigned i = 0; i <= kind; i++)
        row += event_type(i) != NULL;
    return row;
}

static unsigned kinds_with_a_row(void)
{
    return row_of(EVENT_KIND_COUNT - 1);
}

static char *export(int dir, const char *format)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct error error = {0};
    cr_assert_eq(export_trial(dir, format, out, &error), 0, "%s", error.text);
    fclose(out);
    return text;
}

Test(export, csv_has_the_same_columns_in_every_row)
{
    struct sample_folder folder = make_trial();
    AUTO_FREE char *text = export(folder.dir, "csv");
    static const char head[] =
        "time_ns,cpu,kind,flags,seq,tid,pid,goid,next_tid,next_pid,prev_state,waker_tid,"
        "target_cpu,from_cpu,to_cpu,child_tid,child_pid,g,parent,start_pc,creator_pc,"
        "reason,heap_goal,";
    cr_assert_eq(strncmp(text, head, strlen(head)), 0, "%.300s", text);
    unsigned rows = 0, columns = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), rows++) {
        unsigned commas = 0;
        for (const char *c = line; *c; c++)
            commas += *c == ',';
        columns = rows ? columns : commas;
        cr_assert_eq(commas, columns, "%s", line);
    }
    cr_assert_eq(rows, 1 + kinds_with_a_row());
    sample_folder_remove(&folder);
}

/* The cell of a row (1: the first behind the head) below the column of that name. */
static void check_cell(const char *csv, unsigned row, const char *column, const char *expected)
{
    AUTO_FREE char *copy = strdup(csv);
    char *head = copy;
    char *line = strsep(&copy, "\n");
    for (unsigned i = 0; i < row; i++)
        line = strsep(&copy, "\n");
    char *name, *cell = NULL;
    char *names = head;
    while ((name = strsep(&names, ",")) && (cell = strsep(&line, ",")) && strcmp(name, column) != 0)
        ;
    cr_expect(name && cell && strcmp(cell, expected) == 0, "%s of row %u: %s", column, row,
              cell ? cell : "no such cell");
    copy = head;
}

Test(export, csv_shows_names_numbers_and_addresses)
{
    struct sample_folder folder = make_trial();
    AUTO_FREE char *text = export(folder.dir, "csv");
    static const struct {
        unsigned kind;
        const char *column, *expected;
    } cells[] = {
        {EVENT_SCHED_SWITCH, "time_ns", "100"},
        {EVENT_SCHED_SWITCH, "kind", "sched_switch"},
        {EVENT_SCHED_SWITCH, "next_pid", "100001"},
        {EVENT_SCHED_SWITCH, "reason", ""},
        {EVENT_GO_PARK, "g", "0x1adb0"},
        {EVENT_GO_PARK, "reason", "GC assist marking"},
        {EVENT_GO_PARK, "mark", ""},
        {EVENT_GO_STACK, "pc7", "0x21f00"},
        {EVENT_MARK, "mark", "barrier"},
    };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        check_cell(text, row_of(cells[i].kind), cells[i].column, cells[i].expected);
    sample_folder_remove(&folder);
}

Test(export, ndjson_is_an_object_a_line_with_the_fields_of_its_kind)
{
    struct sample_folder folder = make_trial();
    AUTO_FREE char *text = export(folder.dir, "ndjson");
    uint64_t time = 100;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), time++) {
        json_t *row = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        cr_assert_not_null(row, "%s", line);
        cr_assert_eq(json_integer_value(json_object_get(row, "time_ns")), (json_int_t)time);
        const struct event_type *type = event_type_by_name(json_string_value(json_object_get(row, "kind")));
        cr_assert_not_null(type, "%s", line);
        cr_assert_eq(json_object_size(row), 8u + type->field_count, "%s", line);
        for (size_t i = 0; i < type->field_count; i++) {
            const json_t *value = json_object_get(row, type->fields[i].name);
            if (type->fields[i].type == FIELD_UNSIGNED)
                cr_assert_eq(json_integer_value(value), (json_int_t)(1000 * time + i), "%s", line);
            else
                cr_assert(json_is_string(value), "%s", line);
        }
        json_decref(row);
    }
    cr_assert_eq(time, 100 + kinds_with_a_row());
    sample_folder_remove(&folder);
}

Test(export, a_name_with_a_comma_is_quoted)
{
    struct sample_folder folder = make_trial();
    AUTO_FD metadata = openat(folder.dir, "trace/metadata", O_RDWR | O_CLOEXEC);
    char text[8192];
    ssize_t size = read(metadata, text, sizeof text - 1);
    cr_assert_gt(size, 0);
    text[size] = 0;
    char *name = strstr(text, "GC assist marking");
    cr_assert_eq(pwrite(metadata, "GC assist,marking", 17, name - text), 17);
    AUTO_FREE char *csv = export(folder.dir, "csv");
    cr_assert_not_null(strstr(csv, ",\"GC assist,marking\","));
    sample_folder_remove(&folder);
}

Test(export, an_unknown_format_is_answered_with_the_known_ones)
{
    struct sample_folder folder = make_trial();
    struct error error = {0};
    cr_assert_eq(export_trial(folder.dir, "xml", stdout, &error), -EINVAL);
    cr_assert_eq(error.class, ERROR_USAGE);
    cr_assert_str_eq(error.text,
                     "export: unknown format \"xml\"; the formats are: csv, ndjson, perfetto, folded");
    sample_folder_remove(&folder);
}

Test(export, a_trial_without_a_trace_is_refused)
{
    struct sample_folder folder = sample_folder_make();
    struct error error = {0};
    cr_assert_eq(export_trial(folder.dir, "csv", stdout, &error), -ENOENT);
    cr_assert_eq(error.class, ERROR_USAGE);
    cr_assert_not_null(strstr(error.text, "Only observed trials have a trace."));
    sample_folder_remove(&folder);
}

Test(export, a_full_disk_is_told)
{
    struct sample_folder folder = make_trial();
    FILE *full = fopen("/dev/full", "w");
    cr_assert_not_null(full);
    struct error error = {0};
    cr_assert_eq(export_trial(folder.dir, "ndjson", full, &error), -ENOSPC);
    cr_assert_eq(error.class, ERROR_INTERNAL);
    fclose(full);
    sample_folder_remove(&folder);
}
