#include "runner/cli/reports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/cli/cli.h"
#include "runner/report/junit.h"
#include "runner/support/fd.h"

int reports_open(struct reports *reports, const struct cli_arguments *arguments)
{
    const char *actions = getenv("GITHUB_ACTIONS");
    struct error error = {0};
    *reports = (struct reports){0};
    if (cli_knows(arguments, "junit"))
        reports->junit_path = cli_value(arguments, "junit");
    if (reports->junit_path && !(reports->junit = fopen(reports->junit_path, "we"))) {
        error_set(&error, ERROR_USAGE, errno, "create %s", reports->junit_path);
        return cli_fail(&error);
    }
    reports->on_github = cli_has(arguments, "github") || (actions && strcmp(actions, "true") == 0);
    if (!reports->on_github || github_stop(&reports->github, stderr) == 0)
        return 0;
    error_set(&error, ERROR_INTERNAL, EIO, "make a secret word for GitHub");
    return cli_fail(&error);
}

void reports_of_manifest(struct reports *reports, const char *file, const json_t *mistakes,
                         const struct error *error)
{
    size_t index;
    const json_t *row;
    struct annotation annotation = {
        .level = "error", .file = github_path(file, getenv("GITHUB_WORKSPACE")), .title = "manifest"};
    if (!reports->on_github)
        return;
    github_resume(&reports->github);
    json_array_foreach (mistakes, index, row) {
        annotation.message = json_string_value(json_object_get(row, "message"));
        annotation.line = (size_t)json_integer_value(json_object_get(row, "line"));
        annotation.column = (size_t)json_integer_value(json_object_get(row, "column"));
        if (index < GITHUB_ANNOTATIONS)
            github_annotate(&reports->github, &annotation);
    }
    annotation.message = error->text;
    if (index == 0 && error->text[0])
        github_annotate(&reports->github, &annotation);
}

void reports_of_failure(struct reports *reports, const char *text)
{
    if (!reports->on_github)
        return;
    github_resume(&reports->github);
    github_annotate(&reports->github,
                    &(struct annotation){.level = "error", .title = "runner", .message = text});
}

/* Closes *file; false: not everything is in it. */
static bool close_file(FILE **file)
{
    bool bad = ferror(*file) != 0;
    bad |= fclose(*file) != 0;
    *file = NULL;
    return !bad;
}

static int write_junit(struct reports *reports, const struct results *results,
                       const struct measured *const *bundles, size_t count, int code)
{
    struct error error = {0};
    junit_write(results, bundles, count, reports->junit);
    if (close_file(&reports->junit))
        return code;
    error_set(&error, ERROR_INTERNAL, errno, "write %s", reports->junit_path);
    return cli_fail(&error);
}

static int write_summary(const struct results *results, const char *title,
                         const struct comparison *comparison, const json_t *gates, int code)
{
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    struct error error = {0};
    if (!path || !*path)
        return code;
    FILE *file = fopen(path, "ae");
    if (file) {
        github_summary(results, title, comparison, gates, file);
        if (close_file(&file))
            return code;
    }
    error_set(&error, ERROR_INTERNAL, errno, "append the job's summary to GITHUB_STEP_SUMMARY, %s", path);
    return cli_fail(&error);
}

/* Where results come from. */
struct source {
    const struct measured *const *bundles;
    size_t count;
    const struct comparison *comparison; /* NULL: there is none */
    const json_t *gates;
    const struct experiment *experiment; /* NULL: not of a run */
    const char *file;
};

static int report(struct reports *reports, const struct source *source, int code)
{
    struct results results;
    results_make(&results, source->bundles, source->count, source->gates);
    if (results.no_memory)
        code = cli_fail(&(struct error){.class = ERROR_INTERNAL, .text = "list the results: out of memory"});
    if (reports->junit)
        code = write_junit(reports, &results, source->bundles, source->count, code);
    if (reports->on_github) {
        results_sort(&results);
        code =
            write_summary(&results, source->bundles[0]->experiment, source->comparison, source->gates, code);
        github_resume(&reports->github);
        github_annotate_results(&reports->github, &results, source->experiment,
                                source->file ? github_path(source->file, getenv("GITHUB_WORKSPACE")) : NULL);
    }
    results_free(&results);
    return code;
}

int reports_of_comparison(struct reports *reports, const struct comparison *comparison, const json_t *gates,
                          int code)
{
    size_t count = compare_bundle_count(comparison);
    if (!reports->junit && !reports->on_github)
        return code;
    AUTO_FREE const struct measured **bundles = calloc(count, sizeof(struct measured *));
    for (size_t i = 0; bundles && i < count; i++)
        bundles[i] = compare_bundle(comparison, i);
    if (!bundles)
        return cli_fail(&(struct error){.class = ERROR_INTERNAL, .text = "list the results: out of memory"});
    const struct source source = {
        .bundles = bundles, .count = count, .comparison = comparison, .gates = gates};
    return report(reports, &source, code);
}

int reports_of_run(struct reports *reports, const char *bundle, const json_t *gates,
                   const struct experiment *experiment, const char *file, int code)
{
    struct error error = {0};
    struct measured facts = {0};
    if (!reports->junit && !reports->on_github)
        return code;
    struct comparison *comparison = compare_create(false);
    bool whole =
        comparison && compare_add(comparison, bundle, &error) == 0 && compare_run(comparison, &error) == 0;
    int result = whole ? 0 : measured_read_facts(&facts, bundle, &error);
    if (result == 0) {
        const struct measured *measured = whole ? compare_bundle(comparison, 0) : &facts;
        const struct source source = {&measured, 1, whole ? comparison : NULL, gates, experiment, file};
        code = report(reports, &source, code);
    } else {
        code = cli_fail(&error);
    }
    measured_free(&facts);
    compare_free(comparison);
    return code;
}

void reports_close(struct reports *reports)
{
    if (reports->junit) { /* there is nothing to tell: an empty file would be no XML */
        fclose(reports->junit);
        unlink(reports->junit_path);
    }
    reports->junit = NULL;
    if (reports->on_github)
        github_resume(&reports->github);
}
