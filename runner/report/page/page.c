#include "runner/report/page/page.h"

#include <errno.h>
#include <stdlib.h>

#include "runner/report/page/assets.h"
#include "runner/report/page/html.h"
#include "runner/report/page/sections.h"

static const char *experiment_name(const struct source *source)
{
    return json_string_value(json_object_get(source->experiment, "name"));
}

static void write_head(FILE *out, const struct report *report, const struct asset *style,
                       const struct asset *script)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n", out);
    html_put(out,
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '%s'; "
             "script-src '%s'; img-src data: blob:; base-uri 'none'; form-action 'none'\">\n",
             style->hash, script->hash);
    fputs("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n",
          out);
    html_put(out, "<title>%s: runner report</title>\n", experiment_name(&report->sources[0]));
    fprintf(out, "<style>%s</style>\n</head>\n", style->text);
}

static void write_banner(FILE *out, const struct report *report)
{
    html_put(out, "<header>\n<h1>%s</h1>\n", experiment_name(&report->sources[0]));
    for (size_t i = 0; i < report->count; i++) {
        const json_t *experiment = report->sources[i].experiment;
        const char *description =
            json_string_value(json_object_get(json_object_get(experiment, "manifest"), "description"));
        html_put(out, "<p class=\"bundle\">%s, %s</p>\n",
                 json_string_value(json_object_get(experiment, "bundle")),
                 json_string_value(json_object_get(experiment, "started")));
        if (description && i == 0)
            html_put(out, "<p>%s</p>\n", description);
    }
    fputs("<button type=\"button\" id=\"theme\" hidden>dark or light</button>\n</header>\n", out);
}

static void write_navigation(FILE *out)
{
    fputs("<nav aria-label=\"sections\">\n<ul>\n", out);
    for (const struct section *section = sections; section->id; section++)
        html_put(out, "<li><a href=\"#%s\">%s</a></li>\n", section->id, section->title);
    fputs("</ul>\n</nav>\n", out);
}

static void write_sections(FILE *out, const struct report *report)
{
    fputs("<main id=\"content\">\n", out);
    for (const struct section *section = sections; section->id; section++) {
        html_put(out, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">%s</h2>\n",
                 section->id, section->id, section->id, section->title);
        if (section->how_to_read)
            html_put(out, "<details class=\"how\"><summary>How to read this</summary><p>%s</p></details>\n",
                     section->how_to_read);
        section->write(out, report);
        fputs("</section>\n", out);
    }
    fputs("</main>\n", out);
}

int page_write(const struct report *report, FILE *out)
{
    struct asset style = asset_style(), script = asset_script();
    write_head(out, report, &style, &script);
    fputs("<body>\n<a class=\"skip\" href=\"#content\">Skip to the content</a>\n", out);
    write_banner(out, report);
    write_navigation(out);
    write_sections(out, report);
    html_put(
        out,
        "<footer><p>Written by runner %s. Everything in this file comes from the bundle%s.</p></footer>\n",
        RUNNER_VERSION, report->count == 1 ? "" : "s");
    fprintf(out, "<script>%s</script>\n</body>\n</html>\n", script.text);
    return ferror(out) ? -EIO : 0;
}

char *page_text(const struct report *report, size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    if (!out)
        return NULL;
    int result = page_write(report, out);
    if (fclose(out) == 0 && result == 0)
        return text;
    free(text);
    return NULL;
}
