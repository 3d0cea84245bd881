#include "runner/report/comparison_formats.h"

#include <math.h>
#include <string.h>

#include "runner/metrics/figure.h"
#include "runner/report/markdown.h"
#include "runner/report/text.h"
#include "runner/summary/benchmarks.h"

static const char *text_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text ? text : "";
}

/* --- Markdown ------------------------------------------------------------------------------------------- */

static void markdown_figure(const json_t *value, const char *unit, FILE *out)
{
    char text[40];
    if (!json_is_number(value)) {
        fputs("n/a", out);
        return;
    }
    figure_text(json_number_value(value), unit, text, sizeof text);
    fputs(text, out);
}

static void markdown_effect(const json_t *effect, const char *unit, FILE *out)
{
    bool ratio = strcmp(text_of(effect, "kind"), "ratio") == 0;
    const json_t *ci = json_object_get(effect, "ci");
    const char *scale = ratio ? "ratio" : unit;
    markdown_figure(json_object_get(effect, "value"), scale, out);
    if (ratio)
        fputs(" x", out);
    if (!json_is_array(ci))
        return;
    fputs(" (", out);
    markdown_figure(json_array_get(ci, 0), scale, out);
    fputs(" .. ", out);
    markdown_figure(json_array_get(ci, 1), scale, out);
    fputc(')', out);
}

static void markdown_row(const json_t *metric, FILE *out)
{
    const char *unit = text_of(metric, "unit"), *quantile = text_of(metric, "quantile"),
               *reason = text_of(metric, "reason");
    const json_t *p = json_object_get(metric, "p_holm");
    fputs("| ", out);
    markdown_text(text_of(metric, "metric"), out);
    fprintf(out, "%s%s | ", *quantile ? ", " : "", *quantile ? "p99" : "");
    markdown_figure(json_object_get(json_object_get(metric, "baseline"), "median"), unit, out);
    fputs(" | ", out);
    markdown_figure(json_object_get(json_object_get(metric, "this"), "median"), unit, out);
    fputs(" | ", out);
    markdown_effect(json_object_get(metric, "effect"), unit, out);
    fputs(" | ", out);
    if (json_is_number(p))
        fprintf(out, "%.2g", json_number_value(p));
    fputs(" | ", out);
    markdown_text(text_of(metric, "verdict"), out);
    if (*reason) {
        fputs(": ", out);
        markdown_text(reason, out);
    }
    fputs(" |\n", out);
}

static void markdown_demo(const json_t *demo, FILE *out)
{
    size_t index;
    const json_t *row;
    fputs("### ", out);
    markdown_text(text_of(demo, "label"), out);
    fputs(" against ", out);
    markdown_text(text_of(json_object_get(demo, "baseline"), "label"), out);
    fputs("\n\n", out);
    markdown_text(text_of(demo, "headline"), out);
    fputs("\n\n", out);
    json_array_foreach (json_object_get(demo, "causes"), index, row) {
        fputs("- ", out);
        markdown_text(text_of(row, "text"), out);
        fputc('\n', out);
    }
    if (index)
        fputc('\n', out);
    if (json_array_size(json_object_get(demo, "metrics")))
        fputs("| figure | baseline | this | ratio or difference (95%) | p (Holm) | verdict |\n"
              "| --- | ---: | ---: | ---: | ---: | --- |\n",
              out);
    json_array_foreach (json_object_get(demo, "metrics"), index, row)
        markdown_row(row, out);
    fputs(index ? "\n" : "No figure differs.\n\n", out);
}

static void markdown_gates(const json_t *gates, FILE *out)
{
    size_t index;
    const json_t *gate;
    if (json_array_size(gates))
        fputs("### Gates\n\n| verdict | gate | demo | why |\n| --- | --- | --- | --- |\n", out);
    json_array_foreach (gates, index, gate) {
        static const char *const keys[] = {"verdict", "gate", "demo", "why"};
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
            fputs(i ? " | " : "| ", out);
            markdown_text(text_of(gate, keys[i]), out);
        }
        fputs(" |\n", out);
    }
}

void comparison_markdown(const struct comparison *comparison, bool all, const json_t *gates, FILE *out)
{
    json_t *head = compare_head_json(comparison);
    size_t index;
    const json_t *warning;
    json_array_foreach (json_object_get(head, "warnings"), index, warning) {
        fputs("> ", out);
        markdown_text(text_of(warning, "text"), out);
        fputs("  \n", out);
    }
    if (index)
        fputc('\n', out);
    json_decref(head);
    for (size_t i = 0; i < compare_demo_count(comparison); i++) {
        json_t *demo = compare_demo_json(comparison, i, all);
        markdown_demo(demo, out);
        json_decref(demo);
    }
    markdown_gates(gates, out);
}

/* --- CSV ------------------------------------------------------------------------------------------------ */

static void csv_text(const char *text, FILE *out)
{
    char clean[2048];
    text_clean(text, clean, sizeof clean);
    fputs(strchr("=+-@", clean[0]) && clean[0] ? "\"'" : "\"", out);
    for (const char *at = clean; *at; at++)
        fprintf(out, *at == '"' ? "\"\"" : "%c", *at);
    fputc('"', out);
}

static void csv_number(const json_t *number, FILE *out)
{
    fputc(',', out);
    if (json_is_number(number))
        fprintf(out, "%.15g", json_number_value(number));
}

static void csv_row(const json_t *demo, const json_t *metric, FILE *out)
{
    const json_t *base = json_object_get(demo, "baseline"), *effect = json_object_get(metric, "effect"),
                 *ci = json_object_get(effect, "ci");
    const char *const texts[] = {text_of(demo, "bundle"),    text_of(demo, "demo"),
                                 text_of(base, "bundle"),    text_of(base, "demo"),
                                 text_of(metric, "metric"),  text_of(metric, "quantile"),
                                 text_of(metric, "unit"),    text_of(metric, "role"),
                                 text_of(metric, "verdict"), text_of(effect, "kind")};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (i)
            fputc(',', out);
        csv_text(texts[i], out);
    }
    static const char *const sides[] = {"baseline", "this"};
    for (size_t i = 0; i < 2; i++) {
        const json_t *side = json_object_get(metric, sides[i]);
        csv_number(json_object_get(side, "n"), out);
        csv_number(json_object_get(side, "median"), out);
    }
    csv_number(json_object_get(effect, "value"), out);
    for (size_t i = 0; i < 3; i++)
        csv_number(json_array_get(ci, i), out);
    static const char *const numbers[] = {"p", "p_holm", "delta", "noise_floor", "detectable"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        csv_number(json_object_get(metric, numbers[i]), out);
    fputs("\r\n", out);
}

void comparison_csv(const struct comparison *comparison, bool all, FILE *out)
{
    fputs("bundle,demo,baseline_bundle,baseline_demo,metric,quantile,unit,role,verdict,effect_kind,"
          "baseline_n,baseline_median,n,median,effect,effect_low,effect_high,effect_level,p,p_holm,delta,"
          "noise_floor,detectable\r\n",
          out);
    for (size_t i = 0; i < compare_demo_count(comparison); i++) {
        json_t *demo = compare_demo_json(comparison, i, all);
        size_t index;
        const json_t *metric;
        json_array_foreach (json_object_get(demo, "metrics"), index, metric)
            csv_row(demo, metric, out);
        json_decref(demo);
    }
}

/* --- Go benchmarks -------------------------------------------------------------------------------------- */

static const char *goarch(const json_t *facts)
{
    static const char *const names[][2] = {{"x86_64", "amd64"}, {"aarch64", "arm64"}};
    const char *machine = text_of(json_object_get(facts, "environment"), "machine");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(machine, names[i][0]) == 0)
            return names[i][1];
    return NULL;
}

static void print_trials(const struct measured_demo *demo, FILE *out)
{
    unsigned trials = 0;
    for (size_t i = 0; i < BENCHMARK_FIGURES; i++) {
        unsigned slots = measured_sample(demo, benchmark_figures[i].id, PART_VALUE)->slots;
        trials = slots > trials ? slots : trials;
    }
    for (unsigned t = 0; t < trials; t++) {
        double values[BENCHMARK_FIGURES];
        for (size_t i = 0; i < BENCHMARK_FIGURES; i++) {
            const struct sample *sample = measured_sample(demo, benchmark_figures[i].id,
                                                          benchmark_figures[i].p99 ? PART_P99 : PART_VALUE);
            values[i] = t < sample->slots ? sample->values[t] : NAN;
        }
        benchmark_line(out, demo->name, values);
    }
}

void comparison_benchmarks(const struct comparison *comparison, FILE *out)
{
    for (size_t i = 0; i < compare_bundle_count(comparison); i++) {
        const struct measured *bundle = compare_bundle(comparison, i);
        char name[256], experiment[128];
        text_clean(bundle->name, name, sizeof name);
        text_clean(bundle->experiment, experiment, sizeof experiment);
        fputs("goos: linux\n", out);
        if (goarch(bundle->facts))
            fprintf(out, "goarch: %s\n", goarch(bundle->facts));
        fprintf(out, "pkg: %s\nbundle: %s\n", experiment, name);
        for (size_t j = 0; j < bundle->demo_count; j++)
            print_trials(&bundle->demos[j], out);
    }
}
