/*
 * The metrics of one trial, read back from its trial.json.
 */
#ifndef RUNNER_REPORT_PAGE_TRIAL_METRICS_H
#define RUNNER_REPORT_PAGE_TRIAL_METRICS_H

#include "runner/metrics/metrics.h"
#include "runner/report/page/source.h"

/* What is damaged or not there is not known. Free with metrics_free() in any case. */
void trial_metrics_read(const struct source *source, const struct source_trial *trial,
                        struct metrics *metrics);

#endif
