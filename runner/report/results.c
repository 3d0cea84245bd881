#include "runner/report/results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/findings/findings.h"

static char *copy(const char *text)
{
    return text ? strdup(text) : NULL;
}

static void add(struct results *results, enum result_kind kind, enum result_outcome outcome, size_t bundle,
                const char *demo, const char *name, const char *text)
{
    struct result *grown = reallocarray(results->list, results->count + 1, sizeof *grown);
    if (!grown) {
        results->no_memory = true;
        return;
    }
    results->list = grown;
    grown[results->count++] = (struct result){kind, outcome, bundle, copy(demo), copy(name), copy(text), 0};
    const struct result *last = &grown[results->count - 1];
    results->no_memory |= (demo && !last->demo) || !last->name || !last->text;
}

/* --- verdicts ------------------------------------------------------------------------------------------- */

static double seconds_of(const struct measured_demo *demo)
{
    double sum = 0;
    const struct sample *samples[] = {measured_sample(demo, METRIC_TIME_WALL, PART_VALUE),
                                      demo->copy ? &demo->copy->samples[METRIC_TIME_WALL][PART_VALUE] : NULL};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        for (unsigned t = 0; samples[i] && t < samples[i]->n; t++)
            sum += samples[i]->known[t] > 0 ? samples[i]->known[t] / 1e9 : 0;
    return isfinite(sum) ? sum : 0;
}

/* "3 of 10 trials did not do what the manifest expects (7 ok, 3 panic)" */
static void tell_verdicts(const struct measured_demo *demo, unsigned unlike, unsigned all, char *to,
                          size_t size)
{
    size_t used =
        (size_t)snprintf(to, size, "%u of %u trials did not do what the manifest expects", unlike, all);
    bool any = false;
    for (unsigned verdict = 0; verdict < VERDICT_COUNT; verdict++) {
        unsigned count = 0;
        for (size_t of = 0; of < OF_COUNT; of++)
            count += demo->trials[of].verdicts[verdict];
        if (count && used < size)
            used += (size_t)snprintf(to + used, size - used, "%s%u %s", any ? ", " : " (", count,
                                     verdict_name((enum verdict)verdict));
        any |= count > 0;
    }
    if (any && used < size)
        snprintf(to + used, size - used, ")");
}

static void add_verdict(struct results *results, size_t bundle, const struct measured_demo *demo)
{
    char text[512] = "";
    unsigned invalid = 0, all = 0;
    enum result_outcome outcome = RESULT_GOOD;
    for (size_t of = 0; of < OF_COUNT; of++) {
        invalid += demo->trials[of].invalid;
        all += demo->trials[of].count;
    }
    unsigned unlike = demo->unexpected > invalid ? demo->unexpected - invalid : 0;
    if (unlike) {
        outcome = RESULT_BAD;
        tell_verdicts(demo, unlike, all, text, sizeof text);
    } else if (invalid) {
        outcome = RESULT_UNDECIDED;
        snprintf(text, sizeof text, "the load of %u of %u trials was invalid: they say nothing of the demo",
                 invalid, all);
    } else if (!all) {
        outcome = RESULT_UNDECIDED;
        snprintf(text, sizeof text, "no trial of it was finished");
    }
    size_t before = results->count;
    add(results, RESULT_VERDICT, outcome, bundle, demo->name, "expected verdict", text);
    if (results->count > before)
        results->list[before].seconds = seconds_of(demo);
}

/* Demos that have no figures: not built, or never tried. */
static void add_absent(struct results *results, size_t place, const struct measured *bundle)
{
    const char *name;
    json_t *facts;
    json_object_foreach (json_object_get(bundle->facts, "demos"), name, facts) {
        const char *failure = json_string_value(json_object_get(facts, "failure"));
        if (measured_find(bundle, name))
            continue;
        if (json_is_true(json_object_get(facts, "built")))
            add(results, RESULT_VERDICT, RESULT_UNDECIDED, place, name, "expected verdict",
                "no trial of it was finished");
        else
            add(results, RESULT_VERDICT, RESULT_BROKEN, place, name, "build",
                failure ? failure : "it did not build");
    }
}

/* --- gates and findings --------------------------------------------------------------------------------- */

static void add_gate(struct results *results, size_t bundle, const json_t *gate)
{
    const char *verdict = json_string_value(json_object_get(gate, "verdict")),
               *text = json_string_value(json_object_get(gate, "gate")),
               *why = json_string_value(json_object_get(gate, "why"));
    enum result_outcome outcome = !verdict                       ? RESULT_UNDECIDED
                                  : strcmp(verdict, "pass") == 0 ? RESULT_GOOD
                                  : strcmp(verdict, "fail") == 0 ? RESULT_BAD
                                                                 : RESULT_UNDECIDED;
    add(results, RESULT_GATE, outcome, bundle, json_string_value(json_object_get(gate, "demo")),
        text ? text : "gate", why ? why : "");
}

/* The last bundle of the name that the gate's row has: gates are asked of those behind the first. */
static size_t bundle_of(const json_t *gate, const struct measured *const *bundles, size_t count)
{
    const char *name = json_string_value(json_object_get(gate, "bundle"));
    for (size_t i = count; name && i-- > 0;)
        if (bundles[i]->name && strcmp(bundles[i]->name, name) == 0)
            return i;
    return count ? count - 1 : 0;
}

static enum result_outcome severity_of(const char *finding)
{
    static const enum result_outcome outcomes[] = {[SEVERITY_NONE] = RESULT_NOTE,
                                                   [SEVERITY_NOTE] = RESULT_NOTE,
                                                   [SEVERITY_WARNING] = RESULT_WARNING,
                                                   [SEVERITY_SERIOUS] = RESULT_SERIOUS};
    for (unsigned id = 0; id < FINDING_COUNT; id++)
        if (strcmp(finding_info((enum finding_id)id)->name, finding) == 0)
            return outcomes[finding_info((enum finding_id)id)->severity];
    return RESULT_NOTE;
}

static void add_findings(struct results *results, size_t bundle, const struct measured_demo *demo)
{
    for (size_t i = 0; i < demo->finding_count; i++) {
        const struct measured_finding *finding = &demo->findings[i];
        char text[1200];
        if (!finding->shown)
            continue;
        snprintf(text, sizeof text, "%s%sin %u of %u trials", finding->sentence ? finding->sentence : "",
                 finding->sentence ? " - " : "", finding->shown, finding->looked);
        add(results, RESULT_FINDING, severity_of(finding->name), bundle, demo->name, finding->name, text);
    }
}

void results_make(struct results *results, const struct measured *const *bundles, size_t count,
                  const json_t *gates)
{
    size_t index;
    const json_t *gate;
    *results = (struct results){0};
    for (size_t i = 0; i < count; i++) {
        const char *failure = json_string_value(json_object_get(bundles[i]->facts, "failure"));
        if (!json_is_true(json_object_get(bundles[i]->facts, "complete")))
            add(results, RESULT_EXPERIMENT, RESULT_UNDECIDED, i, NULL, "runs to its end",
                failure ? failure : "it did not run to its end");
        for (size_t j = 0; j < bundles[i]->demo_count; j++)
            add_verdict(results, i, &bundles[i]->demos[j]);
        add_absent(results, i, bundles[i]);
        json_array_foreach (gates, index, gate)
            if (bundle_of(gate, bundles, count) == i)
                add_gate(results, i, gate);
        for (size_t j = 0; j < bundles[i]->demo_count; j++)
            add_findings(results, i, &bundles[i]->demos[j]);
    }
}

static void swap(struct result *a, struct result *b)
{
    struct result kept = *a;
    *a = *b;
    *b = kept;
}

/* Few, and most of them in order: an insertion keeps what is alike where it was. */
void results_sort(struct results *results)
{
    for (size_t i = 1; i < results->count; i++)
        for (size_t j = i; j > 0 && results->list[j].outcome > results->list[j - 1].outcome; j--)
            swap(&results->list[j], &results->list[j - 1]);
}

void results_free(struct results *results)
{
    for (size_t i = 0; i < results->count; i++) {
        free(results->list[i].demo);
        free(results->list[i].name);
        free(results->list[i].text);
    }
    free(results->list);
    *results = (struct results){0};
}
