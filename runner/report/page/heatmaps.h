/*
 * The heat maps of the page: CPU over time, waits over time; in words, as a table, and as the block of data
 * that the page's script draws (runner/report/web/src/heatmap.js).
 */
#ifndef RUNNER_REPORT_PAGE_HEATMAPS_H
#define RUNNER_REPORT_PAGE_HEATMAPS_H

#include <jansson.h>
#include <stdio.h>

#include "runner/report/page/source.h"

/* What stands in the block, in place of each row's exact "ns": "shares", thousandths of the column (at least
   1 where there is anything at all, so that nothing vanishes), and beside the rows "full": 1000. The rest as
   in heatmap.json. Owned by the caller. */
json_t *heatmaps_block(const json_t *heatmap);

void heatmaps_section(FILE *out, const struct report *report);

#endif
