/*
 * What the figures share: the frame of an SVG, the looks of several demos side by side.
 *
 * In the page an SVG takes its colours from figure.css, which is part of the page's style; as a file of its
 * own it carries figure.css itself.
 */
#ifndef RUNNER_REPORT_PAGE_SVG_H
#define RUNNER_REPORT_PAGE_SVG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define SVG_LOOKS 8 /* figure.css has classes s0 to s7 */

/* <svg id="ID" ...><title>TITLE</title>, its accessible name; it fills `width` by `height` where there is
 * room. */
void svg_begin(FILE *out, const char *id, const char *title, double width, double height);
void svg_end(FILE *out);

/* A mark at (x, y) in the look of the n-th demo, with a title; reached by keyboard. */
void svg_mark(FILE *out, size_t look, double x, double y, const char *title);
/* A short line in the look of the n-th demo with its mark, and a name: a row of a legend. */
void svg_legend(FILE *out, size_t look, double x, double y, const char *name);

/* What was written between begin and end, as a file of its own: with a namespace and its style. */
void svg_file(FILE *out, const char *figure);

#endif
