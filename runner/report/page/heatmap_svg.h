/*
 * A trial's heat map (runner/heatmap/heatmap.h) as SVG: above which CPU worked for it, below how long its
 * threads waited for one. For files that need no browser; the page draws the same on a canvas.
 *
 * There are more columns of time than a figure has room for: each that is drawn is the largest of those that
 * it stands for, so that a short wait never disappears, and the figure says so.
 */
#ifndef RUNNER_REPORT_PAGE_HEATMAP_SVG_H
#define RUNNER_REPORT_PAGE_HEATMAP_SVG_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* False: `heatmap` holds nothing that could be drawn, and nothing was written. */
bool heatmap_svg(FILE *out, const char *id, const char *title, const json_t *heatmap);

#endif
