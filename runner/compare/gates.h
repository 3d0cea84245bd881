/*
 * Gates: what must hold, decided by intervals, with three outcomes.
 *
 * A gate without `demo` is one gate for each demo that it can be asked of; k counts all of these, and each is
 * decided at the level 1 - alpha / k, so that the chance of one wrong "fail" in an experiment stays 5%.
 *
 * Against the baseline, by the interval of the Hodges-Lehmann ratio (relative to the baseline's median where
 * a ratio has no sense), and by the noise floor, which is how far the baseline's A/A copy may be off: fail:
 * all of the interval lies beyond the threshold, and beyond the floor; pass: all of it lies on the good side,
 * and the floor is nearer than the threshold, or all of it lies beyond the floor on the good side;
 *   inconclusive: anything else, which is not a pass.
 * Absolute gates ask each trial (of: any), or the interval of the median (of: median). Findings: how many
 * trials show it. A figure that lost events have touched, that some trial doesn't know, or of an experiment
 * that did not run to its end is never decided; only a known value of one trial can fail `of: any` all the
 * same.
 *
 * Shape, one row for each gate and demo:
 *   [{gate, demo, bundle, metric, quantile | finding, verdict: pass | fail | inconclusive, value, ci,
 * threshold, why}] Of a comparison, value, ci and threshold are ratios to the baseline; else in the metric's
 * unit, or trials.
 */
#ifndef RUNNER_COMPARE_GATES_H
#define RUNNER_COMPARE_GATES_H

#include <jansson.h>

#include "runner/compare/compare.h"
#include "runner/manifest/gates.h"

/* Ascending: the outcome of several is the largest. */
enum gate_verdict { GATE_PASS, GATE_INCONCLUSIVE, GATE_FAIL };
const char *gate_verdict_name(enum gate_verdict verdict);

/* After compare_run(). Of one bundle every demo is asked, of several those behind the first. *worst may be
   NULL. NULL where memory is short. */
json_t *gates_evaluate(const struct comparison *comparison, const struct gate *gates, size_t count,
                       enum gate_verdict *worst);

#endif
