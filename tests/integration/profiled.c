#include "tests/integration/profiled.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

void profiled_open(struct profiled *profiled, const struct lab *lab, const char *demo)
{
    char path[512], file[600];
    *profiled = (struct profiled){.trial = lab_trial(lab, demo, "observed", 0)};
    lab_trial_path(lab, demo, "observed", 0, path, sizeof path);
    snprintf(file, sizeof file, "%s/profile.json", path);
    profiled->profile = json_load_file(file, 0, NULL);
    cr_assert(profiled->profile, "%s; runner said:\n%s%s", file, lab->err, lab->out);
    profiled->nodes = json_array_size(json_object_get(json_object_get(profiled->profile, "nodes"), "parent"));
}

void profiled_close(struct profiled *profiled)
{
    json_decref(profiled->trial);
    json_decref(profiled->profile);
}

static json_int_t column(const struct profiled *profiled, const char *name, size_t node)
{
    const json_t *nodes = json_object_get(profiled->profile, "nodes");
    return json_integer_value(json_array_get(json_object_get(nodes, name), node));
}

static const char *text(const struct profiled *profiled, json_int_t function, const char *key)
{
    const json_t *row = json_array_get(json_object_get(profiled->profile, "functions"), (size_t)function);
    return json_string_value(json_object_get(row, key));
}

static bool is_group(const struct profiled *profiled, json_int_t index, const struct wanted *wanted)
{
    const json_t *group = json_array_get(json_object_get(profiled->profile, "groups"), (size_t)index);
    const char *kind = json_string_value(json_object_get(group, "kind"));
    const json_t *function = json_object_get(group, "function"), *creator = json_object_get(group, "creator");
    if (wanted->kind && strcmp(wanted->kind, kind) != 0)
        return false;
    if (wanted->function &&
        (!json_is_integer(function) ||
         strcmp(text(profiled, json_integer_value(function), "name"), wanted->function) != 0))
        return false;
    return !wanted->creator ||
           (json_is_integer(creator) &&
            strcmp(text(profiled, json_integer_value(creator), "name"), wanted->creator) == 0);
}

static bool is_wanted(const struct profiled *profiled, size_t node, const struct wanted *wanted)
{
    size_t through = 0, also = 0, of_kind = 0;
    json_int_t at = (json_int_t)node, last = at;
    const char *name = text(profiled, column(profiled, "function", node), "name");
    if (wanted->innermost && strcmp(name, wanted->innermost) != 0)
        return false;
    while (at >= 0) {
        json_int_t function = column(profiled, "function", (size_t)at);
        name = text(profiled, function, "name");
        through += wanted->through && strcmp(name, wanted->through) == 0;
        also += wanted->also && strcmp(name, wanted->also) == 0;
        of_kind += wanted->has_kind && strcmp(text(profiled, function, "kind"), wanted->has_kind) == 0;
        last = at;
        at = column(profiled, "parent", (size_t)at);
    }
    name = text(profiled, column(profiled, "function", (size_t)last), "name");
    return is_group(profiled, -1 - at, wanted) && (!wanted->through || through) &&
           (!wanted->times || through == wanted->times) && (!wanted->also || also) &&
           (!wanted->has_kind || of_kind) && (!wanted->outermost || strcmp(name, wanted->outermost) == 0);
}

uint64_t profiled_count(const struct profiled *profiled, const struct wanted *wanted)
{
    uint64_t samples = 0;
    for (size_t i = 0; i < profiled->nodes; i++)
        if (column(profiled, "samples", i) > 0 && is_wanted(profiled, i, wanted))
            samples += (uint64_t)column(profiled, "samples", i);
    return samples;
}

int64_t profiled_figure(const struct profiled *profiled, const char *block, const char *key)
{
    const json_t *object = json_object_get(profiled->trial, "profile");
    const json_t *value = json_object_get(block ? json_object_get(object, block) : object, key);
    return json_is_integer(value) ? json_integer_value(value) : -1;
}
