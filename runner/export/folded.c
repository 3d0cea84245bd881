#include "runner/export/folded.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/store/files.h"
#include "runner/support/fd.h"

#define DEPTH_MOST 1024 /* more than a stack of ours has */

/* A profile as its file has it; all numbers are checked before anything is written. */
struct folded {
    const json_t *functions, *groups;
    const json_t *parent, *function, *samples; /* of the nodes */
    size_t nodes;
};

static json_int_t at(const json_t *array, size_t index)
{
    return json_integer_value(json_array_get(array, index));
}

static const char *name_of(const struct folded *folded, json_int_t function)
{
    return json_string_value(json_object_get(json_array_get(folded->functions, (size_t)function), "name"));
}

static bool is_index(const json_t *value, size_t count)
{
    return json_is_integer(value) && json_integer_value(value) >= 0 &&
           (size_t)json_integer_value(value) < count;
}

static bool check_groups(const struct folded *folded)
{
    size_t index;
    const json_t *group;
    json_array_foreach (folded->groups, index, group) {
        const json_t *function = json_object_get(group, "function");
        if (!json_string_value(json_object_get(group, "kind")) ||
            (!json_is_null(function) && !is_index(function, json_array_size(folded->functions))))
            return false;
    }
    return true;
}

static bool check_nodes(const struct folded *folded)
{
    size_t groups = json_array_size(folded->groups);
    AUTO_FREE uint16_t *depths = calloc(folded->nodes + 1, sizeof *depths);
    for (size_t i = 0; depths && i < folded->nodes; i++) {
        const json_t *parent = json_array_get(folded->parent, i);
        json_int_t value = json_integer_value(parent);
        bool fits = value < 0 ? (uint64_t)(-1 - value) < groups : (uint64_t)value < i;
        if (!json_is_integer(parent) || !fits || at(folded->samples, i) < 0 ||
            !is_index(json_array_get(folded->function, i), json_array_size(folded->functions)))
            return false;
        depths[i] = value < 0 ? 1 : depths[value] + 1;
        if (depths[i] > DEPTH_MOST)
            return false;
    }
    return depths != NULL;
}

static bool read_profile(const json_t *root, struct folded *folded)
{
    const json_t *nodes = json_object_get(root, "nodes");
    *folded = (struct folded){
        .functions = json_object_get(root, "functions"),
        .groups = json_object_get(root, "groups"),
        .parent = json_object_get(nodes, "parent"),
        .function = json_object_get(nodes, "function"),
        .samples = json_object_get(nodes, "samples"),
    };
    folded->nodes = json_array_size(folded->parent);
    if (!json_is_array(folded->functions) || !json_is_array(folded->groups) ||
        !json_is_array(folded->parent) || json_array_size(folded->function) != folded->nodes ||
        json_array_size(folded->samples) != folded->nodes)
        return false;
    size_t index;
    const json_t *function;
    json_array_foreach (folded->functions, index, function)
        if (!json_string_value(json_object_get(function, "name")))
            return false;
    return check_groups(folded) && check_nodes(folded);
}

static void put_name(const char *name, FILE *out)
{
    for (; *name; name++)
        fputc(*name == ';' || *name == '\n' || *name == '\r' ? ':' : *name, out);
}

static void put_group(const struct folded *folded, size_t index, FILE *out)
{
    const json_t *group = json_array_get(folded->groups, index);
    const json_t *function = json_object_get(group, "function");
    const char *kind = json_string_value(json_object_get(group, "kind"));
    if (strcmp(kind, "thread") != 0)
        put_name(kind, out);
    if (json_is_null(function))
        return;
    if (strcmp(kind, "thread") != 0)
        fputc(' ', out);
    put_name(name_of(folded, json_integer_value(function)), out);
}

static void put_function(const struct folded *folded, json_int_t function, FILE *out)
{
    const json_t *row = json_array_get(folded->functions, (size_t)function);
    const char *kind = json_string_value(json_object_get(row, "kind"));
    fputc(';', out);
    put_name(name_of(folded, function), out);
    if (kind && strcmp(kind, "kernel") == 0)
        fputs("_[k]", out);
}

static void put_stack(const struct folded *folded, size_t node, FILE *out)
{
    json_int_t functions[DEPTH_MOST];
    size_t depth = 0;
    json_int_t parent = (json_int_t)node;
    while (parent >= 0) {
        functions[depth++] = at(folded->function, (size_t)parent);
        parent = at(folded->parent, (size_t)parent);
    }
    put_group(folded, (size_t)(-1 - parent), out);
    while (depth-- > 0)
        put_function(folded, functions[depth], out);
    fprintf(out, " %lld\n", (long long)at(folded->samples, node));
}

int folded_export(int trial_dir, FILE *out, struct error *error)
{
    struct folded folded;
    json_t *root = NULL;
    if (faccessat(trial_dir, "profile.json", R_OK, AT_SYMLINK_NOFOLLOW) < 0)
        return error_mend(error, ERROR_USAGE, errno,
                          "Observed trials have one where the manifest says probes.cpu.",
                          "open the trial's profile.json");
    int result = file_read_json(trial_dir, "profile.json", "the CPU profile", &root, error);
    if (result < 0)
        return result;
    if (!read_profile(root, &folded)) {
        json_decref(root);
        return error_set(error, ERROR_USAGE, 0, "profile.json is damaged: it is not as runner writes it");
    }
    for (size_t i = 0; i < folded.nodes; i++)
        if (at(folded.samples, i) > 0)
            put_stack(&folded, i, out);
    json_decref(root);
    if (fflush(out) != 0 || ferror(out))
        return error_set(error, ERROR_INTERNAL, errno, "write the export");
    return 0;
}
