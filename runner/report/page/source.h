/*
 * What a report is about: one bundle or several, read as they stand on disk.
 *
 * They may be a stranger's. Files of trials are opened beneath the bundle's own folder only and through no
 * link, so that a report never shows what lies elsewhere on the reader's machine.
 */
#ifndef RUNNER_REPORT_PAGE_SOURCE_H
#define RUNNER_REPORT_PAGE_SOURCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/support/error.h"

struct source {
    char *label;        /* as it was named: "runs/pool-2026..." */
    int dir;            /* the bundle's folder */
    json_t *experiment; /* experiment.json */
    json_t *summary;    /* summary.json; NULL: no trial was finished */
    json_t *comparison; /* of its demos (runner/compare/compare.h); NULL: nothing can be compared */
    char *not_compared; /* why it is NULL */
};

/* What the page's timelines show (runner/report/page/timeline.h). */
struct timeline_choice {
    bool around_given;   /* else around the longest wait for a CPU */
    uint64_t around_ns;  /* from the trial's start */
    uint64_t most_bytes; /* of a trace that is read for it; 0: no limit */
};

struct report {
    struct timeline_choice timeline;
    struct source *sources; /* in the order in which they were named */
    size_t count;
    json_t *across;     /* several bundles: each demo with that of the first bundle; NULL: not compared */
    char *not_compared; /* why it is NULL; NULL for a single bundle */
};

/* Release with report_free() in any case. ERROR_USAGE where a path is no bundle. */
int report_read(struct report *report, char *const *paths, size_t count, struct error *error);
/* The bundle that an experiment is just writing to the folder `dir` (borrowed): experiment.json and
   summary.json are there already. */
int report_read_dir(struct report *report, int dir, const char *label, struct error *error);
void report_free(struct report *report);

/* As the bundle names itself; its label where it does not. */
const char *source_name(const struct source *source);

/* The trials of a demo in one role, in their order. */
struct source_trial {
    const char *path; /* in the bundle */
    unsigned number;
    const char *verdict; /* NULL: it was interrupted */
    bool expected;
};
/* *count of them, owned by the caller (free), their texts by the source. NULL, and *count 0: memory is short.
 */
struct source_trial *source_trials(const struct source *source, const char *demo, const char *role,
                                   size_t *count);
/* A folder in a trial's folder; the caller closes it. Negative: it is not there. */
int source_trial_folder(const struct source *source, const struct source_trial *trial, const char *name);
/* A JSON file in a trial's folder; the caller owns it. NULL: it is not there, or is no JSON object. */
json_t *source_trial_json(const struct source *source, const struct source_trial *trial, const char *name);

#endif
