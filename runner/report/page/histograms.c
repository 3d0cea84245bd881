#include "runner/report/page/histograms.h"

#include <math.h>
#include <stdlib.h>

#include "runner/metrics/figure.h"
#include "runner/metrics/metrics.h"
#include "runner/report/page/demo_list.h"
#include "runner/report/page/facts.h"
#include "runner/report/page/html.h"
#include "runner/report/page/svg.h"
#include "runner/stats/select.h"
#include "runner/support/fd.h"

#define TRIALS_MOST 1000
#define PER_OCTAVE  4 /* bins of a figure to a factor of two */
#define BINS        (64 * PER_OCTAVE)
#define WIDTH       460.0
#define HEIGHT      110.0
#define LEFT        8.0

struct shape {
    char label[200];
    double shares[BINS]; /* of all values */
    double most;
    int first, last; /* bins with values */
};

static double lower_bound(int bin)
{
    return exp2((double)bin / PER_OCTAVE);
}

/* The trial whose median is in the middle; false: no trial is known. */
static bool middle_trial(const struct source *source, const char *name, const json_t *demo,
                         const struct metric_info *info, struct source_trial *found)
{
    const char *role = info->trials == METRIC_BARE ? "bare" : "observed";
    double values[TRIALS_MOST], sorted[TRIALS_MOST];
    const json_t *numbers = json_object_get(json_object_get(demo, "trials"), role);
    size_t count = fact_values(json_object_get(json_object_get(demo, role), info->name), values, TRIALS_MOST);
    size_t known = 0, of;
    AUTO_FREE struct source_trial *trials = source_trials(source, name, role, &of);
    for (size_t i = 0; i < count && i < TRIALS_MOST; i++)
        if (!isnan(values[i]))
            sorted[known++] = values[i];
    if (!known)
        return false;
    double middle = select_nth(sorted, known, (known - 1) / 2);
    for (size_t i = 0; i < count && i < TRIALS_MOST; i++)
        for (size_t j = 0; j < of && values[i] == middle; j++)
            if (json_integer_value(json_array_get(numbers, i)) == trials[j].number) {
                *found = trials[j];
                return true;
            }
    return false;
}

/* Buckets as in runner/support/histogram.h: below 128 exact, then 128 to an octave. */
static void read_shape(const json_t *histogram, struct shape *shape)
{
    size_t index;
    const json_t *bucket;
    double all = fact_number(histogram, "n");
    shape->first = BINS;
    shape->last = -1;
    json_array_foreach (json_object_get(histogram, "buckets"), index, bucket) {
        json_int_t at = json_integer_value(json_array_get(bucket, 0));
        double count = json_number_value(json_array_get(bucket, 1));
        double value = at < 128 ? (double)at : ldexp((double)(128 + at % 128), (int)(at / 128 - 1));
        double bin = floor(PER_OCTAVE * log2(fmax(value, 1)));
        if (!(count > 0 && all > 0 && bin >= 0 && bin < BINS))
            continue;
        shape->shares[(int)bin] += count / all;
        shape->first = bin < shape->first ? (int)bin : shape->first;
        shape->last = bin > shape->last ? (int)bin : shape->last;
        shape->most = fmax(shape->most, shape->shares[(int)bin]);
    }
}

static bool take_shape(const struct listed_demo *demo, const struct metric_info *info, bool several,
                       struct shape *shape)
{
    struct source_trial trial;
    *shape = (struct shape){0};
    if (!middle_trial(demo->source, demo->name, demo->summary, info, &trial))
        return false;
    json_t *record = source_trial_json(demo->source, &trial, "trial.json");
    const json_t *metric = json_object_get(json_object_get(record, "metrics"), info->name);
    read_shape(json_object_get(metric, "histogram"), shape);
    json_decref(record);
    snprintf(shape->label, sizeof shape->label, several ? "%.80s, trial %u (%.80s)" : "%.80s, trial %u",
             demo->name, trial.number, source_name(demo->source));
    return shape->last >= shape->first;
}

static void draw_shape(FILE *out, const struct shape *shape, size_t look, int first, int last, double most)
{
    double width = (WIDTH - 2 * LEFT) / (last - first + 1);
    for (int filled = 1; filled >= 0; filled--) {
        html_put(out, "<path class=\"%s s%zu\" pointer-events=\"none\" d=\"M%.1f %.0f",
                 filled ? "fill" : "line", look % SVG_LOOKS, LEFT, HEIGHT);
        double before = 0;
        for (int bin = first; bin <= last + 1; bin++) {
            double share = bin <= last ? shape->shares[bin] : 0;
            if (share == before)
                continue;
            html_put(out, "H%.1fV%.1f", LEFT + width * (bin - first), HEIGHT - (HEIGHT - 8) * share / most);
            before = share;
        }
        html_put(out, "H%.1f%s\"/>\n", WIDTH - LEFT, filled ? "z" : "");
    }
}

static void draw(FILE *out, const struct metric_info *info, const struct shape *shapes, const size_t *looks,
                 size_t count)
{
    int first = BINS, last = -1;
    double most = 0;
    char low[48], high[48], id[96];
    for (size_t i = 0; i < count; i++) {
        first = shapes[i].first < first ? shapes[i].first : first;
        last = shapes[i].last > last ? shapes[i].last : last;
        most = fmax(most, shapes[i].most);
    }
    figure_text(lower_bound(first), metric_unit_name(info->unit), low, sizeof low);
    figure_text(lower_bound(last + 1), metric_unit_name(info->unit), high, sizeof high);
    snprintf(id, sizeof id, "histogram-%s", info->name);
    html_put(out, "<figure class=\"strip\">\n<figcaption><code>%s</code> inside a trial: %s</figcaption>\n",
             info->name, info->meaning);
    svg_begin(out, id, info->name, WIDTH, HEIGHT + 22 + 20 * (double)count);
    for (size_t i = 0; i < count; i++)
        draw_shape(out, &shapes[i], looks[i], first, last, most);
    html_put(out, "<path class=\"grid\" d=\"M%.0f %.0fH%.0f\"/>\n", LEFT, HEIGHT, WIDTH - LEFT);
    html_put(out, "<text class=\"tick\" x=\"%.0f\" y=\"%.0f\">%s</text>", LEFT, HEIGHT + 12, low);
    html_put(out, "<text class=\"tick mid\" x=\"%.0f\" y=\"%.0f\">orders of magnitude</text>", WIDTH / 2,
             HEIGHT + 12);
    html_put(out, "<text class=\"tick end\" x=\"%.0f\" y=\"%.0f\">%s</text>\n", WIDTH - LEFT, HEIGHT + 12,
             high);
    for (size_t i = 0; i < count; i++)
        svg_legend(out, looks[i], LEFT, HEIGHT + 28 + 20 * (double)i, shapes[i].label);
    svg_end(out);
    fputs("</figure>\n", out);
}

void histograms_write(FILE *out, const struct report *report)
{
    struct demo_list list;
    bool made = demo_list_make(&list, report);
    AUTO_FREE struct shape *shapes = calloc(list.count + 1, sizeof *shapes);
    AUTO_FREE size_t *looks = calloc(list.count + 1, sizeof *looks);
    fputs("<div class=\"strips\">\n", out);
    for (unsigned id = 0; made && shapes && looks && id < METRIC_ID_COUNT; id++) {
        const struct metric_info *info = metric_info((enum metric_id)id);
        size_t count = 0;
        for (size_t i = 0; i < list.count && info->distribution && info->headline; i++)
            if (take_shape(&list.demos[i], info, report->count > 1, &shapes[count]))
                looks[count++] = i;
        if (count)
            draw(out, info, shapes, looks, count);
    }
    fputs("</div>\n", out);
    demo_list_free(&list);
}
