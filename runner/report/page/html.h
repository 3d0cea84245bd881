/*
 * Markup that nobody can break out of: what a page is written with.
 *
 * Names, findings and reasons come from demos and from strangers' bundles. Whatever they hold, they are text
 * here: html_put() escapes every string argument, so that forgetting it is not possible; only the format,
 * which stands in our own source, is markup.
 */
#ifndef RUNNER_REPORT_PAGE_HTML_H
#define RUNNER_REPORT_PAGE_HTML_H

#include <jansson.h>
#include <stdio.h>

/* Text or the value of a quoted attribute: & < > " ' are escaped; controls, what turns the direction of a
   line round, and broken UTF-8 become '?'; line breaks and tabs a space. NULL: "?". */
void html_text(FILE *out, const char *text);

/* Like fprintf, but each %s is written by html_text(). It knows %s, %d, %u, %zu, %lld, %% and %f, %g with a
   precision ("%.1f"). */
void html_put(FILE *out, const char *markup, ...) __attribute__((format(printf, 2, 3)));

/* <script type="application/json" id="ID">: data for the page's script (data.h). Numbers that are no whole
   ones are written with `digits` significant digits; strings stay as they are, but for what html_text() would
   not show either. 0, or -ENOMEM. */
int html_data(FILE *out, const char *id, const json_t *value, int digits);

#endif
