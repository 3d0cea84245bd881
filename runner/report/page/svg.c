#include "runner/report/page/svg.h"

#include <string.h>

#include "runner/report/page/assets.h"
#include "runner/report/page/html.h"

void svg_begin(FILE *out, const char *id, const char *title, double width, double height)
{
    html_put(out,
             "<svg class=\"figure\" id=\"%s\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" "
             "role=\"group\"><title>%s</title>\n",
             id, width, height, width, height, title);
}

void svg_end(FILE *out)
{
    fputs("</svg>\n", out);
}

/* Around (0, 0). */
static const char *const shapes[] = {"M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z", "M-3.5-3.5h7v7h-7z",
                                     "M0-4.7l4.4 7.6h-8.8z", "M0-4.8l4.8 4.8l-4.8 4.8l-4.8-4.8z"};
#define SHAPES (sizeof shapes / sizeof *shapes)

void svg_mark(FILE *out, size_t look, double x, double y, const char *title)
{
    html_put(
        out,
        "<path class=\"mark s%zu\" d=\"%s\" transform=\"translate(%.1f %.1f)\" tabindex=\"0\" role=\"img\">"
        "<title>%s</title></path>\n",
        look % SVG_LOOKS, shapes[look % SHAPES], x, y, title);
}

void svg_legend(FILE *out, size_t look, double x, double y, const char *name)
{
    html_put(out, "<path class=\"line s%zu\" d=\"M%.1f %.1fh28\"/>\n", look % SVG_LOOKS, x, y);
    html_put(out, "<path class=\"mark s%zu\" d=\"%s\" transform=\"translate(%.1f %.1f)\"/>\n",
             look % SVG_LOOKS, shapes[look % SHAPES], x + 14, y);
    html_put(out, "<text x=\"%.1f\" y=\"%.1f\">%s</text>\n", x + 36, y + 4, name);
}

void svg_file(FILE *out, const char *figure)
{
    static const char element[] = "<svg ";
    const char *inside = strchr(figure, '>');
    if (strncmp(figure, element, strlen(element)) != 0 || !inside)
        return;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" ", out);
    fwrite(figure + strlen(element), 1, (size_t)(inside + 1 - figure) - strlen(element), out);
    fprintf(out, "\n<style>%s</style>%s", asset_figure_style().text, inside + 1);
}
