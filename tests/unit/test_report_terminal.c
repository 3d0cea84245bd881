#include "runner/report/terminal.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runner/report/text.h"

static json_t *metric(const char *unit, double median, double low, double high)
{
    return json_pack("{s: s, s: i, s: f, s: [f, f, f], s: b}", "unit", unit, "trials", 10, "median", median,
                     "ci", low, high, 0.979, "lossy", 0);
}

static json_t *ratio(double value, double low, double high)
{
    return json_pack("{s: f, s: [f, f, f]}", "ratio", value, "ci", low, high, 0.96);
}

/* Two demos; the second is faster, takes as much memory, and lost events. */
static json_t *sample(void)
{
    json_t *slow = json_pack(
        "{s: {s: o, s: o}, s: {s: {s: i}}, s: i}", "bare", "time.wall", metric("ns", 1.52e9, 1.5e9, 1.55e9),
        "memory.peak", metric("bytes", 34e6, 33e6, 35e6), "verdicts", "bare", "ok", 10, "unexpected", 0);
    json_t *wake = metric("ns", 4200, 4100, 4300);
    json_object_set_new(wake, "lossy", json_true());
    json_object_set_new(wake, "p99",
                        json_pack("{s: f, s: n, s: s, s: i}", "median", 90e3, "ci", "ci_reason",
                                  "too few trials for an interval at 95%", "trials", 3));
    json_t *fast = json_pack("{s: {s: o, s: o}, s: {s: o, s: {s: n, s: s, s: s}}, s: {s: {s: i, s: i}}, s: "
                             "i, s: {s: {s: o, s: o}}}",
                             "bare", "time.wall", metric("ns", 1.2e9, 1.18e9, 1.23e9), "memory.peak",
                             metric("bytes", 34.2e6, 33e6, 35e6), "observed", "goroutines.wake_latency", wake,
                             "gc.count", "median", "unit", "count", "reason", "the Go probes were off",
                             "verdicts", "bare", "ok", 9, "panic", 1, "unexpected", 1, "comparison", "bare",
                             "time.wall", ratio(0.789, 0.772, 0.806), "memory.peak", ratio(1.01, 0.98, 1.03));
    cr_assert_not_null(fast);
    return json_pack("{s: s, s: {s: o, s: o}}", "baseline", "no-pool", "demos", "no-pool", slow, "pool",
                     fast);
}

static char *printed(const json_t *summary, bool color)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    terminal_print(summary, color, out);
    fclose(out);
    return text;
}

/* The line that begins (after spaces) with `label`, behind the heading `demo`. */
static const char *line_of(const char *text, const char *demo, const char *label, char line[300])
{
    const char *start = strstr(text, demo);
    cr_assert_not_null(start, "%s", demo);
    start = strstr(start, label);
    cr_assert_not_null(start, "%s in %s", label, text);
    snprintf(line, 300, "%.*s", (int)strcspn(start, "\n"), start);
    return line;
}

Test(report_terminal, medians_intervals_and_the_plain_word_stand_in_a_row)
{
    json_t *summary = sample();
    char *text = printed(summary, false);
    char line[300];
    line_of(text, "\npool", "wall time", line);
    cr_assert_not_null(strstr(line, "1.20 s"), "%s", line);
    cr_assert_not_null(strstr(line, "1.18 s .. 1.23 s"), "%s", line);
    cr_assert_not_null(strstr(line, "0.79 x (0.77 .. 0.81)"), "%s", line);
    cr_assert_not_null(strstr(line, "faster"), "%s", line);
    free(text);
    json_decref(summary);
}

Test(report_terminal, an_interval_that_holds_one_is_no_difference)
{
    json_t *summary = sample();
    char *text = printed(summary, false);
    char line[300];
    line_of(text, "\npool", "memory, peak", line);
    cr_assert_not_null(strstr(line, "no clear difference"), "%s", line);
    cr_assert_null(strstr(line, "more"));
    free(text);
    json_decref(summary);
}

Test(report_terminal, a_figure_that_fell_to_zero_is_compared_by_its_difference)
{
    json_t *summary = sample();
    json_t *pool = json_object_get(json_object_get(summary, "demos"), "pool");
    json_object_set_new(json_object_get(pool, "observed"), "goroutines.leaked", metric("count", 0, 0, 0));
    json_object_set_new(json_object_get(pool, "comparison"), "observed",
                        json_pack("{s: {s: n, s: f, s: [f, f, f]}}", "goroutines.leaked", "ratio",
                                  "difference", -100.0, "difference_ci", -101.0, -99.0, 0.96));
    char *text = printed(summary, false);
    char line[300];
    line_of(text, "\npool", "goroutines leaked", line);
    cr_assert_not_null(strstr(line, "-100 (-101 .. -99)  fewer"), "%s", line);
    free(text);
    json_decref(summary);
}

Test(report_terminal, the_baseline_stands_beside_its_own_copy)
{
    json_t *summary = sample();
    json_t *slow = json_object_get(json_object_get(summary, "demos"), "no-pool");
    json_object_set_new(
        slow, "noise",
        json_pack("{s: o, s: o}", "time.wall", ratio(1.03, 1.01, 1.05), "memory.peak", ratio(1, 0.99, 1.01)));
    char *text = printed(summary, false);
    char line[300];
    line_of(text, "no-pool (baseline)", "wall time", line);
    cr_assert_not_null(strstr(line, "unlike itself"), "%s", line);
    line_of(text, "no-pool (baseline)", "memory, peak", line);
    cr_assert_not_null(strstr(line, "no clear difference"), "%s", line);
    free(text);
    json_decref(summary);
}

Test(report_terminal, columns_line_up_behind_wide_names)
{
    json_t *summary = sample();
    json_t *demos = json_object_get(summary, "demos");
    json_object_set(demos, "\xe6\xbc\xa2\xe5\xad\x97-caf\xc3\xa9", json_object_get(demos, "no-pool"));
    json_object_set_new(summary, "baseline", json_string("\xe6\xbc\xa2\xe5\xad\x97-caf\xc3\xa9"));
    char *text = printed(summary, false);
    char first[300];
    char second[300];
    line_of(text, "\npool", "wall time", first);
    line_of(text, "no-pool", "wall time", second);
    cr_assert_eq(strstr(first, " .. ") - first, strstr(second, " .. ") - second, "%s\n%s", first, second);
    line_of(text, "\npool", "          ", first); /* the heads of the columns: "to" and a wide name */
    line_of(text, "\npool", "    wall time", second);
    const char *head = strstr(first, "caf\xc3\xa9");
    const char *end_of_ratio = strstr(second, "0.81)");
    cr_assert(head && end_of_ratio);
    char left[300];
    snprintf(left, sizeof left, "%.*s", (int)(head - first), first);
    cr_assert_eq(text_width(left) + 4, (size_t)(end_of_ratio + 5 - second), "%s\n%s", first, second);
    free(text);
    json_decref(summary);
}

Test(report_terminal, too_few_trials_are_said_not_hidden)
{
    json_t *summary = sample();
    json_t *demos = json_object_get(summary, "demos");
    json_t *bare = json_object_get(json_object_get(json_object_get(demos, "pool"), "comparison"), "bare");
    json_object_set_new(bare, "time.wall", json_pack("{s: f, s: n}", "ratio", 0.5, "ci"));
    char *text = printed(summary, false);
    char line[300];
    line_of(text, "\npool", "wall time", line);
    cr_assert_not_null(strstr(line, "too few trials to tell"), "%s", line);
    line_of(text, "\npool", "goroutine wake latency, p99", line);
    cr_assert_not_null(strstr(line, "n = 3"), "%s", line);
    free(text);
    json_decref(summary);
}

Test(report_terminal, lossy_and_unknown_figures_carry_a_mark_with_a_footnote)
{
    json_t *summary = sample();
    char *text = printed(summary, false);
    char line[300];
    line_of(text, "\npool", "goroutine wake latency, p50", line);
    cr_assert_not_null(strstr(line, "4.20 us *"), "%s", line);
    cr_assert_not_null(strstr(text, "\n*   events were lost"));
    line_of(text, "\npool", "collections", line);
    cr_assert_not_null(strstr(line, "- [2]"), "%s", line);
    cr_assert_not_null(strstr(text, "\n[2] the Go probes were off"), "%s", text);
    free(text);
    json_decref(summary);
}

Test(report_terminal, verdicts_are_counted_and_the_unexpected_named)
{
    json_t *summary = sample();
    char *text = printed(summary, false);
    cr_assert_not_null(strstr(text, "bare, 10 trials: 9 ok, 1 panic"), "%s", text);
    cr_assert_not_null(strstr(text, "1 trial did not do what the manifest expects"));
    free(text);
    json_decref(summary);
}

Test(report_terminal, colour_comes_only_when_asked_for)
{
    json_t *summary = sample();
    char *plain = printed(summary, false);
    char *coloured = printed(summary, true);
    cr_assert_null(strchr(plain, '\033'));
    cr_assert_not_null(strstr(coloured, "\033[32mfaster\033[0m"), "%s", coloured);
    free(plain);
    free(coloured);
    json_decref(summary);
}

Test(report_terminal, a_strangers_summary_is_shown_harmless)
{
    json_error_t error;
    static const char *const documents[] = {
        "[]",
        "{}",
        "{\"demos\": 3}",
        "{\"demos\": {\"a\\u001b[2J\": {\"bare\": {\"time.wall\": []}}}}",
        "{\"demos\": {\"a\": {\"bounds_broken\": [3, {}, {\"text\": \"\\u001b[1m\", \"value\": 1e308, "
        "\"unit\": 4, "
        "\"means\": \"\\u009b\", \"of\": \"x\"}]}, \"b\": {\"bounds_broken\": {}}}}",
        "{\"baseline\": 4, \"demos\": {\"a\\nb\": {\"bare\": {\"time.wall\": {\"unit\": 3, \"median\": "
        "\"x\", "
        "\"reason\": \"\\u009b31m\"}, \"cpu.time\": {\"median\": 1e308, \"ci\": [1, 2]}}, \"verdicts\": "
        "{\"bare\": {\"\\u001b]0;x\\u0007\": 9223372036854775807, \"b\": \"c\"}}, \"observer\": {}, "
        "\"comparison\": {\"bare\": {\"cpu.time\": {\"ratio\": -1e300, \"ci\": [-1, 1e300, 4]}}}}}}",
    };
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        json_t *summary = json_loads(documents[i], 0, &error);
        cr_assert_not_null(summary, "%s", error.text);
        char *text = printed(summary, false);
        for (const char *c = text; *c; c++)
            cr_assert(*c == '\n' || (unsigned char)*c >= ' ', "%s", text);
        cr_assert_null(strstr(text, "\xc2\x9b"));
        free(text);
        json_decref(summary);
    }
}

Test(report_terminal, broken_health_bounds_stand_below_the_table)
{
    json_t *summary = sample();
    static const char *const demos[] = {"no-pool", "pool"};
    for (size_t i = 0; i < 2; i++)
        json_object_set_new(json_object_get(json_object_get(summary, "demos"), demos[i]), "bounds_broken",
                            json_pack("[{s:s, s:s, s:s, s:s, s:f, s:b, s:i, s:i}, {s:s}]", "text",
                                      "wake latency below 500 us at p99", "means", "they wait for a CPU",
                                      "role", "observed", "unit", "ns", "value", 740e3, "lossy", (int)i,
                                      "shown", 4, "of", 6, "text", "without a figure"));
    char *text = printed(summary, false);
    cr_expect_not_null(
        strstr(text,
               "\nhealth bounds that are broken\n"
               "  no-pool: 740 us (bound: wake latency below 500 us at p99), in 4 of 6 observed trials\n"
               "    they wait for a CPU\n"
               "  pool: 740 us* (bound: wake latency below 500 us at p99), in 4 of 6 observed trials\n"
               "\n  They are defaults"),
        "%s", text);
    free(text);
    json_decref(summary);
    summary = sample();
    text = printed(summary, false);
    cr_expect_null(strstr(text, "health bounds"));
    free(text);
    json_decref(summary);
}
