/*
 * Trials -> summary.json and benchmarks.txt. One value a trial and metric; requests or events inside a trial
 * are never pooled, for they are not independent.
 *
 * Shape of summary.json:
 *   schema, experiment, baseline, level
 *   demos.<name>.{bare,observed,aa}.<metric>: {unit, values (in trial order, null: not known), trials (known
 *     ones), median, ci: [low, high, level] or null with ci_reason, lossy, lost, reason, p99: {the same}}
 *   demos.<name>.trials.<role>: numbers of the trials, in the order of `values`
 *   demos.<name>.verdicts.<role>: {verdict: count};   demos.<name>.unexpected: trials unlike the manifest
 *   demos.<name>.observer: cpu_ratio and wall_ratio (observed / bare: {ratio, ci, trials, of}), events_per_s
 * and bytes_per_event (shaped like a metric) demos.<name>.comparison.{bare,observed}.<metric>: {ratio, ci} of
 * this demo to the baseline demos.<baseline>.noise.<metric>: {ratio, ci} of the A/A trials to the bare ones
 *   demos.<name>.findings: [{name, severity, role, shown, of, any, median, trials, examples}]: shown in so
 * many of the trials of that role in which it could be looked for; `median`: in more than half; the numbers
 * of the trials; what the first of them says (runner/findings/record.h) demos.<name>.findings_not_looked_for:
 * [{name, reason}], in no trial
 *   demos.<name>.bounds_broken: [{metric, text, means, role, unit, value, limit, lossy, shown, of}]: health
 * bounds (runner/metrics/bounds.h) that `shown` of the `of` trials break in which they could be asked; value
 * and limit of the trial that is farthest beyond Ratios are Hodges-Lehmann estimates on logarithms with exact
 * intervals (runner/stats).
 */
#ifndef RUNNER_SUMMARY_SUMMARY_H
#define RUNNER_SUMMARY_SUMMARY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runner/metrics/metrics.h"
#include "runner/plan/plan.h"

#define SUMMARY_SCHEMA 1
#define SUMMARY_LEVEL  0.95

struct summary;

struct summary_trial {
    const char *demo;
    enum trial_role role; /* warm-ups are left out */
    unsigned number;
    const struct metrics *metrics; /* copied */
    const char *verdict;           /* its name in the bundle */
    bool expected;
    bool load_invalid;                 /* its load was late or failed: no figure of it counts */
    json_t *findings, *not_looked_for; /* as in trial.json; references are taken; NULL: none were judged */
    uint64_t event_count, event_bytes; /* of the stream; 0 in bare trials */
    uint64_t duration_ns;              /* of the demo */
};

/* `baseline`: the demo that others are compared with. NULL where memory is short. */
struct summary *summary_create(const char *experiment, const char *baseline);
void summary_free(struct summary *summary);
/* Trials may come in any order; demos are listed in the order of their first trial. 0 or -ENOMEM. */
int summary_add_trial(struct summary *summary, const struct summary_trial *trial);

/* Owned by the caller; NULL where memory is short. */
json_t *summary_json(const struct summary *summary);
/* The bare trials whose wall time, or whose load's latency, is known in the Go benchmark format
   (golang.org/design/14313-benchmark-format): one line a trial with ns/op, or p50-ns and p99-ns from due and
   cpu-ns/unit; cpu-ns/op and peak-bytes. Owned by the caller (free). NULL where memory is short. */
char *summary_benchmarks(const struct summary *summary);

#endif
