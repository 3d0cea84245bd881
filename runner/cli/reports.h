/*
 * Results for CI systems, beside what a command prints: a JUnit file, and what GitHub Actions shows.
 *
 * `--junit FILE` is created before anything is measured, so that a wrong path is told at once. GitHub's mode
 * is on where GITHUB_ACTIONS is "true" (GitHub sets it) or by `--github`; the job's summary is appended to
 * GITHUB_STEP_SUMMARY where that is set.
 */
#ifndef RUNNER_CLI_REPORTS_H
#define RUNNER_CLI_REPORTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "runner/cli/arguments.h"
#include "runner/compare/compare.h"
#include "runner/manifest/experiment.h"
#include "runner/report/github.h"

struct reports {
    FILE *junit; /* NULL: not asked for */
    const char *junit_path;
    bool on_github;
    struct github github;
};

/* Of a command that has --junit and --github. 0, or the exit code: it was said why. */
int reports_open(struct reports *reports, const struct cli_arguments *arguments);
/* Mistakes in a manifest (manifest.h) as annotations, or where there are none why it could not be read. */
void reports_of_manifest(struct reports *reports, const char *file, const json_t *mistakes,
                         const struct error *error);
/* Why there are no results at all. */
void reports_of_failure(struct reports *reports, const char *text);
/* `experiment`, `file`: of a run; NULL. Returns `code`, or the exit code of what could not be written. */
int reports_of_comparison(struct reports *reports, const struct comparison *comparison, const json_t *gates,
                          int code);
int reports_of_run(struct reports *reports, const char *bundle, const json_t *gates,
                   const struct experiment *experiment, const char *file, int code);
/* In any case, at the end. */
void reports_close(struct reports *reports);

#endif
