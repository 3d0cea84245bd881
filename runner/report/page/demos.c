#include "runner/report/page/demos.h"

#include <math.h>
#include <string.h>

#include "runner/metrics/figure.h"
#include "runner/report/lines.h"
#include "runner/report/notes.h"
#include "runner/report/page/demo_list.h"
#include "runner/report/page/facts.h"
#include "runner/report/page/html.h"
#include "runner/report/page/sections.h"

static const struct group {
    const char *role, *title, *meaning;
} groups[] = {
    {"bare", "Bare trials", "limits only, nothing attached: time, CPU and memory"},
    {"observed", "Observed trials", "probes on: goroutines, scheduler, collector"},
};

static bool is_baseline(const struct listed_demo *demo)
{
    const char *baseline = fact_text(demo->source->summary, "baseline");
    return baseline && strcmp(baseline, demo->name) == 0;
}

static void write_head(FILE *out, const struct demo_list *list, bool several)
{
    fputs("<thead>\n<tr><th scope=\"col\">Figure</th>", out);
    for (size_t i = 0; i < list->count; i++) {
        html_put(out, "<th scope=\"col\">%s", list->demos[i].name);
        if (is_baseline(&list->demos[i]))
            fputs(" <span class=\"tag\">baseline</span>", out);
        if (several)
            html_put(out, "<br><small>%s</small>", source_name(list->demos[i].source));
        fputs("</th>", out);
    }
    fputs("</tr>\n</thead>\n", out);
}

/* "6: 5 ok, 1 panic" */
static void write_verdicts(FILE *out, json_t *demo, const char *role)
{
    json_t *verdicts = json_object_get(json_object_get(demo, "verdicts"), role), *count;
    const char *verdict, *separator = "";
    long long trials = 0;
    json_object_foreach (verdicts, verdict, count)
        trials += json_integer_value(count);
    if (!trials) {
        fputs("<td class=\"unknown\">none</td>", out);
        return;
    }
    html_put(out, "<td>%lld: ", trials);
    json_object_foreach (verdicts, verdict, count) {
        html_put(out, "%s%lld %s", separator, (long long)json_integer_value(count), verdict);
        separator = ", ";
    }
    fputs("</td>", out);
}

static void write_sample(FILE *out, const json_t *metric, const json_t *sample, const char *unit,
                         struct notes *notes)
{
    char mark[NOTE_REF_SIZE] = "";
    double median = fact_number(sample, "median");
    struct interval interval = fact_interval(sample, "ci");
    if (isnan(median)) {
        const char *reason = fact_text(metric, "reason");
        html_put(out, "<span class=\"unknown\">not known: %s</span>",
                 reason ? reason : "the summary does not say why");
        return;
    }
    fputs("<b>", out);
    put_figure(out, median, unit);
    fputs("</b>", out);
    if (json_is_true(json_object_get(metric, "lossy")))
        fputs("<abbr title=\"events were lost: the figure may be off\">*</abbr>", out);
    fputs(" <small>", out);
    if (interval.level > 0) {
        put_interval(out, &interval, unit);
    } else {
        notes_add(notes, fact_text(sample, "ci_reason"), mark);
        html_put(out, "n = %lld %s", (long long)json_integer_value(json_object_get(sample, "trials")), mark);
    }
    fputs("</small>", out);
}

static void write_to_baseline(FILE *out, const json_t *demo, const struct report_line *line, const char *unit)
{
    const json_t *comparison = json_object_get(json_object_get(demo, "comparison"), line->role);
    bool of_copy = !comparison && strcmp(line->role, "bare") == 0;
    const json_t *row = json_object_get(of_copy ? json_object_get(demo, "noise") : comparison, line->metric);
    bool is_ratio = json_is_number(json_object_get(row, "ratio"));
    double value = fact_number(row, is_ratio ? "ratio" : "difference");
    struct interval interval = fact_interval(row, is_ratio ? "ci" : "difference_ci");
    if (line->part || isnan(value))
        return;
    bool good, bad;
    const char *word = report_line_word(line, &interval, is_ratio ? 1 : 0, of_copy, &good, &bad);
    fputs("<br><span class=\"effect\">", out);
    put_figure(out, value, is_ratio ? "ratio" : unit);
    fputs(is_ratio ? " x" : "", out);
    if (interval.level > 0) {
        fputs(" (", out);
        put_interval(out, &interval, is_ratio ? "ratio" : unit);
        fputs(")", out);
    }
    html_put(out, "</span> <span class=\"%s\">%s%s</span>",
             good  ? "good"
             : bad ? "bad"
                   : "plain",
             of_copy ? "its own copy: " : "", word);
}

static const json_t *metric_of(const struct listed_demo *demo, const struct report_line *line)
{
    const json_t *metric = json_object_get(json_object_get(demo->summary, line->role), line->metric);
    return json_is_object(metric) ? metric : NULL;
}

static bool speaks_of(const struct demo_list *list, const struct report_line *line)
{
    for (size_t i = 0; i < list->count; i++)
        if (metric_of(&list->demos[i], line))
            return true;
    return false;
}

static void write_cell(FILE *out, const struct listed_demo *demo, const struct report_line *line,
                       struct notes *notes)
{
    const json_t *metric = metric_of(demo, line);
    const char *unit = fact_text(metric, "unit");
    fputs("<td>", out);
    if (metric) {
        write_sample(out, metric, line->part ? json_object_get(metric, line->part) : metric, unit ? unit : "",
                     notes);
        write_to_baseline(out, demo->summary, line, unit ? unit : "");
    } else {
        fputs("<span class=\"unknown\">no trial speaks of it</span>", out);
    }
    fputs("</td>", out);
}

static void write_group(FILE *out, const struct demo_list *list, const struct group *group,
                        struct notes *notes)
{
    html_put(
        out,
        "<tbody>\n<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"%zu\">%s <small>%s</small></th></tr>\n"
        "<tr><th scope=\"row\">trials and their verdicts</th>",
        list->count + 1, group->title, group->meaning);
    for (size_t i = 0; i < list->count; i++)
        write_verdicts(out, list->demos[i].summary, group->role);
    fputs("</tr>\n", out);
    for (const struct report_line *line = report_lines; line->role; line++) {
        if (strcmp(line->role, group->role) != 0 || !speaks_of(list, line))
            continue;
        html_put(out, "<tr><th scope=\"row\">%s</th>", line->label);
        for (size_t i = 0; i < list->count; i++)
            write_cell(out, &list->demos[i], line, notes);
        fputs("</tr>\n", out);
    }
    fputs("</tbody>\n", out);
}

static void write_table(FILE *out, const struct demo_list *list, bool several)
{
    struct notes notes = {0};
    fputs("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"table of demos\">\n"
          "<table class=\"demos\">\n<caption>Medians over the trials with their intervals at 95%; below them "
          "the ratio "
          "to the baseline, or the difference where a value is zero</caption>\n",
          out);
    write_head(out, list, several);
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        write_group(out, list, &groups[i], &notes);
    fputs("</table>\n</div>\n", out);
    for (size_t i = 0; i < notes.count; i++)
        html_put(out, "<p><small>[%zu] %s</small></p>\n", i + 1, notes.texts[i]);
}

void demos_section(FILE *out, const struct report *report)
{
    struct demo_list list;
    if (demo_list_make(&list, report) && list.count)
        write_table(out, &list, report->count > 1);
    else
        section_missing(out, "no trial was finished", NULL);
    demo_list_free(&list);
}
