#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "runner/cli/cli.h"
#include "runner/compare/foresee.h"
#include "runner/experiment/experiment.h"
#include "runner/manifest/manifest.h"
#include "runner/plan/plan.h"
#include "runner/report/comparison.h"
#include "runner/report/page/page.h"
#include "runner/report/terminal.h"

struct arguments {
    const char *file;
    struct run_options options;
    bool dry_run, json;
    enum color_when color;
};

/* 0, or the exit code. */
static int parse(int argc, char **argv, struct arguments *arguments)
{
    static const struct option options[] = {
        {"out", required_argument, NULL, 'o'},
        {"dry-run", no_argument, NULL, 'n'},
        {"json", no_argument, NULL, 'j'},
        {"color", required_argument, NULL, 'c'},
        {"cgroup-root", required_argument, NULL, 'g'},
        {0},
    };
    *arguments = (struct arguments){.options.out = "runs"};
    optind = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
        case 'o':
            arguments->options.out = optarg;
            break;
        case 'n':
            arguments->dry_run = true;
            break;
        case 'j':
            arguments->json = true;
            break;
        case 'g':
            arguments->options.cgroup_root = optarg;
            break;
        case 'c':
            if (!color_parse(optarg, &arguments->color))
                return cli_usage("run", "--color takes auto, always or never, not '%s'", optarg);
            break;
        default:
            return EXIT_USAGE;
        }
    }
    if (optind + 1 != argc)
        return cli_usage("run", optind == argc ? "no manifest given" : "one manifest at a time");
    arguments->file = argv[optind];
    return 0;
}

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

static int print_plan(const struct experiment *experiment, const char *out)
{
    struct plan plan;
    if (plan_make(experiment, &plan) < 0)
        return cli_fail(&(struct error){.class = ERROR_INTERNAL, .text = "plan the trials: out of memory"});
    plan_print(stdout, experiment, &plan);
    plan_free(&plan);
    print_foresight(experiment, out);
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

static void print_result(const struct arguments *arguments, const struct run_outcome *outcome)
{
    bool color = color_wanted(arguments->color, stdout);
    if (arguments->json && outcome->summary) {
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

static int run(const struct arguments *arguments, const struct experiment *experiment)
{
    struct error error = {0};
    struct run_outcome outcome;
    int result = experiment_run(experiment, &arguments->options, &outcome, &error);
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
        code = code == EXIT_INTERRUPTED ? code : failed;
    }
    run_outcome_free(&outcome);
    return code;
}

int cli_run(int argc, char **argv)
{
    struct arguments arguments;
    int code = parse(argc, argv, &arguments);
    if (code)
        return code;
    struct error error = {0};
    struct experiment *experiment;
    if (manifest_load(arguments.file, stderr, &experiment, &error) < 0)
        return cli_fail(&error);
    code = arguments.dry_run ? print_plan(experiment, arguments.options.out) : run(&arguments, experiment);
    experiment_free(experiment);
    return cli_finish_stdout(code);
}
