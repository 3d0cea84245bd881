#include "runner/report/page/heatmaps.h"

#include <stdint.h>

#include "runner/metrics/figure.h"
#include "runner/report/page/html.h"
#include "runner/report/page/packed.h"
#include "runner/report/page/sections.h"
#include "runner/report/page/shown_trials.h"

#define FULL    1000 /* a whole column */
#define OCTAVES 2    /* rows of the table of waits */

struct map {
    const char *key, *title, *label;
};
static const struct map maps[] = {
    {"on_cpu", "CPUs over time", "Heat map: which CPU worked for the trial over time"},
    {"run_queue", "Waits for a CPU over time", "Heat map: how long threads waited for a CPU over time"},
    {"throttled", "Waits while cpu.max kept threads off", "Heat map: how long cpu.max kept threads off"},
};

static json_int_t number_of(const json_t *json, const char *key)
{
    return json_integer_value(json_object_get(json, key));
}

/* --- the block --------------------------------------------------------------------------------- */

static json_t *shares(const json_t *cells, json_int_t bin)
{
    json_t *list = json_array();
    const json_t *cell;
    size_t index;
    json_array_foreach (cells, index, cell) {
        json_int_t value = json_integer_value(cell);
        json_int_t share = value <= 0 ? value : (json_int_t)((double)value / (double)bin * FULL + .5);
        json_array_append_new(list, json_integer(value > 0 && share == 0 ? 1 : share));
    }
    return list;
}

json_t *heatmaps_block(const json_t *heatmap)
{
    json_t *block = json_copy((json_t *)heatmap);
    json_t *on_cpu = json_copy(json_object_get(heatmap, "on_cpu")), *rows = json_array();
    json_int_t bin = number_of(heatmap, "bin_ns");
    const json_t *row;
    size_t index;
    json_array_foreach (json_object_get(on_cpu, "rows"), index, row)
        json_array_append_new(rows, json_pack("{s: O, s: o}", "cpu", json_object_get(row, "cpu"), "shares",
                                              shares(json_object_get(row, "ns"), bin > 0 ? bin : 1)));
    json_object_set_new(on_cpu, "full", json_integer(FULL));
    json_object_set_new(on_cpu, "rows", rows);
    json_object_set_new(block, "on_cpu", on_cpu);
    return block;
}

/* --- words and tables -------------------------------------------------------------------------- */

static json_int_t sum_of(const json_t *cells)
{
    json_int_t sum = 0;
    const json_t *cell;
    size_t index;
    json_array_foreach (cells, index, cell)
        if (json_integer_value(cell) > 0)
            sum += json_integer_value(cell);
    return sum;
}

static void duration(json_int_t ns, char text[32])
{
    figure_text((double)ns, "ns", text, 32);
}

static void write_cpus(FILE *out, const json_t *heatmap, const json_t *map)
{
    char time[32], whole[32];
    json_int_t end = number_of(heatmap, "end_ns");
    duration(number_of(map, "sum_ns"), time);
    duration(end, whole);
    html_put(out, "<p>Its threads had %s of CPU time within %s, on %zu CPUs.</p>\n", time, whole,
             json_array_size(json_object_get(map, "rows")));
}

static void cpu_table(FILE *out, const json_t *heatmap, const json_t *map)
{
    const json_t *row;
    size_t index;
    double end = (double)number_of(heatmap, "end_ns");
    fputs("<thead><tr><th scope=\"col\">CPU</th><th scope=\"col\">time</th><th scope=\"col\">share of "
          "it</th></tr></thead>\n<tbody>\n",
          out);
    json_array_foreach (json_object_get(map, "rows"), index, row) {
        char time[32];
        json_int_t sum = sum_of(json_object_get(row, "ns"));
        duration(sum, time);
        html_put(out, "<tr><th scope=\"row\">%lld</th><td>%s</td><td>%.1f%%</td></tr>\n",
                 (long long)number_of(row, "cpu"), time, end > 0 ? 100 * (double)sum / end : 0.);
    }
}

static void write_waits(FILE *out, const json_t *map)
{
    const json_t *longest = json_object_get(map, "longest");
    if (!json_is_object(longest)) {
        html_put(out, "<p>No thread was seen waiting so.</p>\n");
        return;
    }
    char wait[32], at[32];
    duration(number_of(longest, "to_ns") - number_of(longest, "from_ns"), wait);
    duration(number_of(longest, "from_ns"), at);
    html_put(out,
             "<p>%lld times a thread got a CPU after having waited; the longest wait was %s, from %s on, of "
             "thread %lld, which then got CPU %lld.</p>\n",
             (long long)number_of(map, "waits"), wait, at, (long long)number_of(longest, "tid"),
             (long long)number_of(longest, "cpu"));
}

static void write_wait_row(FILE *out, json_int_t from, json_int_t to, json_int_t waits, json_int_t below,
                           json_int_t all)
{
    char low[32], high[32];
    duration(from, low);
    duration(to, high);
    html_put(out, "<tr><th scope=\"row\">%s to %s</th><td>%lld</td><td>%.2f%%</td></tr>\n", low, high,
             (long long)waits, 100 * (double)below / (double)(all ? all : 1));
}

/* A line for each factor of 2^OCTAVES. */
static void wait_table(FILE *out, const json_t *heatmap, const json_t *map)
{
    (void)heatmap;
    const json_t *row;
    size_t index;
    json_int_t from = 0, to = 4, waits = 0, below = 0, all = number_of(map, "waits");
    fputs("<thead><tr><th scope=\"col\">waited</th><th scope=\"col\">times</th><th scope=\"col\">of all, up "
          "to here</th></tr></thead>\n<tbody>\n",
          out);
    json_array_foreach (json_object_get(map, "rows"), index, row) {
        for (; number_of(row, "from_ns") >= to && to < INT64_MAX >> OCTAVES; from = to, to <<= OCTAVES) {
            if (waits)
                write_wait_row(out, from, to, waits, below, all);
            waits = 0;
        }
        waits += sum_of(json_object_get(row, "waits"));
        below += sum_of(json_object_get(row, "waits"));
    }
    if (waits)
        write_wait_row(out, from, to, waits, below, all);
}

static void write_losses(FILE *out, const json_t *map)
{
    if (json_is_true(json_object_get(map, "lossy")))
        html_put(out, "<p class=\"lossy\">Lost events that could have changed this: %lld.</p>\n",
                 (long long)number_of(map, "lost"));
}

static void write_map(FILE *out, const struct map *map, const json_t *heatmap, const char *block)
{
    const json_t *figures = json_object_get(heatmap, map->key);
    bool is_cpu = map == maps;
    html_put(out, "<h4>%s</h4>\n", map->title);
    if (!json_is_integer(json_object_get(figures, is_cpu ? "sum_ns" : "waits"))) {
        section_missing(out, json_string_value(json_object_get(figures, "reason")), NULL);
        return;
    }
    if (is_cpu)
        write_cpus(out, heatmap, figures);
    else
        write_waits(out, figures);
    write_losses(out, figures);
    if (!json_array_size(json_object_get(figures, "rows")))
        return;
    html_put(out,
             "<div class=\"view\" data-view=\"heatmap\" data-map=\"%s\" data-block=\"%s\" "
             "data-label=\"%s\">\n<details><summary>As a table</summary>\n<div "
             "class=\"wide\"><table>\n<caption>%s</caption>\n",
             map->key, block, map->label, map->title);
    (is_cpu ? cpu_table : wait_table)(out, heatmap, figures);
    fputs("</tbody>\n</table></div>\n</details>\n</div>\n", out);
}

static void write_demo(FILE *out, const struct report *report, const struct shown_trial *shown)
{
    (void)report;
    if (!shown->heatmap) {
        section_missing(out,
                        shown->of ? "its observed trials have no heatmap.json" : "it has no observed trial",
                        shown->of ? NULL : "trials.observed: 1");
        return;
    }
    char block[64];
    shown_trial_block(shown, "heatmap", block, sizeof block);
    if (shown->of > 1)
        html_put(out, "<p>Trial %u: of %zu observed trials the one with the longest wait for a CPU.</p>\n",
                 shown->trial.number, shown->of);
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        write_map(out, &maps[i], shown->heatmap, block);
    json_t *data = heatmaps_block(shown->heatmap);
    packed_block(out, block, data);
    json_decref(data);
}

void heatmaps_section(FILE *out, const struct report *report)
{
    shown_trials_each(out, report, write_demo);
}
