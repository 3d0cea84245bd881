/*
 * Bundles side by side: which demo is better, by how much, how sure is that, and what else moved.
 *
 * Theory of operation. Bundles are added one by one (measured.c reads them: values and facts). compare_run()
 * then pairs demos: in one bundle each demo with its baseline; of several bundles each demo with the demo of
 * the same name in the first one (where each has one demo, these). Every pair gets a row for each figure that
 * one of its two sides speaks of: exact Mann-Whitney, a Hodges-Lehmann ratio (a difference, where zeros or
 * signs forbid one) with its interval, Cliff's delta (runner/stats). A trial gives one value; bare trials
 * give time, CPU and memory, observed ones the scheduler's and Go's figures; a distribution gives its median
 * and its p99.
 *
 * All rows of one report are one family of tests, corrected by Holm with weights: a headline figure
 * (runner/metrics) weighs HEADLINE_WEIGHT times as much as a detail, so that few trials can still show a
 * difference in what people ask for, while the chance of any false claim in the report stays 5%. Weights come
 * from the table of metrics alone. What is shown of the rows changes no verdict. Intervals are those of the
 * single row, at 95%: the table explores; what shall decide is a gate (gates.h).
 *
 * Nothing is claimed of a difference within the noise floor: how far the interval of the baseline against its
 * own A/A copy reaches from "the same". Figures touched by lost events are not judged unless asked for.
 *
 * The result is kept compact, for hundreds of bundles; its JSON is made whole (compare_json) or demo by demo.
 * Shape:
 *   schema, level, tests (rows that are tests)
 *   baseline: {label, bundle, demo}; demo is null where each demo has its own (several bundles)
 *   warnings: [{kind, text, refuses}]: what stands against comparing these at all. kind: cpu, kernel, go,
 *     limits, load, enforcement, go_line, godebug, host, altered, incomplete, invalid_trials, unexpected,
 *     lossy, missing_demo, unknown_metrics
 *   noise: {<metric>: {ratio | difference, ci, floor}}: the baseline against its A/A copy; {} without one.
 * The floor of a ratio is relative (0.03), that of a difference in the metric's unit demos: [{label, bundle,
 * demo, baseline: {label, bundle, demo}, headline, causes: [{effect, text, metrics}], metrics: [{metric,
 * quantile (null, "p99"), unit, role ("bare", "observed"), better, main, baseline, this, effect: {kind
 * ("ratio", "difference"), value, ci} | null, p, p_holm, delta, noise_floor, detectable (relative, at 80%
 * power and the corrected level), verdict, reason}]}] `baseline` and `this`: {median, ci, n, values (in the
 * order of trials, null: not known), lossy, outliers (places in values), drift (Spearman's, of value and
 * order), beside: [{place, <metric>: value}]: what else is known of the outliers' trials} verdict: better,
 * worse, different (where neither direction is), not_shown, too_few, unknown gates: as gates.h has them; left
 * out where none were evaluated Intervals are [low, high, level], null where there are too few values for
 * one.
 */
#ifndef RUNNER_COMPARE_COMPARE_H
#define RUNNER_COMPARE_COMPARE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "runner/compare/measured.h"
#include "runner/stats/two_samples.h"
#include "runner/support/error.h"

#define COMPARE_SCHEMA  1
#define COMPARE_LEVEL   0.95
#define HEADLINE_WEIGHT 8

struct comparison;

/* `judge_lossy`: figures touched by lost events are judged like others. NULL where memory is short. */
struct comparison *compare_create(bool judge_lossy);
void compare_free(struct comparison *comparison);

/* The first bundle added is the baseline. */
int compare_add(struct comparison *comparison, const char *path, struct error *error);
int compare_add_json(struct comparison *comparison, const char *label, const json_t *experiment,
                     const json_t *summary, struct error *error);
/* After the last one. ERROR_USAGE where nothing can be paired. */
int compare_run(struct comparison *comparison, struct error *error);

/* Warnings that forbid a comparison unless it is asked for all the same. */
size_t compare_refusals(const struct comparison *comparison);

size_t compare_demo_count(const struct comparison *comparison);
/* Each owned by the caller; NULL where memory is short. The head is all but `demos`. */
json_t *compare_json(const struct comparison *comparison);
json_t *compare_head_json(const struct comparison *comparison);
/* `all`: also rows that show no difference. */
json_t *compare_demo_json(const struct comparison *comparison, size_t demo, bool all);

/* The whole JSON, written demo by demo, with `gates` (borrowed; NULL: none were evaluated). 0, or -EIO. */
int compare_write_json(const struct comparison *comparison, bool all, json_t *gates, FILE *out);

/* The bundles, for formats that are not about differences. */
size_t compare_bundle_count(const struct comparison *comparison);
const struct measured *compare_bundle(const struct comparison *comparison, size_t bundle);

#endif
