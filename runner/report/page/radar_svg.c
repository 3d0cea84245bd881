#include "runner/report/page/radar_svg.h"

#include <math.h>

#include "runner/report/page/html.h"
#include "runner/report/page/svg.h"

#define WIDTH  460.0
#define MIDDLE 230.0
#define TOP    160.0 /* of the middle */
#define RADIUS 115.0
#define LINE   20.0

struct point {
    double x, y;
};

/* The first axis points up, the others follow clockwise. */
static struct point place(size_t axis, size_t axes, double distance)
{
    double angle = 2 * M_PI * (double)axis / (double)axes;
    return (struct point){MIDDLE + RADIUS * distance * sin(angle), TOP - RADIUS * distance * cos(angle)};
}

static bool measured(const struct radar_series *series, size_t count, size_t axis)
{
    for (size_t i = 0; i < count; i++)
        if (!isnan(axis_score(&series[i].radar->axes[axis])))
            return true;
    return false;
}

static void draw_grid(FILE *out, const struct radar_series *series, size_t count)
{
    const struct radar *radar = series[0].radar;
    for (int ring = 1; ring <= 4; ring++) {
        fputs("<path class=\"grid\" d=\"", out);
        for (size_t i = 0; i < radar->count; i++) {
            struct point at = place(i, radar->count, ring / 4.0);
            html_put(out, i ? "L%.1f %.1f" : "M%.1f %.1f", at.x, at.y);
        }
        fputs("z\"/>\n", out);
        html_put(out, "<text class=\"tick\" x=\"%.1f\" y=\"%.1f\">%d</text>\n", MIDDLE + 3,
                 TOP - RADIUS * ring / 4.0 + 11, ring * 25);
    }
    for (size_t i = 0; i < radar->count; i++) {
        struct point end = place(i, radar->count, 1), label = place(i, radar->count, 1.13);
        bool known = measured(series, count, i);
        double side = label.x - MIDDLE;
        html_put(out,
                 known ? "<path class=\"grid\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n"
                       : "<path class=\"grid missing\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n",
                 MIDDLE, TOP, end.x, end.y);
        html_put(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s%s</text>\n", label.x,
                 label.y + (label.y > TOP + 1        ? 8
                            : label.y < TOP - RADIUS ? 0
                                                     : 4),
                 fabs(side) < 1 ? "middle"
                 : side < 0     ? "end"
                                : "start",
                 radar->axes[i].name, known ? "" : " (not measured)");
    }
}

/* The area between the axes that were measured, then the line, which has a gap where one was not. */
static void draw_fill(FILE *out, const struct radar *radar, size_t look)
{
    size_t known = 0;
    for (size_t i = 0; i < radar->count; i++)
        known += !isnan(axis_score(&radar->axes[i]));
    if (known < 3)
        return;
    html_put(out, "<path class=\"fill s%zu\" pointer-events=\"none\" d=\"", look % SVG_LOOKS);
    known = 0;
    for (size_t i = 0; i < radar->count; i++) {
        double score = axis_score(&radar->axes[i]);
        struct point at = place(i, radar->count, score / 100);
        if (!isnan(score))
            html_put(out, known++ ? "L%.1f %.1f" : "M%.1f %.1f", at.x, at.y);
    }
    fputs("z\"/>\n", out);
}

static void draw_line(FILE *out, const struct radar *radar, size_t look)
{
    html_put(out, "<path class=\"line s%zu\" pointer-events=\"none\" d=\"M0 0", look % SVG_LOOKS);
    for (size_t i = 0; i < radar->count; i++) {
        size_t next = (i + 1) % radar->count;
        double here = axis_score(&radar->axes[i]), there = axis_score(&radar->axes[next]);
        struct point from = place(i, radar->count, here / 100), to = place(next, radar->count, there / 100);
        if (!isnan(here) && !isnan(there))
            html_put(out, "M%.1f %.1fL%.1f %.1f", from.x, from.y, to.x, to.y);
    }
    fputs("\"/>\n", out);
}

static void draw_marks(FILE *out, const struct radar_series *series, size_t look)
{
    const struct radar *radar = series->radar;
    for (size_t i = 0; i < radar->count; i++) {
        double score = axis_score(&radar->axes[i]);
        struct point at = place(i, radar->count, score / 100);
        char title[256];
        if (isnan(score))
            continue;
        snprintf(title, sizeof title, "%s: %.0f of 100 for %s, %s", series->name, score, radar->axes[i].name,
                 radar->axes[i].meaning);
        svg_mark(out, look, at.x, at.y, title);
    }
}

void radar_svg(FILE *out, const char *id, const char *title, const struct radar_series *series, size_t count)
{
    if (!count)
        return;
    svg_begin(out, id, title, WIDTH, TOP + RADIUS + 34 + LINE * (double)count);
    draw_grid(out, series, count);
    for (size_t i = 0; i < count; i++)
        draw_fill(out, series[i].radar, i);
    for (size_t i = 0; i < count; i++)
        draw_line(out, series[i].radar, i);
    for (size_t i = 0; i < count; i++)
        draw_marks(out, &series[i], i);
    for (size_t i = 0; i < count; i++)
        svg_legend(out, i, 16, TOP + RADIUS + 42 + LINE * (double)i, series[i].name);
    svg_end(out);
}
