/*
 * The resolved manifest as JSON: what every key came to, units in the keys. A later runner reproduces from
 * it.
 */
#ifndef RUNNER_EXPERIMENT_RESOLVED_H
#define RUNNER_EXPERIMENT_RESOLVED_H

#include <jansson.h>

#include "runner/manifest/experiment.h"

json_t *resolved_json(const struct experiment *experiment);

#endif
