#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runner/cli/cli.h"
#include "runner/cli/reports.h"
#include "runner/compare/foresee.h"
#include "runner/experiment/experiment.h"
#include "runner/manifest/manifest.h"
#include "runner/plan/plan.h"
#include "runner/report/comparison.h"
#include "runner/report/page/page.h"
#include "runner/report/terminal.h"

/* By the spread of the last run, where that was of the same experiment. */
static void print_foresight(const struct experiment *experiment, const char *out)
{
    char latest[4096];
    struct measured former;
    struct error ignored;
    snprintf(latest, sizeof latest, "%s/latest", out);
    bool known =
        measured_read(&former, latest, &ignored) == 0 && strcmp(former.experiment, experiment->name) == 0;
    foresee_print(experiment, known ? &former : NULL, stdout);
    measured_free(&former);
}

static int print_plan(const struct experiment *experiment, const char *out, bool json)
{
    struct plan plan;
    if (plan_make(experiment, &plan) < 0)
        return cli_fail(&(struct error){.class = ERROR_INTERNAL, .text = "plan the trials: out of memory"});
    if (json) {
        json_t *value = plan_json(experiment, &plan);
        json_dumpf(value, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(value);
    } else {
        plan_print(stdout, experiment, &plan);
        print_foresight(experiment, out);
    }
    plan_free(&plan);
    return EXIT_OK;
}

/* Which demo is better, and the gates: below the table. */
static void print_verdicts(const struct run_outcome *outcome, bool color)
{
    size_t index;
    const json_t *demo;
    const struct comparison_view view = {.color = color};
    putchar('\n');
    comparison_print_head(outcome->comparison, &view, stdout);
    json_array_foreach (json_object_get(outcome->comparison, "demos"), index, demo)
        comparison_print_verdict(demo, color, stdout);
    if (index)
        putchar('\n');
    comparison_print_gates(outcome->gates, color, stdout);
}

static void print_result(const struct cli_arguments *arguments, const struct run_outcome *outcome)
{
    bool color = cli_color(arguments, stdout);
    if (cli_has(arguments, "json") && outcome->summary) {
        json_object_set_new(outcome->summary, "bundle", json_string(outcome->bundle));
        json_object_set(outcome->summary, "comparison", outcome->comparison);
        json_object_set(outcome->summary, "gates", outcome->gates);
        json_dumpf(outcome->summary, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
        putchar('\n');
    } else if (outcome->summary) {
        terminal_print(outcome->summary, color, stdout);
        print_verdicts(outcome, color);
        printf("bundle: %s\nreport: %s/%s\n", outcome->bundle, outcome->bundle, PAGE_NAME);
    }
}

static const char *out_folder(const struct cli_arguments *arguments)
{
    const char *out = cli_value(arguments, "out");
    return out ? out : "runs";
}

static int run(const struct cli_arguments *arguments, const struct experiment *experiment,
               struct reports *reports)
{
    struct error error = {0};
    struct run_outcome outcome;
    const struct run_options options = {out_folder(arguments), cli_value(arguments, "cgroup-root")};
    int result = experiment_run(experiment, &options, &outcome, &error);
    if (outcome.bundle[0])
        print_result(arguments, &outcome);
    int code = EXIT_OK;
    if (outcome.interrupted)
        code = EXIT_INTERRUPTED;
    else if (outcome.demo_failed || outcome.gate_failed)
        code = EXIT_DEMO;
    else if (outcome.load_invalid || outcome.gate_undecided)
        code = EXIT_UNDECIDED;
    if (outcome.interrupted)
        fprintf(stderr, "runner: interrupted; what was finished is in %s, marked incomplete\n",
                outcome.bundle);
    if (result < 0) {
        int failed = cli_fail(&error);
        if (!outcome.bundle[0])
            reports_of_failure(reports, error.text);
        code = code == EXIT_INTERRUPTED ? code : failed;
    }
    if (outcome.bundle[0])
        code = reports_of_run(reports, outcome.bundle, outcome.gates, experiment, arguments->words[0], code);
    run_outcome_free(&outcome);
    return code;
}

static int run_manifest(const struct cli_arguments *arguments, struct reports *reports)
{
    struct error error = {0};
    struct experiment *experiment;
    json_t *mistakes = json_array();
    int result = manifest_load_listing(arguments->words[0], stderr, mistakes, &experiment, &error);
    int code = result < 0 ? cli_fail(&error) : EXIT_OK;
    if (result < 0)
        reports_of_manifest(reports, arguments->words[0], mistakes, &error);
    json_decref(mistakes);
    if (result < 0)
        return code;
    code = cli_has(arguments, "dry-run")
               ? print_plan(experiment, out_folder(arguments), cli_has(arguments, "json"))
               : run(arguments, experiment, reports);
    experiment_free(experiment);
    return code;
}

int cli_run(const struct cli_arguments *arguments)
{
    struct reports reports;
    int code = reports_open(&reports, arguments);
    if (code)
        return code;
    code = run_manifest(arguments, &reports);
    reports_close(&reports);
    return cli_finish_stdout(code);
}
