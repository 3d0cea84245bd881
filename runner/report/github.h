/*
 * What GitHub Actions shows of a step: annotations at lines of the manifest, and the job's summary.
 *
 * Annotations are "workflow commands", lines of the step's output that begin with "::" (or hold "##[", an
 * older form) and that GitHub obeys, whoever wrote them. Names and sentences in runner's output come from
 * strangers, so commands are stopped by a secret word while anything else is printed (github_stop), and what
 * commands carry is escaped (actions/toolkit, command.ts).
 */
#ifndef RUNNER_REPORT_GITHUB_H
#define RUNNER_REPORT_GITHUB_H

#include <jansson.h>
#include <stdio.h>

#include "runner/compare/compare.h"
#include "runner/manifest/experiment.h"
#include "runner/report/results.h"

#define GITHUB_ANNOTATIONS 10 /* GitHub shows ten of each kind a step */

struct github {
    FILE *out;      /* the step's output: stderr, for stdout may be a file of results */
    char token[33]; /* "": commands are not stopped */
};

/* Stops commands. 0, or -errno: there is no randomness, and nothing was printed. */
int github_stop(struct github *github, FILE *out);
/* Commands are obeyed again, from here on. */
void github_resume(struct github *github);

/* `level`: "error", "warning", "notice". `file` NULL, line or column 0: not known. */
struct annotation {
    const char *level, *file, *title, *message;
    size_t line, column;
};
void github_annotate(const struct github *github, const struct annotation *annotation);

/* The worst of the results (sorted), at most GITHUB_ANNOTATIONS. `experiment`: for lines of its manifest,
   which is at `file`; both may be NULL. */
void github_annotate_results(const struct github *github, const struct results *results,
                             const struct experiment *experiment, const char *file);

/* The job's summary: all that is not well, as a table, the worst first; below it the comparison (NULL: there
   is none) with its gates. GitHub refuses summaries above a mebibyte: what is beyond is left out, and said
   so. */
void github_summary(const struct results *results, const char *title, const struct comparison *comparison,
                    const json_t *gates, FILE *out);

/* Path of a file as annotations want it: relative to `workspace` (NULL: not known) where it is in it. */
const char *github_path(const char *path, const char *workspace);

#endif
