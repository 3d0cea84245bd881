/*
 * How far an experiment is: a bar that is drawn over itself on a terminal, a line a trial elsewhere.
 */
#ifndef RUNNER_REPORT_PROGRESS_H
#define RUNNER_REPORT_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
    FILE *out;
    bool terminal;
    unsigned width; /* columns of the terminal */
    size_t done, total;
    uint64_t start_ns; /* CLOCK_MONOTONIC */
    char trial[96];    /* "pool/trial-003-observed" */
};

/* `out`: stderr as a rule; whether it is a terminal and how wide is asked here. */
void progress_open(struct progress *progress, FILE *out, size_t total, uint64_t now_ns);
/* A trial begins. `demo` and `role` may hold any bytes. */
void progress_begin(struct progress *progress, const char *demo, unsigned number, const char *role,
                    uint64_t now_ns);
/* It has ended: `verdict` is its name, `duration_ns` the demo's. What was not expected stays on screen. */
void progress_end(struct progress *progress, const char *verdict, bool expected, uint64_t duration_ns,
                  uint64_t now_ns);
/* A line that stays: "building pool", or what went wrong with a demo. Both may hold any bytes. */
void progress_note(struct progress *progress, const char *what, const char *text);
/* Takes the bar away. */
void progress_close(struct progress *progress);

#endif
