/* A comparison on a terminal and for other programs. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/report/comparison.h"
#include "runner/report/comparison_formats.h"
#include "tests/unit/compare_fixture.h"

#define N 8

static struct bundle_fixture make(const char *bundle, const char *demo)
{
    struct bundle_fixture fixture = fixture_make(bundle, "no-pool");
    double values[N];
    for (unsigned i = 0; i < 2; i++) {
        fixture_spread(values, N, i ? 1e9 : 1.6e9, 0.02, i);
        fixture_values(&fixture, i ? demo : "no-pool", "bare", "time.wall", values, N);
        fixture_values(&fixture, i ? demo : "no-pool", "bare", "cpu.time", values, N);
        fixture_spread(values, N, 4e6, 0.02, 2 + i);
        fixture_values(&fixture, i ? demo : "no-pool", "bare", "memory.peak", values, N);
    }
    return fixture;
}

static char *printed(struct bundle_fixture *fixture, void (*print)(const struct comparison *, FILE *))
{
    struct comparison *comparison = fixture_compare((struct bundle_fixture *[]){fixture}, 1);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    print(comparison, out);
    fclose(out);
    compare_free(comparison);
    return text;
}

static void print_terminal(const struct comparison *comparison, FILE *out)
{
    const struct comparison_view view = {0};
    json_t *head = compare_head_json(comparison), *demo = compare_demo_json(comparison, 0, view.all);
    json_t *gates = json_pack("[{s:s, s:s, s:s, s:s}]", "gate", "cpu.time max 1s", "demo", "pool", "verdict",
                              "fail", "why", "because");
    comparison_print_head(head, &view, out);
    comparison_print_demo(demo, &view, out);
    comparison_print_gates(gates, false, out);
    comparison_print_foot(head, out);
    json_decref(head);
    json_decref(demo);
    json_decref(gates);
}

static void print_markdown(const struct comparison *comparison, FILE *out)
{
    comparison_markdown(comparison, true, NULL, out);
}

static void print_csv(const struct comparison *comparison, FILE *out)
{
    comparison_csv(comparison, true, out);
}

Test(report_comparison, a_line_a_figure_with_medians_ratio_interval_and_verdict)
{
    struct bundle_fixture fixture = make("b1", "pool");
    char *text = printed(&fixture, print_terminal);
    static const char *const parts[] = {"\n  cpu.time ", "  1.6", " x (0.6", " .. 0.6", "better, p 0.000"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        cr_assert_not_null(strstr(text, parts[i]), "%s is not in\n%s", parts[i], text);
    cr_assert_null(strstr(text, "memory.peak"), "only what differs: %s", text);
    cr_assert_not_null(strstr(text, "pool is better: "));
    cr_assert_not_null(strstr(text, "FAIL pool: cpu.time max 1s: because"));
    cr_assert_not_null(strstr(text, "Exploratory"));
    free(text);
    fixture_free(&fixture);
}

Test(report_comparison, hostile_names_stay_text)
{
    static const char name[] = "</script><b>|`x`\x1b[31m\",=1+1";
    struct bundle_fixture fixture = make("b1", name);
    char *text = printed(&fixture, print_terminal);
    cr_assert_null(strchr(text, '\x1b'));
    free(text);
    text = printed(&fixture, print_markdown);
    cr_assert_null(strchr(text, '\x1b'));
    cr_assert_not_null(strstr(text, "\\</script\\>\\<b\\>\\|\\`x\\`?\\[31m"), "%s", text);
    free(text);
    text = printed(&fixture, print_csv);
    cr_assert_not_null(strstr(text, "\"</script><b>|`x`?[31m\"\",=1+1\""), "%s", text);
    free(text);
    fixture_free(&fixture);
    fixture = make("=cmd()", "pool");
    text = printed(&fixture, print_csv);
    cr_assert_not_null(strstr(text, "\n\"'=cmd()\","), "%s", text);
    free(text);
    fixture_free(&fixture);
}

/* Fields of a line by RFC 4180, in which quoted fields hold no line end here. */
static size_t csv_fields(const char *line)
{
    size_t count = 1;
    bool quoted = false;
    for (; *line && *line != '\r'; line++) {
        quoted ^= *line == '"';
        count += *line == ',' && !quoted;
    }
    cr_assert_not(quoted);
    return count;
}

Test(report_comparison, csv_has_as_many_fields_in_every_line)
{
    struct bundle_fixture fixture = make("b1", "pool,\"x");
    char *text = printed(&fixture, print_csv);
    size_t lines = 0;
    for (const char *at = text; *at; at = strstr(at, "\r\n") + 2, lines++)
        cr_assert_eq(csv_fields(at), csv_fields(text), "%s", at);
    cr_assert_eq(lines, 4);
    free(text);
    fixture_free(&fixture);
}

/* golang.org/design/14313-benchmark-format: "key: value" lines whose key begins in lower case and holds
   neither space nor upper case; benchmark lines: a name that is "Benchmark" followed by anything but a
   lower-case letter, an iteration count, and pairs of a value and a unit, all separated by white space. What
   else stands there is ignored by readers, and so would be a figure of ours. */
static bool is_configuration(const char *line)
{
    const char *colon = strstr(line, ": ");
    if (!colon || !islower((unsigned char)line[0]))
        return false;
    for (const char *at = line; at < colon; at++)
        if (isspace((unsigned char)*at) || isupper((unsigned char)*at))
            return false;
    return true;
}

static size_t result_pairs(char *line)
{
    char *rest = line, *name = strtok_r(rest, " \t", &rest), *count = strtok_r(rest, " \t", &rest), *end;
    if (!name || strncmp(name, "Benchmark", 9) != 0 || islower((unsigned char)name[9]) || !count ||
        strtol(count, &end, 10) <= 0 || *end)
        return 0;
    size_t pairs = 0;
    for (char *value; (value = strtok_r(rest, " \t", &rest)); pairs++) {
        const char *unit = strtok_r(rest, " \t", &rest);
        cr_assert(isfinite(strtod(value, &end)) && !*end, "%s", value);
        cr_assert(unit && !isdigit((unsigned char)unit[0]));
    }
    return pairs;
}

Test(report_comparison, benchmarks_follow_the_documented_grammar)
{
    struct bundle_fixture fixture = make("b1", "no-pool-2");
    char *text = printed(&fixture, comparison_benchmarks), *rest = text;
    size_t results = 0, configurations = 0;
    cr_assert_not_null(strstr(text, "\nbundle: b1\n"));
    cr_assert_not_null(strstr(text, "\ngoarch: amd64\n"));
    cr_assert_not_null(strstr(text, "\nBenchmarkNoPool 1 "));
    cr_assert_not_null(strstr(text, "\nBenchmarkNoPool_2 1 ")); /* a final -2 would be GOMAXPROCS */
    for (char *line; (line = strtok_r(rest, "\n", &rest));) {
        if (is_configuration(line)) {
            configurations++;
            continue;
        }
        cr_assert_eq(result_pairs(line), 3, "%s", line); /* ns/op, cpu-ns/op, peak-bytes */
        results++;
    }
    cr_assert_eq(configurations, 4);
    cr_assert_eq(results, 2 * N);
    free(text);
    fixture_free(&fixture);
}

Test(report_comparison, a_trial_without_a_value_keeps_its_line_and_loses_the_figure)
{
    struct bundle_fixture fixture = make("b1\nBenchmarkEvil 1 1 ns/op", "pool\nx");
    const double values[N] = {1e9, NAN, 1e9, NAN, 1e9, 1e9, 1e9, 1e9};
    fixture_values(&fixture, "no-pool", "bare", "cpu.time", values, N);
    char *text = printed(&fixture, comparison_benchmarks);
    size_t cpu = 0, lines = 0;
    for (const char *at = text; (at = strstr(at, "cpu-ns/op")); at++)
        cpu++;
    for (const char *at = text; (at = strstr(at, "\nBenchmark")); at++)
        lines++;
    cr_assert_eq(cpu, 2 * N - 2);
    cr_assert_eq(lines, 2 * N);
    cr_assert_null(strstr(text, "\nBenchmarkEvil"));
    cr_assert_null(strstr(text, "nan"));
    free(text);
    fixture_free(&fixture);
}
