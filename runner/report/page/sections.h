/*
 * The page, section by section: one table with a row a section, in the order in which they are read.
 *
 * A section writes HTML that is whole without a script: tables, and figures as SVG. What a script draws has
 * its data in a block beside it (data.h) and says in words what stands there for those without one. Where
 * the data of a section is missing, section_missing() says so instead.
 */
#ifndef RUNNER_REPORT_PAGE_SECTIONS_H
#define RUNNER_REPORT_PAGE_SECTIONS_H

#include <stdio.h>

#include "runner/report/page/source.h"

struct section {
    const char *id; /* of the element, and of its link in the navigation */
    const char *title;
    const char *how_to_read; /* one or two sentences; plain text */
    void (*write)(FILE *out, const struct report *report);
};

/* Ends with an empty row. */
extern const struct section sections[];

/* One sentence where figures would stand: why there are none, and what to write into the manifest to get
   them ("probes.cpu: 99Hz"); NULL: no key would. */
void section_missing(FILE *out, const char *reason, const char *key);

#endif
