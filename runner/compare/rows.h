/*
 * Pairs of demos and the rows of figures between them; for the modules of this folder only.
 */
#ifndef RUNNER_COMPARE_ROWS_H
#define RUNNER_COMPARE_ROWS_H

#include "runner/compare/compare.h"

enum row_verdict {
    ROW_BETTER,
    ROW_WORSE,
    ROW_DIFFERENT,
    ROW_NOT_SHOWN,
    ROW_TOO_FEW,
    ROW_UNKNOWN,
    ROW_VERDICT_COUNT,
};
const char *row_verdict_name(enum row_verdict verdict);

/* The baseline against its A/A copy. */
struct noise {
    struct two_samples test; /* copy to bare */
    double floor;            /* NAN: not known */
};

struct row {
    enum metric_id metric;
    enum part part;
    const struct sample *baseline, *self;
    struct two_samples test; /* self to baseline */
    double p_holm;           /* NAN: no test */
    double weight;           /* of the family's; 0: no test */
    double noise_floor;      /* on the scale of the effect; NAN: not known */
    enum row_verdict verdict;
    bool within_floor; /* not shown for this reason alone */
};

struct pair {
    const struct measured *base_bundle, *bundle;
    const struct measured_demo *base, *demo;
    struct row *rows;
    size_t row_count;
};

struct warning {
    const char *kind; /* static */
    char *text;
    bool refuses;
};

struct comparison {
    bool judge_lossy;
    struct measured *bundles;
    size_t bundle_count, bundle_room;
    struct pair *pairs;
    size_t pair_count;
    struct rank_tables *tables;
    double weight_sum; /* of all tests */
    size_t tests;
    struct warning *warnings;
    size_t warning_count;
    struct noise (*noise)[PART_COUNT]; /* by metric; NULL: no A/A trials */
    const struct measured_demo *noisy; /* the demo that it is of */
};

/* Fills pairs with their rows, noise, and judges them. */
int rows_make(struct comparison *comparison, struct error *error);

/* The level at which a row is tested, after correction: alpha / its share of the weights. */
double row_alpha(const struct comparison *comparison, const struct row *row);
/* The smallest number of trials each with which a row of this weight could show a difference. */
unsigned rows_trials_needed(const struct comparison *comparison, double weight);
/* Smallest difference that 80% of experiments like this one would show: relative for a ratio, and for a
   difference to the baseline's median. NAN: not known; INFINITY: too few trials for any. */
double row_detectable(const struct comparison *comparison, const struct row *row);
/* Is it a difference that counts. */
bool row_differs(const struct row *row);
const struct row *pair_row(const struct pair *pair, enum metric_id metric, enum part part);
/* Is the figure one that the headlines are about. */
bool row_is_main(const struct row *row);

/* Appends; a short memory loses no refusal: it is an error. */
int warnings_add(struct comparison *comparison, const char *kind, bool refuses, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
