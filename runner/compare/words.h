/*
 * A row in words: "38% less CPU time (interval 31 to 44%)"; and the sentence on top of a pair of demos.
 */
#ifndef RUNNER_COMPARE_WORDS_H
#define RUNNER_COMPARE_WORDS_H

#include "runner/compare/rows.h"

/* Whether the effect, rounded as words_effect() rounds it, is one: "0.00% more" is no change. */
bool words_show_change(const struct row *row);
/* "38% less CPU time", "2.3 times as many goroutines", "12 fewer leaked goroutines". */
void words_effect(const struct row *row, char *to, size_t size);
/* "interval 31 to 44%", "interval 2.1 to 2.6 times", "interval 10 to 14"; "" where there is none. */
void words_interval(const struct row *row, char *to, size_t size);
/* "CPU time", "wake latency, p99", "sched.migrations" */
void words_figure(enum metric_id metric, enum part part, char *to, size_t size);
/* "3%" for 0.03, "12%" for 0.123. */
void words_percent(double share, char *to, size_t size);

/* Which of the two is better, by how much and how sure, or why that is not known. */
void words_headline(const struct comparison *comparison, const struct pair *pair, char *to, size_t size);
/* Why a row has the verdict that it has, where that is not plain; "" else. */
void words_reason(const struct comparison *comparison, const struct row *row, char *to, size_t size);

#endif
