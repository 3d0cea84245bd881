#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runner/profile/state.h"
#include "runner/store/files.h"

#define GOROUTINES_MOST 1000

static json_t *integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *name_or_null(uint32_t number)
{
    return number == GROUP_NO_NAME ? json_null() : json_integer(number);
}

static json_t *functions_json(const struct names *names)
{
    json_t *array = json_array();
    for (size_t i = 0; i < names->count; i++) {
        const struct name *name = &names->items[i];
        json_t *object = json_object();
        json_object_set_new(object, "name", text_json(name->text, strlen(name->text), NAME_LONGEST));
        json_object_set_new(object, "kind", json_string(name_kind_text(name->kind)));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *groups_json(const struct groups *groups)
{
    json_t *array = json_array();
    for (size_t i = 0; i < groups->count; i++) {
        const struct group *group = &groups->items[i];
        json_t *object = json_object();
        json_object_set_new(object, "kind", json_string(group_kind_text(group->kind)));
        json_object_set_new(object, "function", name_or_null(group->function));
        json_object_set_new(object, "creator", name_or_null(group->creator));
        json_object_set_new(object, "samples", integer(group->samples));
        json_object_set_new(object, "goroutines", integer(group->goroutines));
        json_array_append_new(array, object);
    }
    return array;
}

static json_t *goroutines_json(const struct groups *groups)
{
    size_t count;
    const struct group_goroutine **busiest = groups_busiest(groups, GOROUTINES_MOST, &count);
    json_t *array = busiest ? json_array() : NULL;
    for (size_t i = 0; busiest && i < count; i++) {
        json_t *object = json_object();
        json_object_set_new(object, "goid", integer(busiest[i]->key.id));
        json_object_set_new(object, "pid", json_integer(busiest[i]->key.space));
        json_object_set_new(object, "group", json_integer(busiest[i]->group));
        json_object_set_new(object, "samples", integer(busiest[i]->samples));
        json_array_append_new(array, object);
    }
    free(busiest);
    return array;
}

static json_t *nodes_json(const struct calls *calls)
{
    json_t *parent = json_array();
    json_t *function = json_array();
    json_t *samples = json_array();
    for (size_t i = 0; i < calls->count; i++) {
        json_array_append_new(parent, json_integer(calls->items[i].parent));
        json_array_append_new(function, json_integer(calls->items[i].function));
        json_array_append_new(samples, integer(calls->items[i].samples));
    }
    json_t *object = json_object();
    json_object_set_new(object, "parent", parent);
    json_object_set_new(object, "function", function);
    json_object_set_new(object, "samples", samples);
    return object;
}

int profile_write(const struct profile *profile, uint64_t period_ns, int dir, struct error *error)
{
    if (profile->failure)
        return error_set(error, ERROR_INTERNAL, -profile->failure, "keep a CPU profile");
    json_t *root = json_object();
    json_object_set_new(root, "schema", json_integer(1));
    json_object_set_new(root, "hz",
                        period_ns ? integer((1000000000u + period_ns / 2) / period_ns) : json_null());
    json_object_set_new(root, "period_ns", integer(period_ns));
    json_object_set_new(root, "samples", integer(profile->health.samples));
    json_object_set_new(root, "functions", functions_json(&profile->names));
    json_object_set_new(root, "groups", groups_json(&profile->groups));
    json_object_set_new(root, "goroutines", goroutines_json(&profile->groups));
    json_object_set_new(root, "nodes", nodes_json(&profile->calls));
    int result = file_write_json_line(dir, "profile.json", root, error);
    json_decref(root);
    return result;
}
