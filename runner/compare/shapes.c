/* A comparison as JSON; compare.h has the shape. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/compare/causes.h"
#include "runner/compare/rows.h"
#include "runner/compare/words.h"
#include "runner/stats/inference.h"
#include "runner/stats/rank_test.h"
#include "runner/store/files.h"
#include "runner/support/fd.h"

#define TEXT_LIMIT 4096

static json_t *text_of(const char *text)
{
    return text_json(text, strlen(text), TEXT_LIMIT);
}

static json_t *interval_json(const struct interval *interval)
{
    if (!(interval->level > 0))
        return json_null();
    return json_pack("[o, o, o]", metric_number(interval->low), metric_number(interval->high),
                     metric_number(interval->level));
}

/* What else is known of the trials whose value is unlike the others': was the machine to blame? */
static json_t *beside_json(const struct measured_demo *demo, enum trials_of of, const bool *outliers,
                           const struct sample *sample)
{
    static const enum metric_id witnesses[] = {METRIC_CPU_THROTTLED, METRIC_PSI_CPU_SOME,
                                               METRIC_PSI_MEMORY_FULL, METRIC_PSI_IO_FULL,
                                               METRIC_SCHED_MIGRATIONS};
    json_t *list = json_array();
    for (unsigned i = 0; i < sample->n; i++) {
        if (!outliers[i])
            continue;
        json_t *row = json_pack("{s:i}", "place", (int)i);
        const struct measured_trials *trials = &demo->trials[of];
        if (trials->numbers && trials->number_count == sample->slots && sample->slots == sample->n)
            json_object_set_new(row, "trial", json_integer(trials->numbers[i]));
        for (size_t w = 0; w < sizeof witnesses / sizeof *witnesses; w++) {
            const struct sample *witness = measured_sample(demo, witnesses[w], PART_VALUE);
            bool fits = metric_trials_of(witnesses[w]) == of && witness->slots == sample->slots &&
                        sample->slots == sample->n;
            if (fits && !isnan(witness->values[i]))
                json_object_set_new(row, metric_info(witnesses[w])->name, metric_number(witness->values[i]));
        }
        json_array_append_new(list, row);
    }
    return list;
}

static void set_outliers(json_t *json, const struct measured_demo *demo, enum trials_of of,
                         const struct sample *sample)
{
    AUTO_FREE bool *flags = calloc(sample->n + 1, sizeof *flags);
    json_t *places = json_array();
    if (flags && stats_outliers(sample->known, sample->n, flags)) {
        for (unsigned i = 0, known = 0; i < sample->slots; i++) {
            if (isnan(sample->values[i]))
                continue;
            if (flags[known++])
                json_array_append_new(places, json_integer(i));
        }
        json_object_set_new(json, "beside", beside_json(demo, of, flags, sample));
    }
    json_object_set_new(json, "outliers", places);
}

static json_t *sample_json(const struct measured_demo *demo, enum trials_of of, const struct sample *sample)
{
    json_t *json = json_object(), *values = json_array();
    struct interval interval = stats_median_interval(sample->known, sample->n, COMPARE_LEVEL);
    for (unsigned i = 0; i < sample->slots; i++)
        json_array_append_new(values, metric_number(sample->values[i]));
    json_object_set_new(json, "median",
                        sample->n ? metric_number(stats_median(sample->known, sample->n)) : json_null());
    json_object_set_new(json, "ci", interval_json(&interval));
    json_object_set_new(json, "n", json_integer(sample->n));
    json_object_set_new(json, "values", values);
    json_object_set_new(json, "lossy", json_boolean(sample->lossy));
    set_outliers(json, demo, of, sample);
    json_object_set_new(json, "drift", metric_number(stats_drift(sample->known, sample->n)));
    if (sample->reason)
        json_object_set_new(json, "reason", json_string(sample->reason));
    return json;
}

static json_t *effect_json(const struct two_samples *test)
{
    if (test->kind == EFFECT_NONE)
        return json_null();
    return json_pack("{s:s, s:o, s:o}", "kind", test->kind == EFFECT_RATIO ? "ratio" : "difference", "value",
                     metric_number(test->effect), "ci", interval_json(&test->interval));
}

static json_t *row_json(const struct comparison *comparison, const struct pair *pair, const struct row *row)
{
    static const char *const better[] = {
        [BETTER_LOWER] = "lower", [BETTER_HIGHER] = "higher", [BETTER_NEITHER] = "neither"};
    const struct metric_info *info = metric_info(row->metric);
    enum trials_of of = metric_trials_of(row->metric);
    const char *part = part_name(row->part);
    char reason[256];
    json_t *json = json_object();
    json_object_set_new(json, "metric", json_string(info->name));
    json_object_set_new(json, "quantile", part ? json_string(part) : json_null());
    json_object_set_new(json, "unit", json_string(metric_unit_name(info->unit)));
    json_object_set_new(json, "role", json_string(trials_of_name(of)));
    json_object_set_new(json, "better", json_string(better[info->better]));
    json_object_set_new(json, "main", json_boolean(row_is_main(row)));
    json_object_set_new(json, "baseline", sample_json(pair->base, of, row->baseline));
    json_object_set_new(json, "this", sample_json(pair->demo, of, row->self));
    json_object_set_new(json, "effect", effect_json(&row->test));
    json_object_set_new(json, "p", metric_number(row->test.p));
    json_object_set_new(json, "p_holm", metric_number(row->p_holm));
    json_object_set_new(json, "delta", metric_number(row->test.delta));
    json_object_set_new(json, "noise_floor", metric_number(row->noise_floor));
    json_object_set_new(json, "detectable", metric_number(row_detectable(comparison, row)));
    json_object_set_new(json, "verdict", json_string(row_verdict_name(row->verdict)));
    words_reason(comparison, row, reason, sizeof reason);
    if (*reason)
        json_object_set_new(json, "reason", text_of(reason));
    return json;
}

static json_t *name_json(const struct measured *bundle, const struct measured_demo *demo, bool several)
{
    char label[4200];
    if (demo && several)
        snprintf(label, sizeof label, "%s of %s", demo->name, bundle->label);
    else
        snprintf(label, sizeof label, "%s", demo ? demo->name : bundle->label);
    return json_pack("{s:o, s:o, s:o}", "label", text_of(label), "bundle", text_of(bundle->name), "demo",
                     demo ? text_of(demo->name) : json_null());
}

json_t *compare_demo_json(const struct comparison *comparison, size_t demo, bool all)
{
    const struct pair *pair = &comparison->pairs[demo];
    bool several = comparison->bundle_count > 1;
    char headline[1024];
    json_t *json = name_json(pair->bundle, pair->demo, several);
    json_t *rows = json_array();
    for (size_t i = 0; i < pair->row_count; i++)
        if (all || row_differs(&pair->rows[i]))
            json_array_append_new(rows, row_json(comparison, pair, &pair->rows[i]));
    words_headline(comparison, pair, headline, sizeof headline);
    json_object_set_new(json, "baseline", name_json(pair->base_bundle, pair->base, several));
    json_object_set_new(json, "headline", text_of(headline));
    json_object_set_new(json, "causes", causes_json(pair));
    json_object_set_new(json, "metrics", rows);
    return json;
}

static json_t *noise_json(const struct comparison *comparison)
{
    json_t *json = json_object();
    for (unsigned id = 0; comparison->noise && id < METRIC_ID_COUNT; id++)
        for (unsigned part = 0; part < PART_COUNT; part++) {
            const struct noise *noise = &comparison->noise[id][part];
            char key[96];
            if (noise->test.kind == EFFECT_NONE)
                continue;
            snprintf(key, sizeof key, "%s%s", metric_info(id)->name, part == PART_P99 ? ".p99" : "");
            json_object_set_new(
                json, key,
                json_pack("{s:o, s:o, s:o}", noise->test.kind == EFFECT_RATIO ? "ratio" : "difference",
                          metric_number(noise->test.effect), "ci", interval_json(&noise->test.interval),
                          "floor", metric_number(noise->floor)));
        }
    return json;
}

json_t *compare_head_json(const struct comparison *comparison)
{
    const struct measured *first = &comparison->bundles[0];
    bool several = comparison->bundle_count > 1;
    json_t *warnings = json_array();
    for (size_t i = 0; i < comparison->warning_count; i++)
        json_array_append_new(warnings, json_pack("{s:s, s:o, s:b}", "kind", comparison->warnings[i].kind,
                                                  "text", text_of(comparison->warnings[i].text), "refuses",
                                                  comparison->warnings[i].refuses));
    return json_pack("{s:i, s:f, s:I, s:o, s:o, s:o}", "schema", COMPARE_SCHEMA, "level", COMPARE_LEVEL,
                     "tests", (json_int_t)comparison->tests, "baseline",
                     name_json(first, several ? NULL : &first->demos[first->baseline], false), "warnings",
                     warnings, "noise", noise_json(comparison));
}

json_t *compare_json(const struct comparison *comparison)
{
    json_t *json = compare_head_json(comparison);
    json_t *demos = json_array();
    for (size_t i = 0; i < comparison->pair_count; i++)
        json_array_append_new(demos, compare_demo_json(comparison, i, true));
    json_object_set_new(json, "demos", demos);
    return json;
}

#define DUMP (JSON_COMPACT | JSON_REAL_PRECISION(15))

int compare_write_json(const struct comparison *comparison, bool all, json_t *gates, FILE *out)
{
    json_t *head = compare_head_json(comparison);
    char *text = json_dumps(head, DUMP);
    json_decref(head);
    if (!text)
        return -EIO;
    text[strlen(text) - 1] = 0; /* the closing brace comes last */
    fprintf(out, "%s,\n\"demos\":[", text);
    free(text);
    int result = 0;
    for (size_t i = 0; i < comparison->pair_count && result == 0; i++) {
        json_t *demo = compare_demo_json(comparison, i, all);
        fputs(i ? ",\n" : "\n", out);
        result = json_dumpf(demo, out, DUMP);
        json_decref(demo);
    }
    fputc(']', out);
    if (gates && result == 0) {
        fputs(",\n\"gates\":", out);
        result = json_dumpf(gates, out, DUMP);
    }
    fputs("}\n", out);
    return result == 0 && !ferror(out) ? 0 : -EIO;
}
