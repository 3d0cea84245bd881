#include "runner/manifest/walk.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "runner/manifest/suggest.h"
#include "runner/manifest/utf8.h"

static void walk_section(struct values *values, enum section section, const struct tree_node *mapping,
                         void *object);

/* Lists of mappings: one struct an entry. */
static const struct list_kind {
    enum field_kind kind;
    size_t size, count_offset, line_offset; /* line_offset: of an entry's own line */
    const char *list, *entry;               /* what is expected */
} list_kinds[] = {
    {FIELD_DEMOS, sizeof(struct demo), offsetof(struct experiment, demo_count), offsetof(struct demo, line),
     "a list of demos", "a mapping with name, and build or exec"},
    {FIELD_GATES, sizeof(struct gate), offsetof(struct experiment, gate_count), offsetof(struct gate, line),
     "a list of gates", "a mapping such as {metric: cpu.time, against: baseline, at_most: +5%}"},
};

static const struct list_kind *list_kind_of(enum field_kind kind)
{
    for (size_t i = 0; i < sizeof list_kinds / sizeof *list_kinds; i++)
        if (list_kinds[i].kind == kind)
            return &list_kinds[i];
    return NULL;
}

/* Where the sections below `child` go: those of a demo are filled once for each demo. */
static void set_defaults(struct values *values, enum section section, void *object)
{
    for (size_t i = 0; i < field_count; i++) {
        const struct field *field = &fields[i];
        if (field->section != section)
            continue;
        if (field->kind == FIELD_SECTION)
            set_defaults(values, field->child, object);
        else if (!list_kind_of(field->kind))
            values_default(values, field, object);
    }
}

static void unknown_key(struct values *values, enum section section, const struct tree_node *key)
{
    struct suggest suggest = {.word = key->text};
    const struct field *elsewhere = NULL;
    size_t others = 0;
    struct quote text;
    const char *shown = quote(&text, key->text, key->length);
    const char *name = section == SECTION_ROOT ? "the manifest" : section_name(section);
    for (size_t i = 0; i < field_count; i++) {
        if (fields[i].section == section)
            suggest_candidate(&suggest, fields[i].key);
        else if (strcmp(fields[i].key, key->text) == 0) {
            elsewhere = &fields[i];
            others++;
        }
    }
    const char *place = elsewhere ? section_name(elsewhere->section) : "";
    if (suggest.best)
        diagnostics_add(values->diagnostics, key->place, "unknown key '%s' in %s; did you mean '%s'?", shown,
                        name, suggest.best);
    else if (others == 1)
        diagnostics_add(values->diagnostics, key->place, "unknown key '%s' in %s; it belongs in %s", shown,
                        name, *place ? place : "the manifest's first level");
    else
        diagnostics_add(values->diagnostics, key->place, "unknown key '%s' in %s", shown, name);
}

static void walk_list(struct values *values, const struct field *field, const struct tree_node *list,
                      void *object)
{
    const struct list_kind *kind = list_kind_of(field->kind);
    if (list->kind != TREE_SEQUENCE) {
        values_wrong_type(values, field, list, kind->list);
        return;
    }
    if (list->count < field->least || list->count > field->most) {
        diagnostics_add(values->diagnostics, list->place, "%s: %zu entries; it takes %llu to %llu",
                        field->key, list->count, (unsigned long long)field->least,
                        (unsigned long long)field->most);
        return;
    }
    char *entries = calloc(list->count, kind->size);
    if (!entries) {
        values->no_memory = true;
        return;
    }
    memcpy((char *)object + field->offset, &entries, sizeof entries);
    memcpy((char *)object + kind->count_offset, &list->count, sizeof list->count);
    for (size_t i = 0; i < list->count; i++) {
        char *entry = entries + i * kind->size;
        if (list->items[i]->kind != TREE_MAPPING)
            values_wrong_type(values, field, list->items[i], kind->entry);
        else
            walk_section(values, field->child, list->items[i], entry);
        memcpy(entry + kind->line_offset, &list->items[i]->place.line, sizeof(size_t));
    }
}

static void walk_field(struct values *values, const struct field *field, const struct tree_node *node,
                       void *object)
{
    if (list_kind_of(field->kind))
        walk_list(values, field, node, object);
    else if (field->kind != FIELD_SECTION)
        values_parse(values, field, node, object);
    else if (node->kind != TREE_MAPPING)
        values_wrong_type(values, field, node, "a mapping");
    else
        walk_section(values, field->child, node, object);
}

/* Defaults first where the manifest is silent, so that each member is written once. */
static void walk_section(struct values *values, enum section section, const struct tree_node *mapping,
                         void *object)
{
    for (size_t i = 0; i < mapping->count; i += 2)
        if (!field_find(section, mapping->items[i]->text, mapping->items[i]->length))
            unknown_key(values, section, mapping->items[i]);
    for (size_t i = 0; i < field_count; i++) {
        const struct field *field = &fields[i];
        if (field->section != section)
            continue;
        const struct tree_node *node = tree_get(mapping, field->key);
        if (node)
            walk_field(values, field, node, object);
        else if (field->kind == FIELD_SECTION)
            set_defaults(values, field->child, object);
        else if (!list_kind_of(field->kind))
            values_default(values, field, object);
        if (!node && field->required)
            diagnostics_add(values->diagnostics, mapping->place, "missing key '%s' in %s", field->key,
                            section == SECTION_ROOT ? "the manifest" : section_name(section));
    }
}

void walk_gate(struct values *values, const struct tree_node *mapping, struct gate *gate)
{
    walk_section(values, SECTION_GATE, mapping, gate);
}

void walk_manifest(struct values *values, const struct tree_node *root, struct experiment *experiment)
{
    if (root->kind != TREE_MAPPING) {
        diagnostics_add(values->diagnostics, root->place,
                        "a manifest is a mapping that begins with 'version: 1'");
        return;
    }
    walk_section(values, SECTION_ROOT, root, experiment);
}
