#include "runner/report/page/calltree.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/support/fd.h"

int calltree_open(struct calltree *tree)
{
    *tree = (struct calltree){json_array(), json_array(),  json_array(),  json_array(),
                              json_array(), json_object(), json_object(), json_object()};
    bool whole = tree->functions && tree->groups && tree->parent && tree->function && tree->samples &&
                 tree->function_of && tree->group_of && tree->node_of;
    return whole ? 0 : -ENOMEM;
}

void calltree_close(struct calltree *tree)
{
    json_t **parts[] = {&tree->functions, &tree->groups,      &tree->parent,   &tree->function,
                        &tree->samples,   &tree->function_of, &tree->group_of, &tree->node_of};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        json_decref(*parts[i]);
    *tree = (struct calltree){0};
}

static json_int_t at(const json_t *list, json_int_t index)
{
    return json_integer_value(json_array_get(list, (size_t)index));
}

static void add_at(json_t *list, json_int_t index, json_int_t value)
{
    json_array_set_new(list, (size_t)index, json_integer(at(list, index) + value));
}

/* Where `key` stands in the columns that `places` knows; `next` where it is new. */
static json_int_t place_of(json_t *places, const char *key, size_t next, bool *added)
{
    const json_t *known = json_object_get(places, key);
    *added = !known;
    if (!known)
        json_object_set_new(places, key, json_integer((json_int_t)next));
    return known ? json_integer_value(known) : (json_int_t)next;
}

/* Names that differ in kind are different functions. -1: the profile has no such function. */
static json_int_t add_function(struct calltree *tree, const json_t *functions, json_int_t index)
{
    const json_t *function = index < 0 ? NULL : json_array_get(functions, (size_t)index);
    const char *name = json_string_value(json_object_get(function, "name"));
    const char *kind = json_string_value(json_object_get(function, "kind"));
    if (!name || !kind)
        return -1;
    AUTO_FREE char *key = NULL;
    bool added;
    if (asprintf(&key, "%s %s", kind, name) < 0)
        return -1;
    json_int_t place = place_of(tree->function_of, key, json_array_size(tree->functions), &added);
    if (added)
        json_array_append_new(tree->functions, json_pack("{s: s, s: s}", "name", name, "kind", kind));
    return place;
}

static json_t *number_or_null(json_int_t value)
{
    return value < 0 ? json_null() : json_integer(value);
}

static json_int_t add_group(struct calltree *tree, const json_t *functions, const json_t *group)
{
    const json_t *function = json_object_get(group, "function"), *creator = json_object_get(group, "creator");
    const char *kind = json_string_value(json_object_get(group, "kind"));
    json_int_t of =
        json_is_integer(function) ? add_function(tree, functions, json_integer_value(function)) : -1;
    json_int_t by =
        json_is_integer(creator) ? add_function(tree, functions, json_integer_value(creator)) : -1;
    char key[128];
    bool added;
    snprintf(key, sizeof key, "%.40s %" PRId64 " %" PRId64, kind ? kind : "unknown", (int64_t)of,
             (int64_t)by);
    json_int_t place = place_of(tree->group_of, key, json_array_size(tree->groups), &added);
    if (added)
        json_array_append_new(tree->groups,
                              json_pack("{s: s, s: o, s: o, s: i, s: i}", "kind", kind ? kind : "unknown",
                                        "function", number_or_null(of), "creator", number_or_null(by),
                                        "samples", 0, "goroutines", 0));
    json_t *sum = json_array_get(tree->groups, (size_t)place);
    static const char *const summed[] = {"samples", "goroutines"};
    for (size_t i = 0; i < 2; i++)
        json_object_set_new(sum, summed[i],
                            json_integer(json_integer_value(json_object_get(sum, summed[i])) +
                                         json_integer_value(json_object_get(group, summed[i]))));
    return place;
}

static json_int_t add_node(struct calltree *tree, json_int_t parent, json_int_t function, json_int_t samples)
{
    char key[64];
    bool added;
    snprintf(key, sizeof key, "%" PRId64 " %" PRId64, (int64_t)parent, (int64_t)function);
    json_int_t place = place_of(tree->node_of, key, json_array_size(tree->parent), &added);
    if (added) {
        json_array_append_new(tree->parent, json_integer(parent));
        json_array_append_new(tree->function, json_integer(function));
        json_array_append_new(tree->samples, json_integer(0));
    }
    add_at(tree->samples, place, samples);
    return place;
}

bool calltree_add(struct calltree *tree, const json_t *profile)
{
    const json_t *functions = json_object_get(profile, "functions");
    const json_t *groups = json_object_get(profile, "groups"), *nodes = json_object_get(profile, "nodes");
    const json_t *parents = json_object_get(nodes, "parent");
    size_t count = json_array_size(parents), group_count = json_array_size(groups);
    AUTO_FREE json_int_t *node = calloc(count + 1, sizeof *node);
    AUTO_FREE json_int_t *group = calloc(group_count + 1, sizeof *group);
    if (!node || !group)
        return false;
    tree->period_ns = json_integer_value(json_object_get(profile, "period_ns"));
    for (size_t i = 0; i < group_count; i++)
        group[i] = add_group(tree, functions, json_array_get(groups, i));
    for (size_t i = 0; i < count; i++) {
        json_int_t parent = at(parents, (json_int_t)i);
        json_int_t function =
            add_function(tree, functions, at(json_object_get(nodes, "function"), (json_int_t)i));
        json_int_t samples = at(json_object_get(nodes, "samples"), (json_int_t)i);
        if (function < 0 || samples < 0 || parent >= (json_int_t)i || parent < -(json_int_t)group_count)
            return false;
        node[i] = add_node(tree, parent < 0 ? -1 - group[-1 - parent] : node[parent], function, samples);
        tree->all += samples;
    }
    return true;
}

json_t *calltree_json(const struct calltree *tree)
{
    return json_pack("{s: I, s: I, s: O, s: O, s: {s: O, s: O, s: O}}", "period_ns", tree->period_ns,
                     "samples", tree->all, "functions", tree->functions, "groups", tree->groups, "nodes",
                     "parent", tree->parent, "function", tree->function, "samples", tree->samples);
}

static int by_self(const void *left, const void *right)
{
    const struct calltree_function *a = left, *b = right;
    if (a->self != b->self)
        return a->self < b->self ? 1 : -1;
    return a->total < b->total ? 1 : a->total > b->total ? -1 : strcmp(a->name, b->name);
}

/* Does a caller of node `i` have the same function? */
static bool is_recursion(const struct calltree *tree, json_int_t i)
{
    json_int_t function = at(tree->function, i);
    for (json_int_t above = at(tree->parent, i); above >= 0; above = at(tree->parent, above))
        if (at(tree->function, above) == function)
            return true;
    return false;
}

size_t calltree_hottest(const struct calltree *tree, struct calltree_function *list, size_t room)
{
    size_t nodes = json_array_size(tree->parent), count = json_array_size(tree->functions);
    AUTO_FREE struct calltree_function *all = calloc(count + 1, sizeof *all);
    AUTO_FREE json_int_t *below = calloc(nodes + 1, sizeof *below);
    if (!all || !below)
        return 0;
    for (size_t i = 0; i < count; i++) {
        const json_t *function = json_array_get(tree->functions, i);
        all[i].name = json_string_value(json_object_get(function, "name"));
        all[i].kind = json_string_value(json_object_get(function, "kind"));
    }
    for (size_t i = nodes; i-- > 0;) { /* callees come after their caller */
        json_int_t parent = at(tree->parent, (json_int_t)i), self = at(tree->samples, (json_int_t)i);
        struct calltree_function *function = &all[at(tree->function, (json_int_t)i)];
        below[i] += self;
        function->self += self;
        if (!is_recursion(tree, (json_int_t)i))
            function->total += below[i];
        if (parent >= 0)
            below[parent] += below[i];
    }
    qsort(all, count, sizeof *all, by_self);
    size_t given = 0;
    while (given < room && given < count && all[given].self > 0) {
        list[given] = all[given];
        given++;
    }
    return given;
}
