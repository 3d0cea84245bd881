#include "tests/unit/trace_sample.h"

#include "runner/trace/metadata.h"

static char *print(const struct metadata *metadata, size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    cr_assert_not_null(out);
    cr_assert_eq(metadata_print(out, metadata), 0);
    fclose(out);
    return text;
}

Test(trace_metadata, what_was_printed_is_read_back)
{
    static struct metadata made;
    static struct metadata read;
    struct trace_settings settings = sample_settings();
    metadata_make(&settings, &made);
    made.clock_offset = -1500000001; /* a clock that was never set */
    size_t size = 0;
    AUTO_FREE char *text = print(&made, &size);
    struct error error = {0};
    cr_assert_eq(metadata_parse(text, size, &read, &error), 0, "%s", error.text);
    cr_assert_eq(read.clock_offset, made.clock_offset);
    cr_assert_eq(read.go_minor, 23);
    cr_assert_str_eq(read.trial, "pool/trial-002-observed");
    cr_assert_str_eq(read.names[FIELD_WAIT_REASON][3], "select (no cases)");
    cr_assert_str_eq(read.names[FIELD_STW_REASON][1], "GC mark termination");
    cr_assert_str_eq(read.names[FIELD_MARK][MARK_END], "end");
    cr_assert_arr_eq(read.names, made.names, sizeof made.names);
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++)
        cr_assert_eq(read.kinds >> kind & 1, event_type(kind) != NULL);
}

Test(trace_metadata, without_names_reasons_are_numbers)
{
    static struct metadata made;
    static struct metadata read;
    struct trace_settings settings = {.trial = "c"};
    metadata_make(&settings, &made);
    size_t size = 0;
    AUTO_FREE char *text = print(&made, &size);
    cr_assert_not_null(strstr(text, "{ x64 g; u32 reason; u32 _pad; }"));
    struct error error = {0};
    cr_assert_eq(metadata_parse(text, size, &read, &error), 0, "%s", error.text);
    cr_assert_str_empty(read.names[FIELD_WAIT_REASON][1]);
}

Test(trace_metadata, names_cannot_break_out_of_their_quotes)
{
    static struct metadata made;
    struct trace_settings settings = {.trial = "a\"; };\nenv \\ \x1b[31m"};
    metadata_make(&settings, &made);
    cr_assert_str_eq(made.trial, "a_; };_env _ _[31m");
}

Test(trace_metadata, a_future_abi_is_refused_where_it_stands)
{
    static struct metadata made;
    static struct metadata read;
    struct trace_settings settings = sample_settings();
    metadata_make(&settings, &made);
    size_t size = 0;
    AUTO_FREE char *text = print(&made, &size);
    char *abi = strstr(text, "event_abi = 1");
    abi[strlen("event_abi = ")] = '9';
    struct error error = {0};
    cr_assert_lt(metadata_parse(text, size, &read, &error), 0);
    cr_assert_eq(error.class, ERROR_USAGE);
    char expected[128];
    snprintf(expected, sizeof expected, "metadata: byte %zu: expected `an event ABI that this version knows`",
             (size_t)(abi - text) + strlen("event_abi = "));
    cr_assert_eq(strncmp(error.text, expected, strlen(expected)), 0, "%s", error.text);
}

/* Any single byte that differs is either refused or is inside a value; nothing crashes, and a cut is refused
   unless it falls between two kinds of events. */
Test(trace_metadata, altered_and_cut_texts_are_refused)
{
    static struct metadata made;
    static struct metadata read;
    struct trace_settings settings = sample_settings();
    metadata_make(&settings, &made);
    size_t size = 0;
    AUTO_FREE char *text = print(&made, &size);
    size_t events = (size_t)(strstr(text, "event { stream_id") - text);
    struct error error;
    for (size_t cut = 0; cut < size; cut++) {
        int result = metadata_parse(text, cut, &read, &error);
        bool between = cut >= events && text[cut - 1] == '\n';
        cr_assert_eq(result == 0, between, "cut at %zu", cut);
    }
    unsigned accepted = 0;
    for (size_t at = 0; at < size; at++) {
        char old = text[at];
        text[at] = '\x01';
        accepted += metadata_parse(text, size, &read, &error) == 0;
        text[at] = old;
    }
    cr_assert_eq(accepted, 0);
}

Test(trace_metadata, a_kind_is_declared_once)
{
    static struct metadata made;
    static struct metadata read;
    struct trace_settings settings = sample_settings();
    metadata_make(&settings, &made);
    size_t size = 0;
    AUTO_FREE char *text = print(&made, &size);
    const char *mark = strstr(text, "event { stream_id = 0; id = 48");
    AUTO_FREE char *twice = NULL;
    cr_assert_gt(asprintf(&twice, "%s%s", text, mark), 0);
    struct error error = {0};
    cr_assert_lt(metadata_parse(twice, strlen(twice), &read, &error), 0);
    cr_assert_not_null(strstr(error.text, "each kind of event once"));
}
