#include "runner/report/comparison.h"

#include <math.h>
#include <string.h>

#include "runner/metrics/figure.h"
#include "runner/report/columns.h"
#include "runner/report/effects.h"
#include "runner/report/notes.h"
#include "runner/report/text.h"

#define LINE_WIDTH 96

enum { FIGURE, BASELINE, THIS, EFFECT, VERDICT };
_Static_assert(VERDICT == COLUMNS_CELLS - 1, "the last column is the verdict");

static const char *text_of(const json_t *json, const char *key)
{
    return json_string_value(json_object_get(json, key));
}

/* Clean text, broken at blanks; later lines are indented by two more. */
static void print_wrapped(const char *text, size_t indent, FILE *out)
{
    char clean[2048];
    text_clean(text, clean, sizeof clean);
    size_t column = indent;
    fprintf(out, "%*s", (int)indent, "");
    for (const char *at = clean; *at;) {
        char word[512];
        size_t length = strcspn(at, " ");
        snprintf(word, sizeof word, "%.*s", (int)length, at);
        size_t width = text_width(word);
        if (at > clean && column + 1 + width > LINE_WIDTH) {
            fprintf(out, "\n%*s", (int)indent + 2, "");
            column = indent + 2;
        } else if (at > clean) {
            fputc(' ', out);
            column++;
        }
        fputs(word, out);
        column += width;
        at += length;
        at += *at == ' ';
    }
    fputc('\n', out);
}

static void print_toned(const char *text, const char *code, bool color, size_t indent, FILE *out)
{
    if (color)
        fputs(code, out);
    print_wrapped(text, indent, out);
    if (color)
        fputs("\033[0m", out);
}

void comparison_print_head(const json_t *head, const struct comparison_view *view, FILE *out)
{
    size_t index;
    const json_t *warning;
    char line[2048];
    json_array_foreach (json_object_get(head, "warnings"), index, warning) {
        bool refuses = json_is_true(json_object_get(warning, "refuses"));
        const char *text = text_of(warning, "text");
        snprintf(line, sizeof line, "%s %s", refuses ? "!!" : "! ", text ? text : "?");
        print_toned(line, refuses ? "\033[31m" : "\033[33m", view->color, 0, out);
    }
    if (index)
        fputc('\n', out);
}

/* --- a demo's table ------------------------------------------------------------------------------------- */

struct table {
    struct columns columns;
    struct notes notes;
    bool lossy;
};

static void fill_side(struct table *table, char cell[COLUMNS_CELL_SIZE], const json_t *side, const char *unit)
{
    char text[40] = "-";
    const json_t *median = json_object_get(side, "median");
    bool lossy = json_is_true(json_object_get(side, "lossy"));
    size_t outliers = json_array_size(json_object_get(side, "outliers"));
    if (json_is_number(median))
        figure_text(json_number_value(median), unit, text, sizeof text);
    table->lossy |= lossy;
    snprintf(cell, COLUMNS_CELL_SIZE, "%s%s%.*s", text, lossy ? "*" : "", (int)(outliers < 3 ? outliers : 3),
             "'''");
}

static void fill_verdict(struct table *table, struct columns_row *row, const json_t *metric)
{
    const char *name = text_of(metric, "verdict"), *reason = text_of(metric, "reason");
    const json_t *p = json_object_get(metric, "p_holm");
    char mark[NOTE_REF_SIZE] = "", chance[32] = "";
    if (reason)
        notes_add(&table->notes, reason, mark);
    const struct effect_verdict *verdict = effect_verdict(name);
    if (!verdict)
        return;
    row->tone = verdict->good     ? TONE_GOOD
                : verdict->bad    ? TONE_BAD
                : verdict->judged ? TONE_PLAIN
                                  : TONE_FAINT;
    if (json_is_number(p) && verdict->tested)
        snprintf(chance, sizeof chance, ", p %.2g", json_number_value(p));
    snprintf(row->cells[VERDICT], COLUMNS_CELL_SIZE, "%s%s%s%s", verdict->shown, chance, *mark ? " " : "",
             mark);
}

static void add_metric(struct table *table, const json_t *metric)
{
    const char *name = text_of(metric, "metric"), *quantile = text_of(metric, "quantile"),
               *unit = text_of(metric, "unit");
    char clean[64];
    struct columns_row *row = columns_add(&table->columns);
    text_clean(name, clean, sizeof clean);
    unit = unit ? unit : "";
    snprintf(row->cells[FIGURE], COLUMNS_CELL_SIZE, "  %s%s%s", clean, quantile ? ", " : "",
             quantile ? "p99" : "");
    fill_side(table, row->cells[BASELINE], json_object_get(metric, "baseline"), unit);
    fill_side(table, row->cells[THIS], json_object_get(metric, "this"), unit);
    effect_text(json_object_get(metric, "effect"), unit, row->cells[EFFECT], COLUMNS_CELL_SIZE);
    fill_verdict(table, row, metric);
}

static void name_columns(struct table *table, const json_t *demo)
{
    struct columns_row *row = columns_add(&table->columns);
    char name[32];
    row->tone = TONE_FAINT;
    text_clean(text_of(json_object_get(demo, "baseline"), "demo"), name, sizeof name);
    snprintf(row->cells[BASELINE], COLUMNS_CELL_SIZE, "%s", name);
    text_clean(text_of(demo, "demo"), name, sizeof name);
    snprintf(row->cells[THIS], COLUMNS_CELL_SIZE, "%s", name);
    snprintf(row->cells[EFFECT], COLUMNS_CELL_SIZE, "ratio or difference (95%% interval)");
}

static void print_title(const json_t *demo, bool color, FILE *out)
{
    char line[600], one[256], two[256];
    text_clean(text_of(demo, "label"), one, sizeof one);
    text_clean(text_of(json_object_get(demo, "baseline"), "label"), two, sizeof two);
    snprintf(line, sizeof line, "%s against %s", one, two);
    print_toned(line, "\033[1m", color, 0, out);
}

static void print_headline(const json_t *demo, size_t indent, FILE *out)
{
    const char *headline = text_of(demo, "headline");
    if (headline)
        print_wrapped(headline, indent, out);
}

static void print_causes(const json_t *demo, size_t indent, FILE *out)
{
    size_t index;
    const json_t *cause;
    json_array_foreach (json_object_get(demo, "causes"), index, cause)
        print_wrapped(text_of(cause, "text"), indent, out);
}

void comparison_print_demo(const json_t *demo, const struct comparison_view *view, FILE *out)
{
    struct table table = {0};
    const json_t *metrics = json_object_get(demo, "metrics"), *metric;
    size_t index;
    print_title(demo, view->color, out);
    print_headline(demo, 2, out);
    if (json_array_size(metrics))
        name_columns(&table, demo);
    json_array_foreach (metrics, index, metric)
        add_metric(&table, metric);
    if (table.columns.count)
        fputc('\n', out);
    columns_print(&table.columns, view->color, out);
    if (!table.columns.count && !view->all)
        fputs("  no figure differs (--all shows them)\n", out);
    if (json_array_size(json_object_get(demo, "causes"))) {
        fputs("\n  what moved with it:\n", out);
        print_causes(demo, 4, out);
    }
    if (table.lossy || table.notes.count)
        fputc('\n', out);
    if (table.lossy)
        fputs("*   events were lost: the figure may be off\n", out);
    notes_print(&table.notes, out);
    if (table.columns.failed)
        fputs("memory was short: the table is not complete\n", out);
    columns_free(&table.columns);
    fputc('\n', out);
}

void comparison_print_foot(const json_t *head, FILE *out)
{
    char line[400];
    snprintf(line, sizeof line,
             "Medians of trials; ' marks a trial unlike its siblings. Exploratory: %lld figures were tested "
             "together (exact Mann-Whitney, corrected by Holm), so that all is called alike in 19 of 20 "
             "reports on copies of one program. What shall decide is a gate.",
             (long long)json_integer_value(json_object_get(head, "tests")));
    print_wrapped(line, 0, out);
}

void comparison_print_verdict(const json_t *demo, bool color, FILE *out)
{
    const char *headline = text_of(demo, "headline");
    print_toned(headline ? headline : "?", "\033[1m", color, 0, out);
    print_causes(demo, 2, out);
}

void comparison_print_gates(const json_t *gates, bool color, FILE *out)
{
    static const struct {
        const char *name, *shown, *code;
    } verdicts[] = {{"pass", "PASS", "\033[32m"},
                    {"fail", "FAIL", "\033[31m"},
                    {"inconclusive", "INCONCLUSIVE", "\033[33m"}};
    size_t index;
    const json_t *gate;
    json_array_foreach (gates, index, gate) {
        char line[1200];
        const char *verdict = text_of(gate, "verdict"), *demo = text_of(gate, "demo"),
                   *text = text_of(gate, "gate"), *why = text_of(gate, "why");
        for (size_t i = 0; verdict && i < sizeof verdicts / sizeof *verdicts; i++) {
            if (strcmp(verdict, verdicts[i].name) != 0)
                continue;
            snprintf(line, sizeof line, "%s %s: %s: %s", verdicts[i].shown, demo ? demo : "?",
                     text ? text : "?", why ? why : "");
            print_toned(line, verdicts[i].code, color, 0, out);
        }
    }
}
