#include "runner/report/page/verdict.h"

#include <string.h>

#include "runner/report/page/html.h"
#include "runner/report/page/sections.h"

static const char *text_of(const json_t *json, const char *key)
{
    return json_string_value(json_object_get(json, key));
}

static void write_warnings(FILE *out, const json_t *comparison)
{
    const json_t *warnings = json_object_get(comparison, "warnings"), *warning;
    size_t index;
    if (!json_array_size(warnings))
        return;
    fputs("<ul class=\"warnings\">\n", out);
    json_array_foreach (warnings, index, warning) {
        bool refuses = json_is_true(json_object_get(warning, "refuses"));
        html_put(out,
                 refuses ? "<li class=\"refuses\"><strong>Not comparable:</strong> %s</li>\n"
                         : "<li>%s</li>\n",
                 text_of(warning, "text"));
    }
    fputs("</ul>\n", out);
}

static void write_causes(FILE *out, const json_t *demo)
{
    const json_t *causes = json_object_get(demo, "causes"), *cause;
    size_t index;
    if (!json_array_size(causes))
        return;
    fputs("<p>What moved with it:</p>\n<ul class=\"causes\">\n", out);
    json_array_foreach (causes, index, cause)
        html_put(out, "<li>%s</li>\n", text_of(cause, "text"));
    fputs("</ul>\n", out);
}

static void write_headlines(FILE *out, const json_t *comparison)
{
    const json_t *demo;
    size_t index;
    json_array_foreach (json_object_get(comparison, "demos"), index, demo) {
        html_put(out, "<p class=\"headline\">%s</p>\n", text_of(demo, "headline"));
        write_causes(out, demo);
    }
}

static void write_gates(FILE *out, const json_t *gates)
{
    size_t index;
    const json_t *gate;
    if (!json_array_size(gates))
        return;
    fputs("<table class=\"gates\">\n<caption>Gates: what must hold</caption>\n<thead><tr><th "
          "scope=\"col\">Verdict</th>"
          "<th scope=\"col\">Demo</th><th scope=\"col\">Gate</th><th "
          "scope=\"col\">Why</th></tr></thead>\n<tbody>\n",
          out);
    json_array_foreach (gates, index, gate) {
        const char *verdict = text_of(gate, "verdict");
        html_put(out,
                 "<tr><td class=\"gate-%s\">%s</td><td>%s</td><td><code>%s</code></td><td>%s</td></tr>\n",
                 verdict, verdict, text_of(gate, "demo"), text_of(gate, "gate"), text_of(gate, "why"));
    }
    fputs("</tbody>\n</table>\n", out);
}

void verdict_section(FILE *out, const struct report *report)
{
    if (report->across) {
        write_warnings(out, report->across);
        write_headlines(out, report->across);
    } else if (report->count > 1) {
        section_missing(out, report->not_compared, NULL);
    }
    for (size_t i = 0; i < report->count; i++) {
        const struct source *source = &report->sources[i];
        if (report->count > 1)
            html_put(out, "<h3>%s</h3>\n", source->label);
        if (source->comparison) {
            write_warnings(out, source->comparison);
            write_headlines(out, source->comparison);
        } else {
            section_missing(out, source->not_compared, NULL);
        }
        write_gates(out, json_object_get(source->experiment, "gates"));
    }
}
