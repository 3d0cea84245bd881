/*
 * One experiment of runner: all modes of a program, observed once each, and the bundle that it leaves.
 */
#ifndef TESTS_ACCURACY_RUN_H
#define TESTS_ACCURACY_RUN_H

#include <jansson.h>
#include <stdbool.h>

#include "tests/accuracy/cases.h"

struct combination {
    char version[8]; /* "1.23"; "C" */
    int minor;       /* of Go; 0: C */
    char linking[12];
    int procs;
};

struct run {
    char folder[128]; /* a temporary one, with the bundle */
    char bundle[320]; /* "" where runner left none */
    json_t *experiment;
    char fault[512]; /* runner itself failed: why; else "" */
};

/* What one mode left; `trial` NULL: nothing, see the run's fault. */
struct outcome {
    json_t *trial;
    char *said;     /* its standard output */
    char fault[96]; /* it did not end as it should, or the probes were off; else "" */
};

/* Path of the program: build-accuracy put it there. False where it was not built. */
bool run_find_program(const char *build, const struct combination *combination, char *path, size_t size);
/* Observes those programs whose `chosen` is set, at level core or full. */
void run_open(struct run *run, const char *build, const struct combination *combination, bool core,
              const bool *chosen);
/* Removes the folder unless it is to be kept. */
void run_close(struct run *run, bool keep);

void run_outcome(const struct run *run, const struct program *program, struct outcome *outcome);
void outcome_close(struct outcome *outcome);

#endif
