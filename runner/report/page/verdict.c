#include "runner/report/page/verdict.h"

#include "runner/report/page/facts.h"
#include "runner/report/page/html.h"
#include "runner/report/page/sections.h"

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
                 fact_text(warning, "text"));
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
        html_put(out, "<li>%s</li>\n", fact_text(cause, "text"));
    fputs("</ul>\n", out);
}

static void write_headlines(FILE *out, const json_t *comparison)
{
    const json_t *demo;
    size_t index;
    json_array_foreach (json_object_get(comparison, "demos"), index, demo) {
        html_put(out, "<p class=\"headline\">%s</p>\n", fact_text(demo, "headline"));
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
        const char *verdict = fact_text(gate, "verdict");
        html_put(out,
                 "<tr><td class=\"gate-%s\">%s</td><td>%s</td><td><code>%s</code></td><td>%s</td></tr>\n",
                 verdict, verdict, fact_text(gate, "demo"), fact_text(gate, "gate"), fact_text(gate, "why"));
    }
    fputs("</tbody>\n</table>\n", out);
}

/* "leak: 12 trials, all as expected. Found: goroutine-leak (serious)." */
static void write_demo(FILE *out, const char *name, const json_t *demo)
{
    static const char *const roles[] = {"bare", "observed", "aa"};
    json_t *verdicts = json_object_get(demo, "verdicts"), *count;
    const char *verdict;
    long long trials = 0, unexpected = json_integer_value(json_object_get(demo, "unexpected"));
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        json_object_foreach (json_object_get(verdicts, roles[i]), verdict, count)
            trials += json_integer_value(count);
    html_put(out, "<li><strong>%s</strong>: %lld trial%s, ", name, trials, trials == 1 ? "" : "s");
    if (unexpected > 0)
        html_put(out, "<span class=\"bad\">%lld of them not as the manifest expects</span>. ", unexpected);
    else
        fputs("all as the manifest expects. ", out);
    const json_t *findings = json_object_get(demo, "findings"), *finding;
    size_t index;
    json_array_foreach (findings, index, finding)
        html_put(out, "%s<a href=\"#findings\">%s</a> (%s)",
                 index ? ", " : "Found: ", fact_text(finding, "name"), fact_text(finding, "severity"));
    fputs(json_array_size(findings) ? ".</li>\n" : "Nothing was found.</li>\n", out);
}

static void write_demos(FILE *out, const struct source *source)
{
    json_t *demos = json_object_get(source->summary, "demos"), *demo;
    const char *name;
    if (!json_object_size(demos))
        return;
    fputs("<ul class=\"demos\">\n", out);
    json_object_foreach (demos, name, demo)
        write_demo(out, name, demo);
    fputs("</ul>\n", out);
}

static void write_incomplete(FILE *out, const struct source *source)
{
    if (!json_is_true(json_object_get(source->experiment, "complete")))
        html_put(
            out,
            "<p class=\"refuses\"><strong>Not complete:</strong> %s. What follows is of the trials that were "
            "finished.</p>\n",
            fact_text(source->experiment, "failure"));
}

void verdict_section(FILE *out, const struct report *report)
{
    if (report->count > 1)
        html_put(out, "<h3>Against %s</h3>\n", source_name(&report->sources[0]));
    if (report->across) {
        write_warnings(out, report->across);
        write_headlines(out, report->across);
    } else if (report->count > 1) {
        section_missing(out, report->not_compared, NULL);
    }
    for (size_t i = 0; i < report->count; i++) {
        const struct source *source = &report->sources[i];
        if (report->count > 1)
            html_put(out, "<h3>%s</h3>\n", source_name(source));
        write_incomplete(out, source);
        write_warnings(out, source->comparison);
        write_headlines(out, source->comparison);
        if (!source->comparison)
            section_missing(out, source->not_compared, NULL);
        write_demos(out, source);
        write_gates(out, json_object_get(source->experiment, "gates"));
    }
}
