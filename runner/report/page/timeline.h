/*
 * The timelines of the page: threads, Ps and goroutines of a demo's shown trial (shown_trials.h) around its
 * longest wait for a CPU, or around the time that was asked for (struct timeline_choice).
 *
 * A block is what stretch_read() yields and "focus": {"from_ns", "to_ns", "lane"} of the longest wait, where
 * it lies within, and "gaps", the list of heatmap.json.
 */
#ifndef RUNNER_REPORT_PAGE_TIMELINE_H
#define RUNNER_REPORT_PAGE_TIMELINE_H

#include <stdio.h>

#include "runner/report/page/source.h"

#define TIMELINE_ALONG                                                                                       \
    33554432 /* bytes of a trace that is read while an experiment ends: about half a second */

void timeline_section(FILE *out, const struct report *report);

#endif
