/* What no single key of `load:` shows: which of several ways was chosen, and whether they fit together. */
#ifndef RUNNER_MANIFEST_LOAD_CHECKS_H
#define RUNNER_MANIFEST_LOAD_CHECKS_H

#include "runner/manifest/diagnostics.h"
#include "runner/manifest/experiment.h"
#include "runner/manifest/tree.h"

/* Fills what follows from the choices: load.kind, ready.kind, body, steps, work. */
void load_checks_run(struct diagnostics *diagnostics, const struct tree_node *root,
                     struct experiment *experiment);

#endif
