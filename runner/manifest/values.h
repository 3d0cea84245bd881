/*
 * One value of the manifest to one member of a struct, by the field's kind.
 *
 * A wrong value is diagnosed with its place and leaves the member alone.
 */
#ifndef RUNNER_MANIFEST_VALUES_H
#define RUNNER_MANIFEST_VALUES_H

#include "runner/manifest/diagnostics.h"
#include "runner/manifest/fields.h"
#include "runner/manifest/tree.h"
#include "runner/manifest/units.h"

struct values {
    struct diagnostics *diagnostics;
    const char *folder; /* where relative paths begin */
    bool look;          /* whether files that the manifest names must exist */
    bool no_memory;     /* set when an allocation failed */
};

/* Not for FIELD_SECTION and FIELD_DEMOS, which the walker opens. `object` is what field->offset refers to. */
void values_parse(struct values *values, const struct field *field, const struct tree_node *node,
                  void *object);
/* The field's default, or its unset value. */
void values_default(struct values *values, const struct field *field, void *object);

/* The units of a kind of number; NULL: it has none, or is no number. */
const struct unit *values_units(enum field_kind kind);

/* "controls.timeout", in a buffer that lives as long as `quote`. */
struct values_path {
    char text[96];
};
const char *values_path(struct values_path *path, const struct field *field);

/* Diagnoses "expected ..., found ...". */
void values_wrong_type(struct values *values, const struct field *field, const struct tree_node *node,
                       const char *expected);

#endif
