/*
 * Which trial of a demo is drawn in full: of its observed trials the one with the longest wait in a run
 * queue, because that is what a reader looks for.
 */
#ifndef RUNNER_REPORT_PAGE_SHOWN_TRIALS_H
#define RUNNER_REPORT_PAGE_SHOWN_TRIALS_H

#include <jansson.h>
#include <stdio.h>

#include "runner/report/page/source.h"

struct shown_trial {
    const struct source *source;
    const char *demo;
    size_t bundle, place; /* of the source in the report, of the demo in its summary */
    size_t of;            /* observed trials of the demo; 0: `trial` and `heatmap` are not set */
    struct source_trial trial;
    json_t *heatmap; /* heatmap.json of it; NULL: no trial has one */
};

/* Calls `visit` for every demo of every bundle. */
void shown_trials_visit(const struct report *report,
                        void (*visit)(void *context, const struct shown_trial *shown), void *context);
/* Calls `write` for each of them, below a heading of its name. */
void shown_trials_each(FILE *out, const struct report *report,
                       void (*write)(FILE *out, const struct report *report,
                                     const struct shown_trial *shown));

/* "heatmap-0-1-2" */
void shown_trial_block(const struct shown_trial *shown, const char *kind, char *id, size_t size);

#endif
