#include <stdlib.h>
#include <string.h>

#include "runner/cli/cli.h"
#include "runner/cli/reports.h"
#include "runner/compare/compare.h"
#include "runner/compare/gates.h"
#include "runner/report/comparison.h"
#include "runner/report/comparison_formats.h"

#define GATES_MAX 64

/* The order of the option's words. */
enum format { FORMAT_TERMINAL, FORMAT_JSON, FORMAT_MARKDOWN, FORMAT_CSV, FORMAT_BENCHMARKS };

struct arguments {
    struct comparison_view view;
    bool force, color_stderr;
    struct reports reports;
    enum format format;
    struct gate gates[GATES_MAX];
    size_t gate_count;
    char *const *bundles;
    size_t bundle_count;
};

/* 0, or the exit code. */
static int parse_gates(const struct cli_arguments *given, struct arguments *arguments)
{
    size_t place = 0;
    struct error error = {0};
    for (const char *text; (text = cli_next(given, "gate", &place));) {
        if (arguments->gate_count == GATES_MAX)
            return cli_usage("compare", "more than %d gates", GATES_MAX);
        if (gate_parse(text, &arguments->gates[arguments->gate_count++], &error) < 0)
            return cli_fail(&error);
    }
    return 0;
}

static void print_terminal(const struct comparison *comparison, const struct comparison_view *view,
                           const json_t *gates)
{
    json_t *head = compare_head_json(comparison);
    comparison_print_head(head, view, stdout);
    for (size_t i = 0; i < compare_demo_count(comparison); i++) {
        json_t *demo = compare_demo_json(comparison, i, view->all);
        comparison_print_demo(demo, view, stdout);
        json_decref(demo);
    }
    comparison_print_gates(gates, view->color, stdout);
    if (compare_demo_count(comparison))
        comparison_print_foot(head, stdout);
    json_decref(head);
}

static int print(const struct comparison *comparison, const struct arguments *arguments, json_t *gates)
{
    switch (arguments->format) {
    case FORMAT_TERMINAL:
        print_terminal(comparison, &arguments->view, gates);
        return 0;
    case FORMAT_JSON:
        return compare_write_json(comparison, true, gates, stdout);
    case FORMAT_MARKDOWN:
        comparison_markdown(comparison, arguments->view.all, gates, stdout);
        return 0;
    case FORMAT_CSV:
        comparison_csv(comparison, true, stdout);
        return 0;
    case FORMAT_BENCHMARKS:
        comparison_benchmarks(comparison, stdout);
        return 0;
    }
    return 0;
}

/* The banner, and why there is no comparison. */
static int refuse(const struct comparison *comparison, struct arguments *arguments)
{
    json_t *head = compare_head_json(comparison);
    comparison_print_head(head, &(struct comparison_view){.color = arguments->color_stderr}, stderr);
    json_decref(head);
    char line[120];
    size_t count = compare_refusals(comparison);
    snprintf(line, sizeof line, "not compared, for %zu reason%s (!!); --force compares all the same", count,
             count == 1 ? "" : "s");
    fprintf(stderr, "runner: %s\n", line);
    reports_of_failure(&arguments->reports, line);
    return EXIT_USAGE;
}

static int decide(const struct comparison *comparison, struct arguments *arguments)
{
    bool differences = arguments->format != FORMAT_BENCHMARKS;
    if (differences && !arguments->force && compare_refusals(comparison))
        return refuse(comparison, arguments);
    if (differences && compare_demo_count(comparison) == 0 && !arguments->gate_count) {
        fprintf(stderr, "runner: nothing to compare: %s\n",
                compare_bundle_count(comparison) == 1 ? "the bundle has one demo; name a second bundle"
                                                      : "the bundles have no demo of the same name");
        return EXIT_USAGE;
    }
    enum gate_verdict worst = GATE_PASS;
    json_t *gates = gates_evaluate(comparison, arguments->gates, arguments->gate_count, &worst);
    json_t *asked = arguments->gate_count ? gates : NULL;
    int code = worst == GATE_FAIL ? EXIT_DEMO : worst == GATE_INCONCLUSIVE ? EXIT_UNDECIDED : EXIT_OK;
    if (gates && print(comparison, arguments, asked) == 0)
        code = reports_of_comparison(&arguments->reports, comparison, asked, code);
    else
        code = cli_fail(&(struct error){.class = ERROR_INTERNAL, .text = "write the comparison"});
    json_decref(gates);
    return code;
}

static int compare(struct arguments *arguments)
{
    struct error error = {0};
    struct comparison *comparison = compare_create(arguments->force);
    int result = comparison ? 0 : error_set(&error, ERROR_INTERNAL, 0, "compare: out of memory");
    for (size_t i = 0; result == 0 && i < arguments->bundle_count; i++)
        result = compare_add(comparison, arguments->bundles[i], &error);
    if (result == 0)
        result = compare_run(comparison, &error);
    int code = result < 0 ? cli_fail(&error) : decide(comparison, arguments);
    if (result < 0)
        reports_of_failure(&arguments->reports, error.text);
    compare_free(comparison);
    return code;
}

int cli_compare(const struct cli_arguments *given)
{
    int format = cli_choice(given, "format");
    struct arguments arguments = {
        .view = {.all = cli_has(given, "all"), .color = cli_color(given, stdout)},
        .force = cli_has(given, "force"),
        .color_stderr = cli_color(given, stderr),
        .format = format >= 0 ? (enum format)format : FORMAT_TERMINAL,
        .bundles = given->words,
        .bundle_count = given->count,
    };
    if (cli_has(given, "json"))
        arguments.format = FORMAT_JSON;
    int code = parse_gates(given, &arguments);
    if (code == 0)
        code = reports_open(&arguments.reports, given);
    if (code == 0)
        code = compare(&arguments);
    reports_close(&arguments.reports);
    for (size_t i = 0; i < arguments.gate_count; i++)
        gate_free(&arguments.gates[i]);
    return cli_finish_stdout(code);
}
