#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/summary/broken.h"
#include "runner/summary/shapes.h"
#include "runner/summary/shown.h"
#include "runner/summary/summary.h"
#include "runner/summary/trials.h"

/* Reads one figure of a trial; NAN where it is not known. */
typedef double (*reader)(const struct kept_trial *trial, enum metric_id id);

static double read_value(const struct kept_trial *trial, enum metric_id id)
{
    return trial->values[id].known ? trial->values[id].value : NAN;
}

static double read_p99(const struct kept_trial *trial, enum metric_id id)
{
    return trial->values[id].known ? trial->values[id].p99 : NAN;
}

static double read_events_per_s(const struct kept_trial *trial, enum metric_id id)
{
    (void)id;
    return trial->duration_ns ? (double)trial->event_count * 1e9 / (double)trial->duration_ns : NAN;
}

static double read_bytes_per_event(const struct kept_trial *trial, enum metric_id id)
{
    (void)id;
    return trial->event_count ? (double)trial->event_bytes / (double)trial->event_count : NAN;
}

static struct sample sample_of(const struct kept_demo *demo, enum trial_role role, enum metric_id id,
                               reader read)
{
    struct sample sample = {calloc(demo->count + 1, sizeof *sample.values), 0};
    for (size_t i = 0; sample.values && i < demo->count; i++)
        if (demo->trials[i].role == role)
            sample.values[sample.count++] = read(&demo->trials[i], id);
    return sample;
}

static bool has_role(const struct kept_demo *demo, enum trial_role role)
{
    for (size_t i = 0; i < demo->count; i++)
        if (demo->trials[i].role == role)
            return true;
    return false;
}

/* Losses and reasons of the trials; false where no trial says anything about the metric. */
static bool set_remarks(json_t *json, const struct kept_demo *demo, enum trial_role role, enum metric_id id)
{
    bool any = false;
    bool lossy = false;
    uint64_t lost = 0;
    const char *reason = NULL;
    for (size_t i = 0; i < demo->count; i++) {
        const struct kept_value *value = &demo->trials[i].values[id];
        if (demo->trials[i].role != role)
            continue;
        any |= value->known || value->reason;
        lossy |= value->lossy;
        lost += value->lossy ? value->lost : 0;
        if (!value->known && value->reason)
            reason = value->reason;
    }
    json_object_set_new(json, "lossy", json_boolean(lossy));
    if (lossy)
        json_object_set_new(json, "lost", metric_number((double)lost));
    if (reason)
        json_object_set_new(json, "reason", json_string(reason));
    return any;
}

static json_t *metric_json(const struct kept_demo *demo, enum trial_role role, const struct metric_info *info)
{
    json_t *json = json_object();
    json_object_set_new(json, "unit", json_string(metric_unit_name(info->unit)));
    struct sample sample = sample_of(demo, role, info->id, read_value);
    shape_sample(json, &sample);
    free(sample.values);
    if (info->distribution) {
        json_t *p99 = json_object();
        sample = sample_of(demo, role, info->id, read_p99);
        shape_sample(p99, &sample);
        free(sample.values);
        json_object_set_new(json, "p99", p99);
    }
    if (set_remarks(json, demo, role, info->id))
        return json;
    json_decref(json);
    return NULL;
}

static json_t *role_json(const struct kept_demo *demo, enum trial_role role)
{
    json_t *json = json_object();
    for (unsigned id = 0; id < METRIC_ID_COUNT; id++) {
        const struct metric_info *info = metric_info((enum metric_id)id);
        json_t *metric = metric_json(demo, role, info);
        if (metric)
            json_object_set_new(json, info->name, metric);
    }
    return json;
}

static json_t *numbers_json(const struct kept_demo *demo, enum trial_role role)
{
    json_t *json = json_array();
    for (size_t i = 0; i < demo->count; i++)
        if (demo->trials[i].role == role)
            json_array_append_new(json, json_integer(demo->trials[i].number));
    return json;
}

static json_t *verdicts_json(const struct kept_demo *demo, enum trial_role role)
{
    json_t *json = json_object();
    for (size_t i = 0; i < demo->count; i++) {
        const char *verdict = demo->trials[i].verdict;
        if (demo->trials[i].role != role)
            continue;
        json_int_t count = json_integer_value(json_object_get(json, verdict));
        json_object_set_new(json, verdict, json_integer(count + 1));
    }
    return json;
}

/* x of one kind of trial to y of another, by one metric. */
static json_t *ratio_json(const struct kept_demo *x, enum trial_role x_role, const struct kept_demo *y,
                          enum trial_role y_role, enum metric_id id)
{
    struct sample a = sample_of(x, x_role, id, read_value);
    struct sample b = sample_of(y, y_role, id, read_value);
    json_t *json = shape_ratio(&a, &b);
    free(a.values);
    free(b.values);
    return json;
}

static json_t *ratios_json(const struct kept_demo *x, enum trial_role x_role, const struct kept_demo *y,
                           enum trial_role y_role)
{
    json_t *json = json_object();
    for (unsigned i = 0; i < METRIC_ID_COUNT; i++) {
        enum metric_id id = (enum metric_id)i;
        struct sample a = sample_of(x, x_role, id, read_value);
        struct sample known = sample_known(&a);
        if (known.count)
            json_object_set_new(json, metric_info(id)->name, ratio_json(x, x_role, y, y_role, id));
        free(a.values);
        free(known.values);
    }
    return json;
}

static json_t *rate_json(const struct kept_demo *demo, const char *unit, reader read)
{
    json_t *json = json_object();
    json_object_set_new(json, "unit", json_string(unit));
    struct sample sample = sample_of(demo, ROLE_OBSERVED, 0, read);
    shape_sample(json, &sample);
    free(sample.values);
    return json;
}

static json_t *observer_json(const struct kept_demo *demo)
{
    json_t *json = json_object();
    json_object_set_new(json, "cpu_ratio", ratio_json(demo, ROLE_OBSERVED, demo, ROLE_BARE, METRIC_CPU_TIME));
    json_object_set_new(json, "wall_ratio",
                        ratio_json(demo, ROLE_OBSERVED, demo, ROLE_BARE, METRIC_TIME_WALL));
    json_object_set_new(json, "events_per_s", rate_json(demo, "per_s", read_events_per_s));
    json_object_set_new(json, "bytes_per_event", rate_json(demo, "bytes", read_bytes_per_event));
    return json;
}

static json_t *comparison_json(const struct kept_demo *demo, const struct kept_demo *baseline)
{
    json_t *json = json_object();
    for (int role = ROLE_BARE; role <= ROLE_OBSERVED; role++)
        json_object_set_new(json, trial_role_name((enum trial_role)role),
                            ratios_json(demo, (enum trial_role)role, baseline, (enum trial_role)role));
    return json;
}

static json_t *demo_json(const struct kept_demo *demo, const struct kept_demo *baseline)
{
    static const enum trial_role roles[] = {ROLE_BARE, ROLE_OBSERVED, ROLE_AA};
    json_t *json = json_object();
    json_t *numbers = json_object();
    json_t *verdicts = json_object();
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        const char *name = trial_role_name(roles[i]);
        if (!has_role(demo, roles[i]))
            continue;
        json_object_set_new(json, name, role_json(demo, roles[i]));
        json_object_set_new(numbers, name, numbers_json(demo, roles[i]));
        json_object_set_new(verdicts, name, verdicts_json(demo, roles[i]));
    }
    json_int_t unexpected = 0;
    for (size_t i = 0; i < demo->count; i++)
        unexpected += !demo->trials[i].expected;
    json_object_set_new(json, "trials", numbers);
    json_object_set_new(json, "verdicts", verdicts);
    json_object_set_new(json, "unexpected", json_integer(unexpected));
    json_object_set_new(json, "findings", shown_json(demo));
    json_object_set_new(json, "findings_not_looked_for", shown_not_looked_for_json(demo));
    json_object_set_new(json, "bounds_broken", broken_json(demo));
    if (has_role(demo, ROLE_OBSERVED))
        json_object_set_new(json, "observer", observer_json(demo));
    if (baseline && baseline != demo)
        json_object_set_new(json, "comparison", comparison_json(demo, baseline));
    if (has_role(demo, ROLE_AA))
        json_object_set_new(json, "noise", ratios_json(demo, ROLE_AA, demo, ROLE_BARE));
    return json;
}

json_t *summary_json(const struct summary *summary)
{
    const struct kept_demo *baseline = NULL;
    for (size_t i = 0; i < summary->demo_count; i++)
        if (strcmp(summary->demos[i].name, summary->baseline) == 0)
            baseline = &summary->demos[i];
    json_t *demos = json_object();
    for (size_t i = 0; i < summary->demo_count; i++)
        json_object_set_new(demos, summary->demos[i].name, demo_json(&summary->demos[i], baseline));
    return json_pack("{s: i, s: s, s: s, s: f, s: o}", "schema", SUMMARY_SCHEMA, "experiment",
                     summary->experiment, "baseline", summary->baseline, "level", SUMMARY_LEVEL, "demos",
                     demos);
}
