#include "runner/report/page/trust.h"

#include <math.h>
#include <stdlib.h>

#include "runner/metrics/bounds.h"
#include "runner/report/page/facts.h"
#include "runner/report/page/html.h"
#include "runner/report/page/trial_metrics.h"
#include "runner/support/fd.h"

static void begin_row(FILE *out, const struct report *report, const struct source *source, const char *demo)
{
    html_put(out, "<tr><th scope=\"row\">%s", demo);
    if (report->count > 1)
        html_put(out, " <small>%s</small>", source_name(source));
    fputs("</th>", out);
}

/* --- the observer's cost -------------------------------------------------------------------------------- */

static void write_ratio(FILE *out, const json_t *ratio)
{
    double value = fact_number(ratio, "ratio");
    struct interval interval = fact_interval(ratio, "ci");
    const char *reason = fact_text(ratio, "reason");
    if (isnan(value)) {
        html_put(out, "<td class=\"unknown\">not known%s%s</td>", reason ? ": " : "", reason ? reason : "");
        return;
    }
    html_put(out, "<td><b>%.2f x</b> <small>", value);
    if (interval.level > 0)
        html_put(out, "%.2f .. %.2f", interval.low, interval.high);
    else
        fputs("too few trials for an interval", out);
    fputs("</small></td>", out);
}

static void write_rate(FILE *out, const json_t *sample)
{
    const char *unit = fact_text(sample, "unit");
    struct interval interval = fact_interval(sample, "ci");
    fputs("<td>", out);
    put_figure(out, fact_number(sample, "median"), unit);
    fputs(" <small>", out);
    put_interval(out, &interval, unit);
    fputs("</small></td>", out);
}

void trust_costs(FILE *out, const struct report *report)
{
    const char *name;
    json_t *demo;
    size_t rows = 0;
    for (size_t i = 0; i < report->count; i++)
        json_object_foreach (json_object_get(report->sources[i].summary, "demos"), name, demo) {
            const json_t *observer = json_object_get(demo, "observer");
            if (!json_is_object(observer))
                continue;
            if (!rows++)
                fputs(
                    "<h3>What observing cost</h3>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" "
                    "aria-label=\"cost of observing\">\n<table>\n<caption>Observed trials to bare ones; 1.00 "
                    "would "
                    "be free</caption>\n<thead><tr><th scope=\"col\">Demo</th><th scope=\"col\">CPU time</th>"
                    "<th scope=\"col\">Wall time</th><th scope=\"col\">Events</th><th scope=\"col\">Size of "
                    "an "
                    "event</th></tr></thead>\n<tbody>\n",
                    out);
            begin_row(out, report, &report->sources[i], name);
            write_ratio(out, json_object_get(observer, "cpu_ratio"));
            write_ratio(out, json_object_get(observer, "wall_ratio"));
            write_rate(out, json_object_get(observer, "events_per_s"));
            write_rate(out, json_object_get(observer, "bytes_per_event"));
            fputs("</tr>\n", out);
        }
    if (rows)
        fputs("</tbody>\n</table>\n</div>\n", out);
}

/* --- health bounds -------------------------------------------------------------------------------------- */

/* Of one demo: how many of its observed trials are in which state, and the worst that was found. */
struct standing {
    size_t states[BOUND_STATES];
    double worst, limit;
};

static void note(struct standing *standing, const struct bound *bound, const struct metrics *metrics)
{
    struct breach found;
    enum bound_state state = bound_judge(bound, metrics, &found);
    standing->states[state]++;
    if (state != BOUND_KEPT && state != BOUND_BROKEN)
        return;
    standing->limit = found.limit;
    if (isnan(standing->worst) ||
        (bound->above ? found.value < standing->worst : found.value > standing->worst))
        standing->worst = found.value;
}

static void judge_demo(const struct source *source, const char *demo, struct standing standings[BOUNDS_MOST])
{
    size_t count;
    AUTO_FREE struct source_trial *trials = source_trials(source, demo, "observed", &count);
    for (size_t i = 0; i < count; i++) {
        struct metrics metrics;
        trial_metrics_read(source, &trials[i], &metrics);
        for (size_t j = 0; bounds_at(j); j++)
            note(&standings[j], bounds_at(j), &metrics);
        metrics_free(&metrics);
    }
}

static void write_standing(FILE *out, const struct bound *bound, const struct standing *standing,
                           const char *reason)
{
    size_t kept = standing->states[BOUND_KEPT], broken = standing->states[BOUND_BROKEN];
    const char *unit = metric_unit_name(metric_info(bound->metric)->unit);
    html_put(out, "<td>%s</td>", bound->text);
    if (kept + broken == 0) {
        html_put(out, "<td class=\"unknown\">%s</td><td>%s</td></tr>\n",
                 standing->states[BOUND_NOT_MEANT] ? "its condition was not the case" : "not known",
                 reason ? reason : "");
        return;
    }
    if (broken)
        html_put(out, "<td class=\"bad\">broken in %zu of %zu trials</td><td>", broken, kept + broken);
    else
        html_put(out, "<td class=\"good\">kept in all %zu trials</td><td>", kept);
    put_figure(out, standing->worst, unit);
    fputs(bound->above ? " <small>least; has to be above " : " <small>most; has to be below ", out);
    put_figure(out, standing->limit, unit);
    html_put(out, "</small>%s%s</td></tr>\n", broken ? " " : "", broken ? bound->means : "");
}

static void write_demo(FILE *out, const struct report *report, const struct source *source, const char *demo,
                       const json_t *summary)
{
    struct standing standings[BOUNDS_MOST];
    for (size_t i = 0; i < BOUNDS_MOST; i++)
        standings[i] = (struct standing){.worst = NAN, .limit = NAN};
    judge_demo(source, demo, standings);
    for (size_t i = 0; bounds_at(i); i++) {
        begin_row(out, report, source, demo);
        const char *metric = metric_info(bounds_at(i)->metric)->name;
        const json_t *sample = json_object_get(json_object_get(summary, "observed"), metric);
        write_standing(out, bounds_at(i), &standings[i], fact_text(sample, "reason"));
    }
}

void trust_bounds(FILE *out, const struct report *report)
{
    const char *name;
    json_t *demo;
    fputs("<h3>Bounds that a healthy scheduler keeps</h3>\n<p>Defaults; a demo may have good reasons to "
          "break one: "
          "beyond it, something waits longer than a machine with free CPUs makes it wait.</p>\n"
          "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"health bounds\">\n<table>\n"
          "<caption>Health bounds in observed trials</caption>\n<thead><tr><th scope=\"col\">Demo</th>"
          "<th scope=\"col\">Bound</th><th scope=\"col\">Kept</th><th "
          "scope=\"col\">Found</th></tr></thead>\n<tbody>\n",
          out);
    for (size_t i = 0; i < report->count; i++)
        json_object_foreach (json_object_get(report->sources[i].summary, "demos"), name, demo)
            write_demo(out, report, &report->sources[i], name, demo);
    fputs("</tbody>\n</table>\n</div>\n", out);
}
