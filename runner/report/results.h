/*
 * What bundles come to, one by one, for reports that other programs read (JUnit, GitHub): for each demo
 * whether it did what its manifest expects, each gate, and each finding that trials show.
 */
#ifndef RUNNER_REPORT_RESULTS_H
#define RUNNER_REPORT_RESULTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "runner/compare/measured.h"

enum result_kind { RESULT_EXPERIMENT, RESULT_VERDICT, RESULT_GATE, RESULT_FINDING };

/* Ascending: the worst is the largest. */
enum result_outcome {
    RESULT_GOOD,
    RESULT_NOTE, /* findings by their severity */
    RESULT_WARNING,
    RESULT_SERIOUS,
    RESULT_UNDECIDED, /* a gate that was not decided, a load that was invalid, no trial */
    RESULT_BAD,       /* a gate that failed, a demo that did something else */
    RESULT_BROKEN,    /* it did not build */
};

struct result {
    enum result_kind kind;
    enum result_outcome outcome;
    size_t bundle;  /* index of the bundle */
    char *demo;     /* NULL: the experiment */
    char *name;     /* "expected verdict", "cpu.time max 1s", "goroutine-leak" */
    char *text;     /* why; may have several lines; "" where all is well */
    double seconds; /* of the demo's trials; 0 where not known */
};

struct results {
    struct result *list; /* bundle by bundle: verdicts, gates, findings */
    size_t count;
    bool no_memory; /* some are missing */
};

/* `gates`: runner/compare/gates.h; NULL: none. The bundles may have no demo at all. */
void results_make(struct results *results, const struct measured *const *bundles, size_t count,
                  const json_t *gates);
/* The worst first, else in their order. */
void results_sort(struct results *results);
void results_free(struct results *results);

#endif
