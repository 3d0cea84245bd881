#include "runner/report/page/advices.h"

#include <math.h>
#include <string.h>

#include "runner/findings/findings.h"
#include "runner/report/page/facts.h"
#include "runner/report/page/html.h"
#include "runner/report/page/sections.h"

/* A key of evidence ends with its unit, but for counts (findings.h). */
static const char *unit_of_key(const char *key)
{
    static const struct {
        const char *ending, *unit;
    } units[] = {{"_ns", "ns"}, {"_bytes", "bytes"}, {"_per_s", "per_s"}, {"_ratio", "ratio"}};
    size_t length = strlen(key);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t ending = strlen(units[i].ending);
        if (length > ending && strcmp(key + length - ending, units[i].ending) == 0)
            return units[i].unit;
    }
    return "count";
}

static void write_pair(FILE *out, const char *key, const char *text)
{
    if (text)
        html_put(out, "<tr><th scope=\"row\">%s</th><td><code>%s</code></td></tr>\n", key, text);
}

static void write_evidence(FILE *out, const json_t *example)
{
    json_t *evidence = json_object_get(example, "evidence"), *value;
    const char *key;
    double first = fact_number(example, "first_ns"), last = fact_number(example, "last_ns");
    fputs("<table class=\"evidence\">\n<caption>Evidence</caption>\n<tbody>\n", out);
    json_object_foreach (evidence, key, value) {
        html_put(out, "<tr><th scope=\"row\">%s</th><td>", key);
        put_figure(out, json_is_number(value) ? json_number_value(value) : NAN, unit_of_key(key));
        fputs("</td></tr>\n", out);
    }
    write_pair(out, "created by", fact_text(example, "created_by"));
    write_pair(out, "function", fact_text(example, "function"));
    write_pair(out, "wait reason", fact_text(example, "reason"));
    if (!isnan(first) && !isnan(last)) {
        fputs("<tr><th scope=\"row\">seen from, to</th><td>", out);
        put_figure(out, first, "ns");
        fputs(", ", out);
        put_figure(out, last, "ns");
        fputs(" after the start</td></tr>\n", out);
    }
    fputs("</tbody>\n</table>\n", out);
}

static void write_stack(FILE *out, const json_t *example)
{
    const json_t *stack = json_object_get(example, "stack"), *frame;
    size_t index;
    if (!json_array_size(stack))
        return;
    fputs("<p>Where it blocks, innermost first:</p>\n<ol class=\"stack\">\n", out);
    json_array_foreach (stack, index, frame) {
        const char *name = json_string_value(frame);
        html_put(out, "<li><code>%s</code></li>\n", name ? name : "a function without a name");
    }
    fputs("</ol>\n", out);
}

static void write_trials(FILE *out, const json_t *row)
{
    const json_t *trials = json_object_get(row, "trials"), *number;
    size_t index;
    if (!json_array_size(trials))
        return;
    fputs(" (", out);
    json_array_foreach (trials, index, number)
        html_put(out, "%s%lld", index ? ", " : "numbers ", (long long)json_integer_value(number));
    fputs(")", out);
}

static void write_finding(FILE *out, const char *demo, const json_t *row, enum severity severity)
{
    const json_t *examples = json_object_get(row, "examples"), *example;
    const char *advice = fact_text(json_array_get(examples, 0), "advice");
    json_int_t of = json_integer_value(json_object_get(row, "of"));
    size_t index;
    html_put(out, "<article class=\"finding\">\n<h3>%s in %s <span class=\"severity-%s\">%s</span></h3>\n",
             fact_text(row, "name"), demo, severity_name(severity), severity_name(severity));
    html_put(out, "<p>Shown by %lld of %lld %s trials",
             (long long)json_integer_value(json_object_get(row, "shown")), (long long)of,
             fact_text(row, "role"));
    write_trials(out, row);
    fputs(".</p>\n", out);
    json_array_foreach (examples, index, example) {
        html_put(out, "<p>%s%s</p>\n", fact_text(example, "sentence"),
                 json_is_true(json_object_get(example, "lossy"))
                     ? " (Events were lost: the figures may be off.)"
                     : "");
        fputs("<details><summary>Evidence</summary>\n", out);
        write_evidence(out, example);
        write_stack(out, example);
        fputs("</details>\n", out);
    }
    if (advice)
        html_put(out, "<p class=\"advice\"><strong>What to change:</strong> %s</p>\n", advice);
    fputs("</article>\n", out);
}

/* The worst ones first. */
static size_t write_demo(FILE *out, const char *demo, const json_t *findings)
{
    size_t written = 0;
    for (unsigned severity = SEVERITY_COUNT; severity-- > SEVERITY_NONE;) {
        size_t index;
        const json_t *row;
        json_array_foreach (findings, index, row) {
            const char *text = fact_text(row, "severity");
            if (!text || severity_by_name(text) != (enum severity)severity)
                continue;
            write_finding(out, demo, row, (enum severity)severity);
            written++;
        }
    }
    return written;
}

static void write_not_looked_for(FILE *out, const char *demo, const json_t *list)
{
    size_t index;
    const json_t *row;
    json_array_foreach (list, index, row)
        html_put(out, "<tr><td>%s</td><td>%s</td><td>%s</td></tr>\n", demo, fact_text(row, "name"),
                 fact_text(row, "reason"));
}

void advices_section(FILE *out, const struct report *report)
{
    size_t written = 0, unseen = 0;
    const char *name;
    json_t *demo;
    for (size_t i = 0; i < report->count; i++)
        json_object_foreach (json_object_get(report->sources[i].summary, "demos"), name, demo) {
            written += write_demo(out, name, json_object_get(demo, "findings"));
            unseen += json_array_size(json_object_get(demo, "findings_not_looked_for"));
        }
    if (!written)
        fputs("<p>Nothing was found of what was looked for.</p>\n", out);
    if (!unseen)
        return;
    fputs("<details><summary>What could not be looked for</summary>\n<table>\n<caption>Findings that nobody "
          "could look for</caption>\n"
          "<thead><tr><th scope=\"col\">Demo</th><th scope=\"col\">Finding</th><th "
          "scope=\"col\">Why</th></tr></thead>\n<tbody>\n",
          out);
    for (size_t i = 0; i < report->count; i++)
        json_object_foreach (json_object_get(report->sources[i].summary, "demos"), name, demo)
            write_not_looked_for(out, name, json_object_get(demo, "findings_not_looked_for"));
    fputs("</tbody>\n</table>\n</details>\n", out);
}
