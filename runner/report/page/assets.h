/*
 * The style and the script of the page: files of runner/report/web/ that are part of the program.
 *
 * dist/report.js is built from web/src/ by esbuild and committed, so that building runner needs no Node.
 */
#ifndef RUNNER_REPORT_PAGE_ASSETS_H
#define RUNNER_REPORT_PAGE_ASSETS_H

struct asset {
    const char *text; /* ends with a NUL */
    char hash[64];    /* "sha256-...=", for a content security policy (CSP3, section 2.3.1) */
};

struct asset asset_style(void);
struct asset asset_figure_style(void); /* of the SVG figures alone; part of asset_style() */
struct asset asset_script(void);

#endif
