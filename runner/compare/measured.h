/*
 * A bundle as far as a comparison needs it: the values of its trials and the facts that they depend on.
 *
 * Read from summary.json and experiment.json alone, so that hundreds of bundles are read in seconds. They may
 * be a stranger's: what is not as a bundle has it is an error of one sentence, never a guess.
 */
#ifndef RUNNER_COMPARE_MEASURED_H
#define RUNNER_COMPARE_MEASURED_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "runner/manifest/experiment.h"
#include "runner/metrics/metrics.h"
#include "runner/support/error.h"

/* One value a trial. A figure that no trial speaks of has .present false. */
struct sample {
    double *values; /* in the order of the trials; NAN: not known */
    double *known;  /* those that are; the same memory as `values` where all are */
    unsigned slots; /* of values */
    unsigned n;     /* of known */
    bool present, lossy;
    char *reason; /* why values are not known; NULL: not said */
};

enum part { PART_VALUE, PART_P99, PART_COUNT }; /* of a distribution the value is its median */
const char *part_name(enum part part);          /* NULL, "p99" */

enum trials_of { OF_BARE, OF_OBSERVED, OF_AA, OF_COUNT };
const char *trials_of_name(enum trials_of of);

struct figures {
    struct sample samples[METRIC_ID_COUNT][PART_COUNT];
};

struct measured_trials {
    unsigned *numbers; /* of the trials, in the order of the samples' values; NULL: not told */
    unsigned number_count;
    unsigned count;   /* trials; as their verdicts have it */
    unsigned invalid; /* whose load was invalid: none of their figures counts */
    unsigned verdicts[VERDICT_COUNT];
};

/* A finding that trials show, or that could not be looked for in any. */
struct measured_finding {
    char *name;
    unsigned shown, looked; /* trials */
    char *sentence;         /* of the first of them; NULL: none */
    char *reason;           /* why it could not be looked for; NULL: it was */
};

struct measured_demo {
    char *name;
    struct measured_finding *findings;
    size_t finding_count;
    bool judged; /* the bundle speaks of findings: one that is not among them is shown by no trial */
    struct figures figures; /* bare trials' and observed trials', by the metric's own kind */
    struct figures *copy;   /* of the A/A trials; NULL: there are none */
    struct measured_trials trials[OF_COUNT];
    unsigned unexpected; /* trials that did not do what the manifest expects */
};

struct measured {
    char *label;      /* as it was named: "runs/pool-2026..." */
    char *name;       /* as the bundle names itself */
    char *experiment; /* its name */
    json_t *facts;    /* experiment.json less trials, health and noise */
    struct measured_demo *demos;
    size_t demo_count, baseline; /* `baseline` indexes demos */
    char *altered;               /* what its checksums say; NULL: nothing is wrong */
    char *unknown;               /* metrics that this runner does not know: "a, b"; NULL: none */
};

/* Of the folder `path`. ERROR_USAGE where it is no bundle. Free it with measured_free() in any case. */
int measured_read(struct measured *measured, const char *path, struct error *error);
/* Only what experiment.json says: of a bundle in which no trial was finished. Free it in any case. */
int measured_read_facts(struct measured *measured, const char *path, struct error *error);
/* Of what an experiment that has just ended will write. Both are borrowed. */
int measured_take(struct measured *measured, const char *label, const json_t *experiment,
                  const json_t *summary, struct error *error);
void measured_free(struct measured *measured);

const struct measured_demo *measured_find(const struct measured *measured, const char *name);
/* The sample that stands for a metric: of bare or of observed trials, as the metric's row says. */
const struct sample *measured_sample(const struct measured_demo *demo, enum metric_id id, enum part part);
enum trials_of metric_trials_of(enum metric_id id);

#endif
