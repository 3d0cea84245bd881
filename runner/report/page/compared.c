#include "runner/report/page/compared.h"

#include <math.h>
#include <string.h>

#include "runner/report/effects.h"
#include "runner/report/notes.h"
#include "runner/report/page/facts.h"
#include "runner/report/page/html.h"
#include "runner/report/page/sections.h"

static void write_side(FILE *out, const json_t *side, const char *unit)
{
    struct interval interval = fact_interval(side, "ci");
    size_t outliers = json_array_size(json_object_get(side, "outliers"));
    double drift = fact_number(side, "drift"), median = fact_number(side, "median");
    fputs("<td>", out);
    if (isnan(median))
        fputs("-", out);
    else
        put_figure(out, median, unit);
    if (json_is_true(json_object_get(side, "lossy")))
        fputs("*", out);
    if (interval.level > 0) {
        fputs(" <small>", out);
        put_interval(out, &interval, unit);
        fputs("</small>", out);
    }
    if (outliers)
        html_put(out, " <small>%zu unlike the others</small>", outliers);
    if (fabs(drift) > 0.8) /* nor NAN */
        html_put(out, " <small>drifts (%.2f)</small>", drift);
    fputs("</td>", out);
}

static void write_row(FILE *out, const json_t *row, const struct effect_verdict *verdict, struct notes *notes)
{
    const char *unit = fact_text(row, "unit"), *quantile = fact_text(row, "quantile"),
               *reason = fact_text(row, "reason");
    double p = fact_number(row, "p_holm");
    char effect[96], mark[NOTE_REF_SIZE] = "";
    unit = unit ? unit : "";
    effect_text(json_object_get(row, "effect"), unit, effect, sizeof effect);
    html_put(out, "<tr><th scope=\"row\"><code>%s</code>%s%s</th>", fact_text(row, "metric"),
             quantile ? " " : "", quantile ? quantile : "");
    write_side(out, json_object_get(row, "baseline"), unit);
    write_side(out, json_object_get(row, "this"), unit);
    html_put(out, "<td>%s</td>", effect);
    html_put(out,
             verdict->good  ? "<td class=\"good\">%s"
             : verdict->bad ? "<td class=\"bad\">%s"
                            : "<td>%s",
             verdict->shown);
    if (verdict->tested && !isnan(p))
        html_put(out, ", p&nbsp;%.2g", p);
    if (reason)
        notes_add(notes, reason, mark);
    if (mark[0])
        html_put(out, " %s", mark);
    fputs("</td></tr>\n", out);
}

static void begin_rows(FILE *out, const json_t *demo, bool judged)
{
    const char *caption = judged ? "Figures that differ" : "Figures without a difference that could be shown";
    html_put(out,
             "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">\n<table>\n"
             "<caption>%s (* events were lost: the figure may be off)</caption>\n<thead><tr>"
             "<th scope=\"col\">Figure</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
             "<th scope=\"col\">Ratio or difference (95%%)</th><th "
             "scope=\"col\">Verdict</th></tr></thead>\n<tbody>\n",
             caption, caption, fact_text(json_object_get(demo, "baseline"), "label"),
             fact_text(demo, "label"));
}

static void end_rows(FILE *out, const struct notes *notes)
{
    fputs("</tbody>\n</table>\n</div>\n", out);
    for (size_t i = 0; i < notes->count; i++)
        html_put(out, "<p><small>[%zu] %s</small></p>\n", i + 1, notes->texts[i]);
}

/* The rows with a difference, or those without. Returns how many. */
static size_t write_rows(FILE *out, const json_t *demo, bool judged)
{
    size_t index, count = 0;
    const json_t *row;
    struct notes notes = {0};
    json_array_foreach (json_object_get(demo, "metrics"), index, row) {
        const struct effect_verdict *verdict = effect_verdict(fact_text(row, "verdict"));
        if (!verdict || verdict->judged != judged)
            continue;
        if (!count++)
            begin_rows(out, demo, judged);
        write_row(out, row, verdict, &notes);
    }
    if (count)
        end_rows(out, &notes);
    return count;
}

static void write_pair(FILE *out, const json_t *demo)
{
    html_put(out, "<h3>%s against %s</h3>\n", fact_text(demo, "label"),
             fact_text(json_object_get(demo, "baseline"), "label"));
    if (!write_rows(out, demo, true))
        fputs("<p>No figure differs by more than chance explains.</p>\n", out);
    fputs("<details><summary>Figures without a difference</summary>\n", out);
    if (!write_rows(out, demo, false))
        fputs("<p>There are none.</p>\n", out);
    fputs("</details>\n", out);
}

static size_t write_comparison(FILE *out, const json_t *comparison)
{
    size_t index;
    const json_t *demo;
    json_array_foreach (json_object_get(comparison, "demos"), index, demo)
        write_pair(out, demo);
    if (index)
        html_put(
            out,
            "<p>Exploratory: %lld figures were tested together (exact Mann-Whitney, corrected by Holm), "
            "so that all is called alike in 19 of 20 reports on copies of one program. What shall decide is "
            "a gate.</p>\n",
            (long long)json_integer_value(json_object_get(comparison, "tests")));
    return index;
}

void compared_section(FILE *out, const struct report *report)
{
    size_t pairs = write_comparison(out, report->across);
    for (size_t i = 0; i < report->count; i++)
        pairs += write_comparison(out, report->sources[i].comparison);
    if (!pairs)
        section_missing(out, "there is one demo only, and nothing to hold it against", "baseline");
}
