/* The tree of a manifest by the table of fields into struct experiment. */
#ifndef RUNNER_MANIFEST_WALK_H
#define RUNNER_MANIFEST_WALK_H

#include "runner/manifest/experiment.h"
#include "runner/manifest/tree.h"
#include "runner/manifest/values.h"

/* Fills an experiment (zeroed by the caller) with the manifest's values and the defaults of what it does not
   state. Diagnoses unknown and missing keys and wrong values; the experiment can be freed in any case. */
void walk_manifest(struct values *values, const struct tree_node *root, struct experiment *experiment);

/* One mapping of gates: into a zeroed gate. */
void walk_gate(struct values *values, const struct tree_node *mapping, struct gate *gate);

#endif
