#include "runner/summary/shown.h"

#include <string.h>

#include "runner/findings/findings.h"

static enum trial_role role_of(const struct finding_info *info)
{
    return info->needs & NEED_BARE ? ROLE_BARE : ROLE_OBSERVED;
}

/* The reason why this trial could not look for it; NULL: it did. */
static const char *why_not(const struct kept_trial *trial, const char *name)
{
    size_t i;
    const json_t *row;
    if (trial->load_invalid)
        return "load_invalid";
    if (!trial->findings)
        return "it was not judged";
    json_array_foreach (trial->not_looked_for, i, row)
        if (strcmp(json_string_value(json_object_get(row, "name")), name) == 0)
            return json_string_value(json_object_get(row, "reason"));
    return NULL;
}

/* Those of a trial with that name; an empty list where it shows none. */
static json_t *of_name(const struct kept_trial *trial, const char *name)
{
    size_t i;
    json_t *row;
    json_t *list = json_array();
    json_array_foreach (trial->findings, i, row)
        if (strcmp(json_string_value(json_object_get(row, "name")), name) == 0)
            json_array_append(list, row);
    return list;
}

/* How one finding fared over the trials of its role. */
struct tally {
    size_t trials, looked, shown;
    const char *reason; /* of the last trial that could not look */
    json_t *numbers, *examples;
};

static struct tally tally_of(const struct kept_demo *demo, const struct finding_info *info)
{
    struct tally tally = {.numbers = json_array(), .reason = "there was no observed trial"};
    if (role_of(info) == ROLE_BARE)
        tally.reason = "there was no bare trial";
    for (size_t i = 0; i < demo->count; i++) {
        const struct kept_trial *trial = &demo->trials[i];
        if (trial->role != role_of(info))
            continue;
        const char *reason = why_not(trial, info->name);
        tally.trials++;
        if (reason) {
            tally.reason = reason;
            continue;
        }
        tally.looked++;
        json_t *examples = of_name(trial, info->name);
        if (json_array_size(examples)) {
            tally.shown++;
            json_array_append_new(tally.numbers, json_integer(trial->number));
            if (!tally.examples)
                tally.examples = json_incref(examples);
        }
        json_decref(examples);
    }
    return tally;
}

static json_t *row_json(const struct finding_info *info, const struct tally *tally)
{
    json_t *row = json_object();
    json_object_set_new(row, "name", json_string(info->name));
    json_object_set_new(row, "severity", json_string(severity_name(info->severity)));
    json_object_set_new(row, "role", json_string(trial_role_name(role_of(info))));
    json_object_set_new(row, "shown", json_integer((json_int_t)tally->shown));
    json_object_set_new(row, "of", json_integer((json_int_t)tally->looked));
    json_object_set_new(row, "any", json_boolean(tally->shown > 0));
    json_object_set_new(row, "median", json_boolean(2 * tally->shown > tally->looked));
    json_object_set(row, "trials", tally->numbers);
    json_object_set(row, "examples", tally->examples);
    return row;
}

json_t *shown_json(const struct kept_demo *demo)
{
    json_t *list = json_array();
    for (unsigned id = 0; id < FINDING_COUNT; id++) {
        const struct finding_info *info = finding_info((enum finding_id)id);
        struct tally tally = tally_of(demo, info);
        if (tally.shown)
            json_array_append_new(list, row_json(info, &tally));
        json_decref(tally.numbers);
        json_decref(tally.examples);
    }
    return list;
}

json_t *shown_not_looked_for_json(const struct kept_demo *demo)
{
    json_t *list = json_array();
    for (unsigned id = 0; id < FINDING_COUNT; id++) {
        const struct finding_info *info = finding_info((enum finding_id)id);
        struct tally tally = tally_of(demo, info);
        if (tally.looked == 0)
            json_array_append_new(list,
                                  json_pack("{s: s, s: s}", "name", info->name, "reason", tally.reason));
        json_decref(tally.numbers);
        json_decref(tally.examples);
    }
    return list;
}
