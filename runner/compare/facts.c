#include "runner/compare/facts.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/stats/rank_test.h"
#include "runner/support/fd.h"

#define STEAL_MAX 0.01 /* share of the CPUs' time, as `runner check` has it */
#define DRIFT_Z   3.3  /* of a rank correlation with time: by chance once in a thousand figures */

int warnings_add(struct comparison *comparison, const char *kind, bool refuses, const char *format, ...)
{
    va_list args;
    char *text = NULL;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0)
        return -ENOMEM;
    for (size_t i = 0; i < comparison->warning_count; i++)
        if (strcmp(comparison->warnings[i].text, text) == 0) {
            free(text);
            return 0;
        }
    struct warning *grown = reallocarray(comparison->warnings, comparison->warning_count + 1, sizeof *grown);
    if (!grown) {
        free(text);
        return -ENOMEM;
    }
    comparison->warnings = grown;
    grown[comparison->warning_count++] = (struct warning){kind, text, refuses};
    return 0;
}

/* --- conditions of two bundles -------------------------------------------------------------------------- */

/* A row a condition that must be alike. */
static const struct condition {
    const char *kind;
    const char *path[3]; /* in experiment.json */
    const char *says;    /* "the CPU is" */
    bool refuses;
} conditions[] = {
    {"cpu", {"environment", "cpu_model"}, "the CPU is", true},
    {"cpu", {"environment", "machine"}, "the architecture is", true},
    {"cpu", {"environment", "cpus_online"}, "the CPUs online are", true},
    {"cpu", {"environment", "governor"}, "the frequency governor is", true},
    {"cpu", {"environment", "turbo"}, "turbo is", true},
    {"cpu", {"environment", "boost"}, "boost is", true},
    {"cpu", {"environment", "smt"}, "SMT is", true},
    {"cpu", {"environment", "cpu_microcode"}, "the microcode is", false},
    {"kernel", {"environment", "kernel_release"}, "the kernel is", true},
    {"kernel", {"environment", "kernel_options"}, "the kernel's options are", true},
    {"kernel", {"environment", "huge_pages"}, "transparent huge pages are", true},
    {"load", {"manifest", "load"}, "the load is", true},
    {"probes", {"manifest", "probes", "go"}, "the level of the Go probes is", false},
    {"runner", {"runner_version"}, "runner is", false},
};

static const json_t *at_path(const json_t *facts, const char *const *path, size_t length)
{
    const json_t *at = facts;
    for (size_t i = 0; i < length && path[i]; i++)
        at = json_object_get(at, path[i]);
    return at;
}

static bool alike(const json_t *a, const json_t *b)
{
    if (!a || json_is_null(a) || !b || json_is_null(b))
        return (!a || json_is_null(a)) == (!b || json_is_null(b));
    return json_equal(a, b);
}

/* A value as text, cut to what a sentence can hold; freed by the caller. */
static char *shown(const json_t *value)
{
    char *text = NULL;
    if (!value || json_is_null(value))
        return strdup("not set");
    if (json_is_string(value))
        return asprintf(&text, "%.100s", json_string_value(value)) < 0 ? NULL : text;
    char *dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
    if (dump && asprintf(&text, "%.100s%s", dump, strlen(dump) > 100 ? "..." : "") < 0)
        text = NULL;
    free(dump);
    return text;
}

static int differ(struct comparison *comparison, const char *kind, bool refuses, const char *says,
                  const json_t *first, const char *first_name, const json_t *other, const char *other_name)
{
    if (alike(first, other))
        return 0;
    AUTO_FREE char *one = shown(first);
    AUTO_FREE char *two = shown(other);
    if (!one || !two)
        return -ENOMEM;
    return warnings_add(comparison, kind, refuses, "%s %s in %s and %s in %s", says, one, first_name, two,
                        other_name);
}

static int compare_limits(struct comparison *comparison, const struct measured *first,
                          const struct measured *other)
{
    static const char *const paths[][3] = {{"manifest", "controls"}, {"manifest", "controls", "cgroup"}};
    int result = 0;
    for (size_t i = 0; i < 2 && result == 0; i++) {
        const json_t *one = at_path(first->facts, paths[i], 3), *two = at_path(other->facts, paths[i], 3);
        const char *key;
        json_t *value;
        char says[96];
        json_object_foreach ((json_t *)one, key, value) {
            if (json_is_object(value) || strcmp(key, "slice") == 0 || strcmp(key, "require") == 0)
                continue;
            snprintf(says, sizeof says, "controls: %.60s is", key);
            if (result == 0)
                result = differ(comparison, "limits", true, says, value, first->label,
                                json_object_get(two, key), other->label);
        }
    }
    return result;
}

/* "v2 identity at /sys/fs/..., v1 cpu at /sys/..." less the places: a container has others each time. */
static json_t *enforcement_of(const struct measured *measured)
{
    const char *text = json_string_value(json_object_get(measured->facts, "enforcement"));
    if (!text)
        return NULL;
    AUTO_FREE char *kept = calloc(strlen(text) + 1, 1);
    for (size_t used = 0; kept && *text;) {
        if (strncmp(text, " at /", 5) == 0)
            text += strcspn(text, ",");
        else
            kept[used++] = *text++;
    }
    return kept ? json_string(kept) : NULL;
}

static int compare_enforcement(struct comparison *comparison, const struct measured *first,
                               const struct measured *other)
{
    json_t *one = enforcement_of(first), *two = enforcement_of(other);
    int result = differ(comparison, "enforcement", true, "limits are enforced by", one, first->label, two,
                        other->label);
    json_decref(one);
    json_decref(two);
    return result;
}

static int compare_bundles(struct comparison *comparison, const struct measured *first,
                           const struct measured *other)
{
    int result = 0;
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions && result == 0; i++) {
        const struct condition *condition = &conditions[i];
        result = differ(comparison, condition->kind, condition->refuses, condition->says,
                        at_path(first->facts, condition->path, 3), first->label,
                        at_path(other->facts, condition->path, 3), other->label);
    }
    if (result == 0)
        result = compare_limits(comparison, first, other);
    return result ? result : compare_enforcement(comparison, first, other);
}

/* Whether a comma-separated list holds the setting. */
static bool holds(const char *list, const char *setting, size_t length)
{
    for (const char *at = list; *at; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == length && strncmp(at, setting, length) == 0)
            return true;
    return false;
}

/* The settings that the other has not: two defaults of GODEBUG have twenty in common. What is no text is
   taken as it is. A new reference; NULL where there is nothing. */
static json_t *own_settings(json_t *one, const json_t *other)
{
    const char *text = json_string_value(one), *list = json_string_value(other);
    if (!text || !list)
        return json_incref(one);
    AUTO_FREE char *kept = calloc(strlen(text) + 2, 1);
    size_t used = 0;
    for (size_t length; kept && *text; text += length, text += *text == ',') {
        length = strcspn(text, ",");
        if (holds(list, text, length))
            continue;
        if (used)
            kept[used++] = ',';
        memcpy(kept + used, text, length);
        used += length;
    }
    return used ? json_string(kept) : NULL;
}

/* --- two demos ------------------------------------------------------------------------------------------ */

static int compare_builds(struct comparison *comparison, const struct pair *pair)
{
    static const struct {
        const char *kind, *key, *says;
        bool refuses; /* between bundles; within one it is what the experiment asks */
    } facts[] = {
        {"go", "go_version", "Go is", true},
        {"go_line", "go_line", "go.mod's go line, which decides semantics, is", false},
        {"godebug", "godebug_default", "the default GODEBUG, which decides semantics, is", false},
    };
    bool within = pair->bundle == pair->base_bundle;
    char one[300], two[300];
    int result = 0;
    snprintf(one, sizeof one, "%.250s", within ? pair->base->name : pair->base_bundle->label);
    snprintf(two, sizeof two, "%.250s", within ? pair->demo->name : pair->bundle->label);
    for (size_t i = 0; i < sizeof facts / sizeof *facts && result == 0; i++) {
        const char *const first[] = {"demos", pair->base->name, facts[i].key};
        const char *const other[] = {"demos", pair->demo->name, facts[i].key};
        const json_t *base = at_path(pair->base_bundle->facts, first, 3);
        const json_t *self = at_path(pair->bundle->facts, other, 3);
        json_t *base_own = own_settings((json_t *)base, self), *self_own = own_settings((json_t *)self, base);
        result = differ(comparison, facts[i].kind, facts[i].refuses && !within, facts[i].says, base_own, one,
                        self_own, two);
        json_decref(base_own);
        json_decref(self_own);
    }
    return result;
}

/* Of figures that people look at first; in others something always drifts. */
static int look_for_drift(struct comparison *comparison, const struct measured *bundle,
                          const struct measured_demo *demo, const struct row *row,
                          const struct sample *sample)
{
    if (!row_is_main(row) || row->part != PART_VALUE || sample->n < 8)
        return 0;
    double drift = stats_drift(sample->known, sample->n);
    if (isnan(drift)) /* all values are alike */
        return 0;
    if (!(atanh(fmin(fabs(drift), 0.999999)) * sqrt(((double)sample->n - 3) / 1.06) > DRIFT_Z))
        return 0;
    return warnings_add(comparison, "drift", false,
                        "%s of %s in %s drifts: it %s from trial to trial (rank correlation %.2f)",
                        metric_info(row->metric)->name, demo->name, bundle->label,
                        drift > 0 ? "grows" : "falls", drift);
}

/* --- one bundle ----------------------------------------------------------------------------------------- */

static int look_at_losses(struct comparison *comparison, const struct measured *bundle)
{
    char names[160] = "";
    size_t count = 0, used = 0;
    for (unsigned id = 0; id < METRIC_ID_COUNT; id++) {
        bool lossy = false;
        for (size_t i = 0; i < bundle->demo_count; i++)
            lossy |= measured_sample(&bundle->demos[i], id, PART_VALUE)->lossy;
        if (!lossy)
            continue;
        if (count++ < 3 && used < sizeof names)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "",
                                     metric_info(id)->name);
    }
    if (!count)
        return 0;
    return warnings_add(comparison, "lossy", false, "events were lost in %s: %zu figures (%s%s) %s",
                        bundle->label, count, names, count > 3 ? ", ..." : "",
                        comparison->judge_lossy ? "may be off" : "are shown, and not judged");
}

static int look_at_trials(struct comparison *comparison, const struct measured *bundle)
{
    int result = 0;
    for (size_t i = 0; i < bundle->demo_count && result == 0; i++) {
        const struct measured_demo *demo = &bundle->demos[i];
        unsigned invalid = 0, all = 0;
        for (size_t of = 0; of < OF_COUNT; of++) {
            invalid += demo->trials[of].invalid;
            all += demo->trials[of].count;
        }
        unsigned others = demo->unexpected > invalid ? demo->unexpected - invalid : 0;
        if (invalid)
            result =
                warnings_add(comparison, "invalid_trials", true,
                             "the load of %u of %u trials of %s in %s was invalid: their figures don't count",
                             invalid, all, demo->name, bundle->label);
        if (others && result == 0)
            result = warnings_add(comparison, "unexpected", true,
                                  "%u of %u trials of %s in %s did not do what the manifest expects", others,
                                  all, demo->name, bundle->label);
    }
    return result;
}

/* What the hypervisor took while the experiment ran. */
static int look_at_steal(struct comparison *comparison, const struct measured *bundle)
{
    double ticks[2], steal[2];
    static const char *const when[] = {"before", "after"};
    for (size_t i = 0; i < 2; i++) {
        const json_t *noise = json_object_get(json_object_get(bundle->facts, "noise"), when[i]);
        ticks[i] = json_number_value(json_object_get(noise, "cpu_ticks"));
        steal[i] = json_number_value(json_object_get(noise, "steal_ticks"));
    }
    double share = ticks[1] > ticks[0] ? (steal[1] - steal[0]) / (ticks[1] - ticks[0]) : 0;
    return share > STEAL_MAX ? warnings_add(comparison, "host", false,
                                            "the hypervisor took %.1f%% of the CPUs' time while %s ran",
                                            share * 100, bundle->label)
                             : 0;
}

static int look_at(struct comparison *comparison, const struct measured *bundle)
{
    int result = 0;
    if (bundle->altered)
        result = warnings_add(comparison, "altered", true, "%s: %s", bundle->label, bundle->altered);
    if (result == 0 && !json_is_true(json_object_get(bundle->facts, "complete")))
        result = warnings_add(comparison, "incomplete", true, "%s did not run to its end", bundle->label);
    if (result == 0 && bundle->unknown)
        result =
            warnings_add(comparison, "unknown_metrics", false,
                         "%s has metrics that this runner does not know: %s", bundle->label, bundle->unknown);
    if (result == 0)
        result = look_at_trials(comparison, bundle);
    if (result == 0)
        result = look_at_losses(comparison, bundle);
    return result ? result : look_at_steal(comparison, bundle);
}

int facts_compare(struct comparison *comparison, struct error *error)
{
    int result = 0;
    for (size_t i = 1; i < comparison->bundle_count && result == 0; i++)
        result = compare_bundles(comparison, &comparison->bundles[0], &comparison->bundles[i]);
    for (size_t i = 0; i < comparison->bundle_count && result == 0; i++)
        result = look_at(comparison, &comparison->bundles[i]);
    for (size_t i = 0; i < comparison->pair_count && result == 0; i++) {
        const struct pair *pair = &comparison->pairs[i];
        result = compare_builds(comparison, pair);
        for (size_t j = 0; j < pair->row_count && result == 0; j++) {
            const struct row *row = &pair->rows[j];
            result = look_for_drift(comparison, pair->base_bundle, pair->base, row, row->baseline);
            if (result == 0)
                result = look_for_drift(comparison, pair->bundle, pair->demo, row, row->self);
        }
    }
    return result < 0 ? error_set(error, ERROR_INTERNAL, -result, "compare the bundles") : 0;
}
