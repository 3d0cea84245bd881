/*
 * From a row of the table of sites to places in an executable file.
 */
#ifndef RUNNER_GOBIN_PROBES_H
#define RUNNER_GOBIN_PROBES_H

#include <stddef.h>

#include "bpf/observer.h"
#include "runner/gobin/callers.h"
#include "runner/gobin/functions.h"
#include "runner/gobin/image.h"
#include "runner/gobin/sites.h"

#define PROBES_PLACES_MAX (1 + CALLERS_PLACES_MAX) /* of one row */

/* Fills in the places of `wanted`; returns how many there are, 0 where its function is missing or has no
   fitting instruction. */
size_t probes_find(const struct image *image, const struct functions *functions,
                   const struct version_site *wanted, struct probe_site places[PROBES_PLACES_MAX]);

#endif
