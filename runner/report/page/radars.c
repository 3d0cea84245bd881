#include "runner/report/page/radars.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/report/page/demo_list.h"
#include "runner/report/page/demo_radar.h"
#include "runner/report/page/facts.h"
#include "runner/report/page/health_radar.h"
#include "runner/report/page/html.h"
#include "runner/report/page/radar_svg.h"
#include "runner/report/page/sections.h"
#include "runner/report/page/trust.h"
#include "runner/support/fd.h"

/* Of one kind, each with its name. */
struct collection {
    struct radar *radars;
    struct radar_series *series;
    char (*names)[160];
    size_t count;
};

static bool collection_open(struct collection *all, size_t room)
{
    *all = (struct collection){calloc(room + 1, sizeof *all->radars), calloc(room + 1, sizeof *all->series),
                               calloc(room + 1, sizeof *all->names), 0};
    return all->radars && all->series && all->names;
}

static void collection_close(struct collection *all)
{
    free(all->radars);
    free(all->series);
    free(all->names);
}

/* The radar that is filled in next; it counts once it is kept. */
static struct radar *next(const struct collection *all)
{
    return &all->radars[all->count];
}

static void keep(struct collection *all, const char *name, const char *bundle)
{
    snprintf(all->names[all->count], sizeof *all->names, bundle ? "%s (%s)" : "%s", name, bundle);
    all->series[all->count] = (struct radar_series){all->names[all->count], next(all)};
    all->count++;
}

static bool collect_demos(struct collection *all, const struct report *report)
{
    struct demo_list list;
    bool made = demo_list_make(&list, report) && collection_open(all, list.count);
    for (size_t i = 0; made && i < list.count; i++) {
        const struct listed_demo *demo = &list.demos[i];
        demo_radar(demo->source, demo->name, demo->summary, next(all));
        keep(all, demo->name, report->count > 1 ? source_name(demo->source) : NULL);
    }
    demo_list_free(&list);
    return made;
}

static bool collect_health(struct collection *all, const struct report *report)
{
    if (!collection_open(all, report->count))
        return false;
    for (size_t i = 0; i < report->count; i++)
        if (health_radar(&report->sources[i], next(all)))
            keep(all, source_name(&report->sources[i]), NULL);
    return true;
}

static void write_score(FILE *out, double score)
{
    if (isnan(score))
        fputs("<td class=\"unknown\">not measured</td>", out);
    else
        html_put(out, "<td><b>%.0f</b></td>", score);
}

static void write_axis(FILE *out, const struct collection *all, size_t index, bool weighted)
{
    const struct axis *axis = &all->radars[0].axes[index];
    html_put(out, "<tr class=\"group\"><th scope=\"row\">%s <small>%s", axis->name, axis->meaning);
    if (weighted)
        html_put(out, ", weighs %.0f%%", axis->weight);
    fputs("</small></th><td></td>", out);
    for (size_t i = 0; i < all->count; i++)
        write_score(out, axis_score(&all->radars[i].axes[index]));
    fputs("</tr>\n", out);
}

static void write_measure(FILE *out, const struct collection *all, size_t index, size_t place)
{
    const struct dimension *dimension = all->radars[0].axes[index].measures[place].dimension;
    html_put(out, "<tr><th scope=\"row\">%s <small>%s</small></th><td>", dimension->name, dimension->meaning);
    put_figure(out, dimension->worst, dimension->unit);
    fputs(" .. ", out);
    put_figure(out, dimension->best, dimension->unit);
    fputs(dimension->scale == SCALE_LOG ? ", log</td>" : "</td>", out);
    for (size_t i = 0; i < all->count; i++) {
        const struct measure *measure = &all->radars[i].axes[index].measures[place];
        double score = dimension_score(dimension, measure->value);
        fputs("<td>", out);
        if (isnan(score)) {
            html_put(out, "<span class=\"unknown\">not measured: %s</span>", measure->reason);
            if (dimension->key)
                html_put(out, " <small><code>%s</code> gives it</small>", dimension->key);
        } else {
            put_figure(out, measure->value, dimension->unit);
            html_put(out, " <small>scores %.0f</small>", score);
        }
        fputs("</td>", out);
    }
    fputs("</tr>\n", out);
}

static void write_columns(FILE *out, const struct collection *all)
{
    for (size_t i = 0; i < all->count; i++)
        html_put(out, "<th scope=\"col\">%s</th>", all->names[i]);
    fputs("</tr></thead>\n<tbody>\n", out);
}

/* Beside the figure. */
static void write_scores(FILE *out, const struct collection *all)
{
    fputs("<table>\n<caption>Scores, of 100</caption>\n<thead><tr><th scope=\"col\">Axis</th>", out);
    write_columns(out, all);
    for (size_t axis = 0; axis < all->radars[0].count; axis++) {
        html_put(out, "<tr><th scope=\"row\">%s <small>%s</small></th>", all->radars[0].axes[axis].name,
                 all->radars[0].axes[axis].meaning);
        for (size_t i = 0; i < all->count; i++)
            write_score(out, axis_score(&all->radars[i].axes[axis]));
        fputs("</tr>\n", out);
    }
    fputs("<tr class=\"group\"><th scope=\"row\">overall <small>mean of the measured axes</small></th>", out);
    for (size_t i = 0; i < all->count; i++)
        write_score(out, radar_score(&all->radars[i]));
    fputs("</tr>\n</tbody>\n</table>\n", out);
}

static void write_table(FILE *out, const struct collection *all, const char *caption, bool weighted)
{
    html_put(
        out,
        "<details><summary>Values and bounds</summary>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" "
        "aria-label=\"%s\">\n<table>\n<caption>%s</caption>\n<thead><tr><th scope=\"col\">Dimension</th>"
        "<th scope=\"col\">scores 0 .. 100</th>",
        caption, caption);
    write_columns(out, all);
    for (size_t axis = 0; axis < all->radars[0].count; axis++) {
        write_axis(out, all, axis, weighted);
        for (size_t place = 0; place < all->radars[0].axes[axis].count; place++)
            write_measure(out, all, axis, place);
    }
    fputs("</tbody>\n</table>\n</div>\n</details>\n", out);
}

static void write_figure(FILE *out, const struct collection *all, const char *id, const char *title)
{
    html_put(out, "<div class=\"beside\">\n<figure class=\"radar\" id=\"%s-figure\">\n", id);
    radar_svg(out, id, title, all->series, all->count);
    fputs("</figure>\n<div class=\"wide\">\n", out);
    write_scores(out, all);
    fputs("</div>\n</div>\n", out);
}

void demo_radars_section(FILE *out, const struct report *report)
{
    struct collection all = {0};
    if (collect_demos(&all, report) && all.count) {
        write_figure(out, &all, "radar-demos", "Radar of the demos: further out is better");
        write_table(out, &all, "Dimensions of the demos", false);
    } else {
        section_missing(out, "no trial was finished", NULL);
    }
    collection_close(&all);
}

void health_radars_section(FILE *out, const struct report *report)
{
    struct collection all = {0};
    if (collect_health(&all, report) && all.count) {
        write_figure(out, &all, "radar-health", "Radar of the observation's health: further out is better");
        write_table(out, &all, "Dimensions of the observation's health", true);
        trust_costs(out, report);
        trust_bounds(out, report);
    } else {
        section_missing(out, "nothing was observed", "trials.observed: 6");
    }
    collection_close(&all);
}

bool demo_radar_figure(FILE *out, const struct report *report)
{
    struct collection all = {0};
    bool any = collect_demos(&all, report) && all.count;
    if (any)
        radar_svg(out, "radar-demos", "Radar of the demos: further out is better", all.series, all.count);
    collection_close(&all);
    return any;
}

bool health_radar_figure(FILE *out, const struct report *report, size_t bundle)
{
    struct radar radar;
    const struct source *source = &report->sources[bundle];
    if (!health_radar(source, &radar))
        return false;
    radar_svg(out, "radar-health", "Radar of the observation's health: further out is better",
              &(struct radar_series){source_name(source), &radar}, 1);
    return true;
}
