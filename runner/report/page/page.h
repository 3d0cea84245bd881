/*
 * report.html: one file that shows an experiment to anybody with a browser.
 *
 * Theory of operation. source.c reads bundles, sections.c has a row for each part of the page, html.c writes
 * markup that no name can break out of, assets.c holds the style and the script. The page works from file://,
 * without a network, and but for what is drawn on a canvas without its script: its content policy forbids
 * everything that is not this very style and script, so a hostile string that got through would still not
 * run.
 *
 * The script (runner/report/web/src/) makes figures that stand in the page already better to handle and draws
 * what is too much for markup, from blocks of data in the page:
 *
 *   heatmap-<b>-<d>-<trial>   that trial over time (heatmaps.h); b and d: places of the bundle in the report
 *                             and of the demo in its summary, from 0
 *   timeline-<b>-<d>-<trial>  its threads, Ps and goroutines (timeline.h)
 *   flame-<b>-<d>             the CPU profiles of a demo's observed trials (calltree.h)
 *   radar-demos-data         [{name, bundle, score, axes: [{name, weight, score, dimensions}]}], in the order
 * of radar-health-data        the legend: the values behind the two radars (dimensions.h)
 *
 * A block is <script type="application/json" id="...">, by html_data(). A figure that the script makes from
 * one is an element with data-block="<id>". The policy forbids style="" attributes, too: markup has classes
 * (style.css) and SVG its own attributes; a script sets element.style.
 */
#ifndef RUNNER_REPORT_PAGE_PAGE_H
#define RUNNER_REPORT_PAGE_PAGE_H

#include <stdio.h>

#include "runner/report/page/source.h"

#define PAGE_NAME "report.html" /* in a bundle, and by default */

/* 0, or -EIO where `out` did not take all of it. */
int page_write(const struct report *report, FILE *out);

/* The whole page in memory that the caller frees; NULL: no memory. */
char *page_text(const struct report *report, size_t *size);

#endif
