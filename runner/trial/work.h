/* The demo's units of work, and what one costs: load.work of the manifest. */
#ifndef RUNNER_TRIAL_WORK_H
#define RUNNER_TRIAL_WORK_H

#include "runner/manifest/load.h"
#include "runner/metrics/metrics.h"

struct work {
    const struct load_work_unit *unit;
    double requests;      /* right answers in the window; NAN: not known */
    double window_cpu_ns; /* NAN: not known */
    int dir;              /* of the trial, with the demo's stdout */
};

/* Sets work.units, work.cpu_per_unit, work.per_cpu_s. Units of kind run and stdout are divided by the CPU
   time of the whole trial, which must be set before. */
void work_metrics(const struct work *work, struct metrics *metrics);

/* The number behind `key` in the last line of `text` that is a JSON object and has it; NAN: none. */
double work_number(const char *text, const char *key);

#endif
