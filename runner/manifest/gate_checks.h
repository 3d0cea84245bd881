/* What gates say beyond single keys: the metric, its unit, and which keys go together. */
#ifndef RUNNER_MANIFEST_GATE_CHECKS_H
#define RUNNER_MANIFEST_GATE_CHECKS_H

#include "runner/manifest/diagnostics.h"
#include "runner/manifest/experiment.h"
#include "runner/manifest/tree.h"

/* Fills id, p99, rule and threshold of every gate. */
void gate_checks_run(struct diagnostics *diagnostics, const struct tree_node *root,
                     struct experiment *experiment);
/* The same for one gate that no manifest holds. */
void gate_checks_one(struct diagnostics *diagnostics, const struct tree_node *node, struct gate *gate);

/* Findings that a gate may name. */
extern const char *const gate_findings[];

#endif
