#include "runner/report/terminal.h"

#include <math.h>
#include <string.h>

#include "runner/metrics/figure.h"
#include "runner/metrics/metrics.h"
#include "runner/report/advice.h"
#include "runner/report/breaches.h"
#include "runner/report/columns.h"
#include "runner/report/lines.h"
#include "runner/report/notes.h"
#include "runner/report/text.h"

enum { LABEL, MEDIAN, INTERVAL, RATIO, WORD };
_Static_assert(WORD == COLUMNS_CELLS - 1, "the last column is the remark");

struct table {
    struct columns columns;
    struct notes notes;
    bool lossy;
};

static const char *text_of(const json_t *json, const char *key)
{
    return json_string_value(json_object_get(json, key));
}

/* `key`: [low, high, level]; false where there is none. */
static bool interval_of(const json_t *json, const char *key, double *low, double *high)
{
    const json_t *ci = json_object_get(json, key);
    if (!json_is_number(json_array_get(ci, 0)) || !json_is_number(json_array_get(ci, 1)))
        return false;
    *low = json_number_value(json_array_get(ci, 0));
    *high = json_number_value(json_array_get(ci, 1));
    return true;
}

static void set_cell(char cell[COLUMNS_CELL_SIZE], const char *text, const char *mark)
{
    /* A mark is kept whatever is cut. */
    snprintf(cell, COLUMNS_CELL_SIZE, "%.*s%s%s", COLUMNS_CELL_SIZE - NOTE_REF_SIZE - 2, text,
             *mark ? " " : "", mark);
}

/* "-" with the reason below the table. */
static void set_unknown(struct table *table, char cell[COLUMNS_CELL_SIZE], const char *reason)
{
    char mark[NOTE_REF_SIZE] = "";
    notes_add(&table->notes, reason ? reason : "the summary does not say why", mark);
    set_cell(cell, "-", mark);
}

static void fill_sample(struct table *table, struct columns_row *row, const json_t *sample, const char *unit,
                        const json_t *metric)
{
    char text[32];
    const json_t *median = json_object_get(sample, "median");
    if (!json_is_number(median)) {
        set_unknown(table, row->cells[MEDIAN], text_of(metric, "reason"));
        return;
    }
    figure_text(json_number_value(median), unit, text, sizeof text);
    bool lossy = json_is_true(json_object_get(metric, "lossy"));
    table->lossy |= lossy;
    set_cell(row->cells[MEDIAN], text, lossy ? "*" : "");

    double low;
    double high;
    if (interval_of(sample, "ci", &low, &high)) {
        char upper[32];
        figure_text(low, unit, text, sizeof text);
        figure_text(high, unit, upper, sizeof upper);
        snprintf(row->cells[INTERVAL], COLUMNS_CELL_SIZE, "%s .. %s", text, upper);
        return;
    }
    char mark[NOTE_REF_SIZE] = "";
    notes_add(&table->notes, text_of(sample, "ci_reason"), mark);
    snprintf(text, sizeof text, "n = %lld", json_integer_value(json_object_get(sample, "trials")));
    set_cell(row->cells[INTERVAL], text, mark);
}

static void fill_word(struct columns_row *row, const struct interval *interval, double neutral,
                      const struct report_line *line, bool is_noise)
{
    bool good, bad;
    const char *word = report_line_word(line, interval, neutral, is_noise, &good, &bad);
    row->tone = good ? TONE_GOOD : bad ? TONE_BAD : row->tone;
    snprintf(row->cells[WORD], COLUMNS_CELL_SIZE, "%s", word);
}

/* "0.79 x (0.77 .. 0.81)", or "-100 (-104 .. -97)" where zeros leave the difference only. */
static void fill_comparison(struct table *table, struct columns_row *row, const json_t *comparison,
                            const char *unit, const struct report_line *line, bool is_noise)
{
    if (!json_is_object(comparison))
        return;
    bool is_ratio = json_is_number(json_object_get(comparison, "ratio"));
    const json_t *estimate = json_object_get(comparison, is_ratio ? "ratio" : "difference");
    if (!json_is_number(estimate)) {
        set_unknown(table, row->cells[RATIO], text_of(comparison, "reason"));
        return;
    }
    char value[32];
    char low_text[32];
    char high_text[32];
    double low = 0;
    double high = 0;
    const char *scale = is_ratio ? "ratio" : unit;
    bool has_interval = interval_of(comparison, is_ratio ? "ci" : "difference_ci", &low, &high);
    figure_text(json_number_value(estimate), scale, value, sizeof value);
    figure_text(low, scale, low_text, sizeof low_text);
    figure_text(high, scale, high_text, sizeof high_text);
    if (has_interval)
        snprintf(row->cells[RATIO], COLUMNS_CELL_SIZE, "%.30s%s (%.28s .. %.28s)", value,
                 is_ratio ? " x" : "", low_text, high_text);
    else
        snprintf(row->cells[RATIO], COLUMNS_CELL_SIZE, "%s%s", value, is_ratio ? " x" : "");
    fill_word(row, &(struct interval){low, high, has_interval ? 1 : 0}, is_ratio ? 1 : 0, line, is_noise);
}

static void add_line(struct table *table, const json_t *demo, const struct report_line *line)
{
    const json_t *metric = json_object_get(json_object_get(demo, line->role), line->metric);
    if (!json_is_object(metric))
        return;
    const json_t *sample = line->part ? json_object_get(metric, line->part) : metric;
    const char *unit = text_of(metric, "unit");
    struct columns_row *row = columns_add(&table->columns);
    snprintf(row->cells[LABEL], COLUMNS_CELL_SIZE, "    %s", line->label);
    fill_sample(table, row, sample, unit ? unit : "", metric);
    if (line->part)
        return;
    const json_t *comparison = json_object_get(json_object_get(demo, "comparison"), line->role);
    /* The baseline has none; beside its bare figures stands its own A/A copy: the noise floor. */
    bool is_noise = !comparison && strcmp(line->role, "bare") == 0;
    if (is_noise)
        comparison = json_object_get(demo, "noise");
    fill_comparison(table, row, json_object_get(comparison, line->metric), unit ? unit : "", line, is_noise);
}

/* "  bare, 10 trials: 9 ok, 1 panic" */
static void add_verdicts(struct table *table, const json_t *demo, const char *role)
{
    json_t *verdicts = json_object_get(json_object_get(demo, "verdicts"), role);
    char text[COLUMNS_CELL_SIZE];
    size_t used = 0;
    long long trials = 0;
    const char *verdict;
    json_t *count;
    text[0] = 0;
    json_object_foreach (verdicts, verdict, count) {
        char name[32];
        text_clean(verdict, name, sizeof name);
        trials += json_integer_value(count);
        int wrote = snprintf(text + used, sizeof text - used, "%s%lld %s", used ? ", " : "",
                             json_integer_value(count), name);
        used += wrote > 0 ? (size_t)wrote : 0;
        if (used >= sizeof text)
            used = sizeof text - 1;
    }
    char shown[60];
    text_clean(text, shown, sizeof shown); /* cuts between characters */
    struct columns_row *row = columns_add(&table->columns);
    row->heading = true;
    snprintf(row->cells[LABEL], COLUMNS_CELL_SIZE, "  %s, %lld trial%s: %s", role, trials,
             trials == 1 ? "" : "s", shown);
}

static void add_role(struct table *table, const json_t *demo, const char *role)
{
    if (!json_is_object(json_object_get(demo, role)))
        return;
    add_verdicts(table, demo, role);
    for (const struct report_line *line = report_lines; line->role; line++)
        if (strcmp(line->role, role) == 0)
            add_line(table, demo, line);
}

static void add_observer(struct table *table, const json_t *demo)
{
    static const struct {
        const char *key, *label, *metric;
    } ratios[] = {{"cpu_ratio", "CPU time, to bare", "cpu.time"},
                  {"wall_ratio", "wall time, to bare", "time.wall"}},
      rates[] = {{"events_per_s", "events", NULL}, {"bytes_per_event", "an event's size", NULL}};
    const json_t *observer = json_object_get(demo, "observer");
    if (!json_is_object(observer))
        return;
    struct columns_row *row = columns_add(&table->columns);
    row->heading = true;
    snprintf(row->cells[LABEL], COLUMNS_CELL_SIZE, "  cost of observing");
    for (size_t i = 0; i < 2; i++) {
        const json_t *ratio = json_object_get(observer, ratios[i].key);
        double low;
        double high;
        char text[64];
        if (!json_object_get(json_object_get(demo, "bare"), ratios[i].metric))
            continue; /* no trial speaks of it: a load fixes the wall time */
        row = columns_add(&table->columns);
        snprintf(row->cells[LABEL], COLUMNS_CELL_SIZE, "    %s", ratios[i].label);
        if (!json_is_number(json_object_get(ratio, "ratio"))) {
            set_unknown(table, row->cells[MEDIAN], text_of(ratio, "reason"));
            continue;
        }
        figure_text(json_number_value(json_object_get(ratio, "ratio")), "ratio", text, sizeof text);
        snprintf(row->cells[MEDIAN], COLUMNS_CELL_SIZE, "%s x", text);
        if (interval_of(ratio, "ci", &low, &high))
            snprintf(row->cells[INTERVAL], COLUMNS_CELL_SIZE, "%.2f .. %.2f", low, high);
        else
            snprintf(row->cells[INTERVAL], COLUMNS_CELL_SIZE, "too few trials");
    }
    for (size_t i = 0; i < 2; i++) {
        const json_t *rate = json_object_get(observer, rates[i].key);
        const char *unit = text_of(rate, "unit");
        row = columns_add(&table->columns);
        snprintf(row->cells[LABEL], COLUMNS_CELL_SIZE, "    %s", rates[i].label);
        fill_sample(table, row, rate, unit ? unit : "", rate);
    }
}

static void add_title(struct table *table, const char *name, const json_t *demo, const char *baseline)
{
    char clean[64];
    char clean_baseline[32];
    bool is_baseline = baseline && strcmp(name, baseline) == 0;
    text_clean(name, clean, sizeof clean);
    text_clean(baseline, clean_baseline, sizeof clean_baseline);
    struct columns_row *row = columns_add(&table->columns);
    row->heading = true;
    row->tone = TONE_TITLE;
    snprintf(row->cells[LABEL], COLUMNS_CELL_SIZE, "%s%s", clean, is_baseline ? " (baseline)" : "");
    json_int_t unexpected = json_integer_value(json_object_get(demo, "unexpected"));
    if (unexpected > 0) {
        row = columns_add(&table->columns);
        row->heading = true;
        row->tone = TONE_BAD;
        snprintf(row->cells[LABEL], COLUMNS_CELL_SIZE, "  %lld trial%s did not do what the manifest expects",
                 unexpected, unexpected == 1 ? "" : "s");
    }
    row = columns_add(&table->columns);
    row->tone = TONE_FAINT;
    snprintf(row->cells[MEDIAN], COLUMNS_CELL_SIZE, "median");
    snprintf(row->cells[INTERVAL], COLUMNS_CELL_SIZE, "95%% interval");
    if (json_object_get(demo, "comparison"))
        snprintf(row->cells[RATIO], COLUMNS_CELL_SIZE, "to %s", clean_baseline);
    else if (json_object_get(demo, "noise"))
        snprintf(row->cells[RATIO], COLUMNS_CELL_SIZE, "its copy to itself");
}

void terminal_print(const json_t *summary, bool color, FILE *out)
{
    struct table table = {0};
    const char *name;
    json_t *demo;
    const char *baseline = text_of(summary, "baseline");
    json_object_foreach (json_object_get(summary, "demos"), name, demo) {
        if (table.columns.count > 0)
            columns_add(&table.columns)->heading = true;
        add_title(&table, name, demo, baseline);
        add_role(&table, demo, "bare");
        add_role(&table, demo, "observed");
        add_observer(&table, demo);
    }
    columns_print(&table.columns, color, out);
    if (table.lossy || table.notes.count)
        fputc('\n', out);
    if (table.lossy)
        fputs("*   events were lost: the figure may be off; summary.json says how many\n", out);
    notes_print(&table.notes, out);
    breaches_print(summary, color, out);
    advice_print(summary, color, out);
    if (table.columns.failed)
        fputs("memory was short: the table is not complete\n", out);
    columns_free(&table.columns);
}
