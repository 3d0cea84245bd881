#include "runner/report/page/spreads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/metrics/metrics.h"
#include "runner/report/page/demo_list.h"
#include "runner/report/page/facts.h"
#include "runner/report/page/histograms.h"
#include "runner/report/page/html.h"
#include "runner/report/page/sections.h"
#include "runner/report/page/strips.h"
#include "runner/report/page/svg.h"
#include "runner/support/fd.h"

#define TRIALS_MOST 400 /* of a demo that are shown */

/* The demos of all bundles, and room for a metric's values of each. */
struct demo_column {
    const json_t *demo;
    char label[160];
    double values[TRIALS_MOST], trials[TRIALS_MOST];
};
struct spreads {
    struct demo_column *columns;
    struct strip_line *lines;
    size_t count;
};

static bool spreads_open(struct spreads *spreads, const struct report *report)
{
    struct demo_list list;
    bool made = demo_list_make(&list, report);
    *spreads = (struct spreads){calloc(list.count + 1, sizeof *spreads->columns),
                                calloc(list.count + 1, sizeof *spreads->lines), 0};
    for (size_t i = 0; spreads->columns && i < list.count; i++) {
        struct demo_column *column = &spreads->columns[spreads->count++];
        column->demo = list.demos[i].summary;
        snprintf(column->label, sizeof column->label, report->count > 1 ? "%.70s (%.80s)" : "%.70s",
                 list.demos[i].name, source_name(list.demos[i].source));
    }
    demo_list_free(&list);
    return made && spreads->columns && spreads->lines;
}

static void spreads_close(struct spreads *spreads)
{
    free(spreads->columns);
    free(spreads->lines);
}

static const char *role_of(const struct metric_info *info)
{
    return info->trials == METRIC_BARE ? "bare" : "observed";
}

static const json_t *sample_of(const struct demo_column *column, const struct metric_info *info, bool p99)
{
    const json_t *metric = json_object_get(json_object_get(column->demo, role_of(info)), info->name);
    return p99 ? json_object_get(metric, "p99") : metric;
}

static void read_trials(struct demo_column *column, const char *role, size_t count)
{
    const json_t *numbers = json_object_get(json_object_get(column->demo, "trials"), role);
    bool told = json_array_size(numbers) == count;
    for (size_t i = 0; i < count && i < TRIALS_MOST; i++) {
        const json_t *number = told ? json_array_get(numbers, i) : NULL;
        column->trials[i] = json_is_integer(number) ? (double)json_integer_value(number) : NAN;
    }
}

/* Fills the lines of a metric; returns how many values are known. */
static size_t take(struct spreads *spreads, const struct metric_info *info, bool p99)
{
    size_t known = 0;
    for (size_t i = 0; i < spreads->count; i++) {
        struct demo_column *column = &spreads->columns[i];
        const json_t *sample = sample_of(column, info, p99);
        size_t count = fact_values(sample, column->values, TRIALS_MOST);
        read_trials(column, role_of(info), count);
        spreads->lines[i] = (struct strip_line){
            .name = column->label,
            .look = i,
            .values = column->values,
            .trials = column->trials,
            .count = count < TRIALS_MOST ? count : TRIALS_MOST,
            .median = fact_number(sample, "median"),
            .interval = fact_interval(sample, "ci"),
        };
        for (size_t j = 0; j < spreads->lines[i].count; j++)
            known += !isnan(column->values[j]);
    }
    return known;
}

static bool all_alike(const struct spreads *spreads, double *value)
{
    *value = NAN;
    for (size_t i = 0; i < spreads->count; i++)
        for (size_t j = 0; j < spreads->lines[i].count; j++) {
            double is = spreads->lines[i].values[j];
            if (isnan(is))
                continue;
            if (!isnan(*value) && is != *value)
                return false;
            *value = is;
        }
    return true;
}

static void draw(FILE *out, struct spreads *spreads, const struct metric_info *info, bool p99)
{
    char id[96], title[96];
    snprintf(id, sizeof id, "spread-%s%s", info->name, p99 ? "-p99" : "");
    snprintf(title, sizeof title, "%s%s", info->name, p99 ? ", p99" : info->distribution ? ", median" : "");
    html_put(out, "<div class=\"strip\"><p><code>%s</code> %s</p>\n", title, info->meaning);
    strip_svg(out, id, title, metric_unit_name(info->unit), spreads->lines, spreads->count);
    fputs("</div>\n", out);
}

/* "goroutines" of "goroutines.created" */
static size_t group_length(const char *name)
{
    return strcspn(name, ".");
}

static bool same_group(const char *one, const char *other)
{
    return group_length(one) == group_length(other) && strncmp(one, other, group_length(one)) == 0;
}

static size_t write_strips(FILE *out, struct spreads *spreads, enum metric_id id)
{
    const struct metric_info *info = metric_info(id);
    size_t written = 0;
    for (int p99 = 0; p99 <= info->distribution; p99++) {
        double value;
        if (!take(spreads, info, p99) || all_alike(spreads, &value))
            continue;
        draw(out, spreads, info, p99);
        written++;
    }
    return written;
}

/* A group is folded away unless it holds a headline figure. */
static enum metric_id write_group(FILE *out, struct spreads *spreads, enum metric_id first)
{
    const char *name = metric_info(first)->name;
    char *figures = NULL;
    size_t size, written = 0;
    bool headline = false;
    enum metric_id id = first;
    FILE *inside = open_memstream(&figures, &size);
    if (!inside)
        return METRIC_ID_COUNT;
    for (; id < METRIC_ID_COUNT && same_group(name, metric_info(id)->name); id++) {
        written += write_strips(inside, spreads, id);
        headline |= metric_info(id)->headline;
    }
    if (fclose(inside) == 0 && written) {
        html_put(out, "<details%s><summary>", headline ? " open" : "");
        fwrite(name, 1, group_length(name), out);
        fputs("</summary>\n<div class=\"strips\">\n", out);
        fwrite(figures, 1, size, out);
        fputs("</div>\n</details>\n", out);
    }
    free(figures);
    return id;
}

static void write_legend(FILE *out, const struct spreads *spreads)
{
    svg_begin(out, "spread-legend", "Which mark is which demo", 360, 20 * (double)spreads->count + 6);
    for (size_t i = 0; i < spreads->count; i++)
        svg_legend(out, i, 8, 20 * (double)i + 12, spreads->columns[i].label);
    svg_end(out);
}

static void write_alike(FILE *out, struct spreads *spreads)
{
    fputs("<details><summary>Metrics that are alike in every trial of every "
          "demo</summary>\n<table>\n<caption>Alike in "
          "every trial</caption>\n<thead><tr><th scope=\"col\">Metric</th><th scope=\"col\">Value</th><th "
          "scope=\"col\">Meaning</th></tr></thead>\n<tbody>\n",
          out);
    for (unsigned id = 0; id < METRIC_ID_COUNT; id++) {
        const struct metric_info *info = metric_info((enum metric_id)id);
        double value;
        if (!take(spreads, info, false) || !all_alike(spreads, &value))
            continue;
        html_put(out, "<tr><th scope=\"row\"><code>%s</code></th><td>", info->name);
        put_figure(out, value, metric_unit_name(info->unit));
        html_put(out, "</td><td>%s</td></tr>\n", info->meaning);
    }
    fputs("</tbody>\n</table>\n</details>\n", out);
}

static const char *reason_of(const struct spreads *spreads, const struct metric_info *info)
{
    for (size_t i = 0; i < spreads->count; i++) {
        const char *reason = fact_text(sample_of(&spreads->columns[i], info, false), "reason");
        if (reason)
            return reason;
    }
    return NULL;
}

static void write_unknown(FILE *out, struct spreads *spreads)
{
    fputs("<details><summary>Metrics that are not known</summary>\n<table>\n<caption>Not known in any "
          "trial</caption>\n"
          "<thead><tr><th scope=\"col\">Metric</th><th scope=\"col\">Why</th></tr></thead>\n<tbody>\n",
          out);
    for (unsigned id = 0; id < METRIC_ID_COUNT; id++) {
        const struct metric_info *info = metric_info((enum metric_id)id);
        const char *reason = reason_of(spreads, info);
        if (take(spreads, info, false) == 0 && reason)
            html_put(out, "<tr><th scope=\"row\"><code>%s</code></th><td>%s</td></tr>\n", info->name, reason);
    }
    fputs("</tbody>\n</table>\n</details>\n", out);
}

void spreads_section(FILE *out, const struct report *report)
{
    struct spreads spreads;
    if (!spreads_open(&spreads, report) || !spreads.count) {
        section_missing(out, "no trial was finished", NULL);
    } else {
        write_legend(out, &spreads);
        for (enum metric_id id = 0; id < METRIC_ID_COUNT;)
            id = write_group(out, &spreads, id);
        fputs("<h3>Distributions inside a trial</h3>\n<p>Of each demo its middle trial, the one whose median "
              "is the "
              "median of all; trials are not pooled.</p>\n",
              out);
        histograms_write(out, report);
        write_alike(out, &spreads);
        write_unknown(out, &spreads);
    }
    spreads_close(&spreads);
}
