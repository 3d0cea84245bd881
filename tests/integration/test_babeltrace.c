/*
 * babeltrace2 is the reference reader of CTF: what it prints of our traces must be what we wrote.
 */
#include "tests/unit/trace_sample.h"

#include <inttypes.h>
#include <sys/utsname.h>

/* Runs babeltrace2 on the folder; its output and messages in one text. Skips the test where it is not
   installed. */
static char *babeltrace(const char *arguments, const char *folder)
{
    if (system("command -v babeltrace2 >/dev/null 2>&1") != 0)
        cr_skip("babeltrace2 is not installed");
    char command[256];
    snprintf(command, sizeof command, "TZ=UTC babeltrace2 %s %s 2>&1", arguments, folder);
    FILE *pipe = popen(command, "re");
    cr_assert_not_null(pipe);
    char *text = NULL;
    size_t size = 0;
    cr_assert_gt(getdelim(&text, &size, 0, pipe), 0, "babeltrace2 printed nothing");
    cr_assert_eq(pclose(pipe), 0, "%s", text);
    return text;
}

/* The line that babeltrace2 should print of an event, from our own reader and table. */
static void expect_line(const struct trace_reader *reader, const struct event_header *event, char *line,
                        size_t size)
{
    const struct event_type *type = event_type(event->kind);
    FILE *out = fmemopen(line, size, "w");
    cr_assert_not_null(out);
    struct utsname host;
    cr_assert_eq(uname(&host), 0);
    fprintf(out,
            "[%020" PRIu64 "] %s %s: { cpu = %u, flags = %u, seq = %u, tid = %u, pid = %u, goid = %" PRIu64,
            event->time, host.nodename, type->name, event->cpu, event->flags, event->seq, event->tid,
            event->pid, event->goid);
    fprintf(out, " }, {");
    const char *comma = " ";
    for (size_t i = 0; i < type->field_count; i++, comma = ", ") {
        const struct event_field *field = &type->fields[i];
        uint64_t value = event_field_value(event, field);
        const char *name = trace_reader_name(reader, field->type, value);
        fprintf(out, "%s%s = ", comma, field->name);
        if (name)
            fprintf(out, "( \"%s\" : container = %" PRIu64 " )", name, value);
        else
            fprintf(out, field->type == FIELD_HEX ? "0x%" PRIX64 : "%" PRIu64, value);
    }
    if (event_padding(type))
        fprintf(out, "%spad = 0", comma);
    fprintf(out, " }");
    fclose(out);
}

/* Every kind, many packets, some out of order. */
static void write_trace(int dir, uint64_t discarded)
{
    struct trace_settings settings = sample_settings();
    settings.window_ns = 500;
    struct trace_writer *writer = sample_writer(dir, &settings);
    for (uint64_t i = 0; i < 3000; i++) {
        unsigned kind = (unsigned)i % EVENT_KIND_COUNT;
        if (event_type(kind))
            sample_write(writer, kind, 1000000 + 100 * i - i % 4 * 120);
        if (i % 250 == 0)
            cr_assert_eq(trace_flush(writer, i > 1500 ? discarded / 2 : 0), 0);
    }
    struct trace_counts counts;
    struct error error = {0};
    cr_assert_eq(trace_writer_close(writer, discarded, &counts, &error), 0, "%s", error.text);
    cr_assert_eq(counts.late, 0);
    cr_assert_gt(counts.packets, 10);
}

Test(babeltrace, prints_every_event_and_field_as_our_reader_has_them)
{
    struct sample_folder folder = sample_folder_make();
    write_trace(folder.dir, 0);
    AUTO_FREE char *text = babeltrace("--clock-cycles --no-delta", folder.path);
    struct trace_reader *reader = NULL;
    struct error error = {0};
    cr_assert_eq(trace_reader_open(folder.dir, &reader, &error), 0, "%s", error.text);
    const struct event_header *event;
    char *rest = text;
    unsigned events = 0;
    while (trace_read(reader, &event, &error) > 0) {
        char line[512];
        expect_line(reader, event, line, sizeof line);
        char *printed = strsep(&rest, "\n");
        cr_assert_str_eq(printed, line);
        events++;
    }
    cr_assert_str_empty(rest, "babeltrace2 prints more than was written: %s", rest);
    cr_assert_gt(events, 1000);
    trace_reader_close(reader);
    sample_folder_remove(&folder);
}

Test(babeltrace, tells_how_many_events_were_lost)
{
    struct sample_folder folder = sample_folder_make();
    write_trace(folder.dir, 11);
    AUTO_FREE char *text = babeltrace("", folder.path);
    cr_assert_not_null(strstr(text, "Tracer discarded 5 events between"), "the first half of the losses");
    cr_assert_not_null(strstr(text, "Tracer discarded 6 events between"), "the rest, at the end");
    sample_folder_remove(&folder);
}

Test(babeltrace, reads_a_trace_that_was_recovered_after_a_kill)
{
    struct sample_folder folder = sample_folder_make();
    write_trace(folder.dir, 0);
    AUTO_FD stream = openat(folder.dir, "stream", O_RDWR | O_CLOEXEC);
    cr_assert_eq(ftruncate(stream, (off_t)sample_stream_size(folder.dir) * 2 / 3 + 5), 0);
    struct error error = {0};
    cr_assert_gt(trace_recover(folder.dir, &error), 0, "%s", error.text);
    AUTO_FREE char *text = babeltrace("--no-delta", folder.path);
    long lines = 0;
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    cr_assert_eq(lines, sample_read_all(folder.dir, &error), "%.300s", text);
    sample_folder_remove(&folder);
}

Test(babeltrace, counts_the_events_of_a_trace_without_any)
{
    struct sample_folder folder = sample_folder_make();
    struct trace_settings settings = {.trial = "demo/trial-001-observed"};
    struct error error = {0};
    cr_assert_eq(trace_writer_close(sample_writer(folder.dir, &settings), 0, NULL, &error), 0);
    AUTO_FREE char *text = babeltrace("--component=sink.utils.counter --params=hide-zero=no", folder.path);
    cr_assert_not_null(strstr(text, "0 Event messages"), "%s", text);
    sample_folder_remove(&folder);
}
