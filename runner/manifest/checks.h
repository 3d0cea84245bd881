/* What no single value shows: rules between the keys of a manifest. */
#ifndef RUNNER_MANIFEST_CHECKS_H
#define RUNNER_MANIFEST_CHECKS_H

#include "runner/manifest/diagnostics.h"
#include "runner/manifest/experiment.h"
#include "runner/manifest/tree.h"

/* Diagnoses each broken rule at the value that breaks it, and sets experiment->baseline. `root` is the tree
   that the experiment was filled from; what was diagnosed there already is passed over. */
void checks_run(struct diagnostics *diagnostics, const struct tree_node *root, struct experiment *experiment);

#endif
