#include "runner/report/page/strips.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "runner/metrics/figure.h"
#include "runner/report/page/html.h"
#include "runner/report/page/svg.h"

#define WIDTH   360.0
#define LEFT    8.0
#define ROW     20.0
#define TICKS_Y 14.0
#define SPREAD  100.0 /* from which ratio of the ends on the scale is logarithmic */

struct scale {
    double low, high;
    bool logarithmic;
};

static void widen(struct scale *scale, double value)
{
    if (isnan(value))
        return;
    scale->low = fmin(scale->low, value);
    scale->high = fmax(scale->high, value);
}

static struct scale scale_of(const struct strip_line *lines, size_t count)
{
    struct scale scale = {INFINITY, -INFINITY, false};
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < lines[i].count; j++)
            widen(&scale, lines[i].values[j]);
        if (lines[i].interval.level > 0) {
            widen(&scale, lines[i].interval.low);
            widen(&scale, lines[i].interval.high);
        }
    }
    if (scale.low > scale.high)
        scale = (struct scale){0, 1, false};
    scale.logarithmic = scale.low > 0 && scale.high / scale.low >= SPREAD;
    if (!scale.logarithmic && scale.low >= 0 && scale.low < scale.high / 2)
        scale.low = 0; /* lengths can be compared */
    return scale;
}

static double place(const struct scale *scale, double value)
{
    double low = scale->low, high = scale->high;
    if (scale->logarithmic) {
        low = log(low);
        high = log(high);
        value = log(value);
    }
    double share = high > low ? (value - low) / (high - low) : 0.5;
    return LEFT + (WIDTH - 2 * LEFT) * fmin(fmax(share, 0), 1);
}

static void draw_trials(FILE *out, const struct strip_line *line, const struct scale *scale, const char *unit,
                        double y)
{
    html_put(out, "<g class=\"dots s%zu\" transform=\"translate(0 %.0f)\">", line->look % SVG_LOOKS, y);
    for (size_t i = 0; i < line->count; i++) {
        char figure[48];
        if (isnan(line->values[i]))
            continue;
        figure_text(line->values[i], unit, figure, sizeof figure);
        html_put(out, "<circle cx=\"%.0f\"><title>", place(scale, line->values[i]));
        if (isnan(line->trials[i]))
            html_put(out, "%s", figure);
        else
            html_put(out, "%.0f: %s", line->trials[i], figure);
        fputs("</title></circle>", out);
    }
    fputs("</g>\n", out);
}

static void draw_line(FILE *out, const struct strip_line *line, const struct scale *scale, const char *unit,
                      double y)
{
    if (line->interval.level > 0) {
        double from = place(scale, line->interval.low), to = place(scale, line->interval.high);
        html_put(out, "<rect class=\"band s%zu\" x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" height=\"10\"/>\n",
                 line->look % SVG_LOOKS, from - 1, y - 5, to - from + 2);
    }
    draw_trials(out, line, scale, unit, y);
    if (!isnan(line->median))
        html_put(out, "<path class=\"median\" d=\"M%.1f %.0fv14\"/>\n", place(scale, line->median), y - 7);
}

void strip_svg(FILE *out, const char *id, const char *title, const char *unit, const struct strip_line *lines,
               size_t count)
{
    struct scale scale = scale_of(lines, count);
    double bottom = ROW * (double)count + 2;
    char low[48], high[48];
    figure_text(scale.low, unit, low, sizeof low);
    figure_text(scale.high, unit, high, sizeof high);
    svg_begin(out, id, title, WIDTH, bottom + TICKS_Y);
    fputs("<path class=\"grid\" d=\"", out);
    for (size_t i = 0; i < count; i++)
        html_put(out, "M%.0f %.0fH%.0f", LEFT, ROW * (double)i + ROW / 2, WIDTH - LEFT);
    fputs("\"/>\n", out);
    for (size_t i = 0; i < count; i++)
        draw_line(out, &lines[i], &scale, unit, ROW * (double)i + ROW / 2);
    html_put(out, "<text class=\"tick\" x=\"%.0f\" y=\"%.0f\">%s</text>", LEFT, bottom + 9, low);
    if (scale.logarithmic)
        html_put(out, "<text class=\"tick mid\" x=\"%.0f\" y=\"%.0f\">orders of magnitude</text>", WIDTH / 2,
                 bottom + 9);
    html_put(out, "<text class=\"tick end\" x=\"%.0f\" y=\"%.0f\">%s</text>\n", WIDTH - LEFT, bottom + 9,
             high);
    svg_end(out);
}
