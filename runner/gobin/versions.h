/*
 * What differs between Go versions: the list of those that are known, how their runtime lays out its
 * structures (offsets.h), what it calls its numbers (reasons.h) and which functions are probed (sites.h).
 *
 * Theory of operation. Each offset that is needed is one row of a table, which names the member in the
 * runtime's source and the versions in which its offset changed. The same table reads the offsets out of an
 * executable's DWARF, which is believed more than the table: a layout is a struct version, out of the one,
 * the other, or both. A new version of Go is a new row in the list of versions and a few further numbers in
 * the table of offsets; scripts/go-version-row derives them from a toolchain, and the tests compare them with
 * every toolchain at hand. Sources: runtime/runtime2.go (g, m, p, schedt, waitReason), runtime/mgcpacer.go
 * (gcControllerState), runtime/mstats.go, runtime/netpoll.go (pollDesc), runtime/proc.go (stwReason),
 * runtime/time.go.
 */
#ifndef RUNNER_GOBIN_VERSIONS_H
#define RUNNER_GOBIN_VERSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/events.h"
#include "runner/gobin/globals.h"
#include "runner/gobin/reasons.h"

#define VERSION_OLDEST 19 /* the calling convention of 1.17 and the tables of 1.18 are not looked at */
#define VERSION_NEWEST UINT32_MAX /* minor version that stands for those after the last known one */

struct version {
    uint32_t minor;
    struct go_layout layout;
    struct go_offsets offsets;
    const struct reason_names *wait_reasons, *stw_reasons; /* NULL: none, stw before Go 1.21 */
};

/* The minor versions that are known, in order. */
size_t version_count(void);
uint32_t version_at(size_t index);
/* "1.19, 1.23" for messages. */
void version_list(char *text, size_t size);

/* Fills in what the tables say of Go 1.`minor`; false, and nothing but what follows from the number alone,
   where it is not known. */
bool version_find(uint32_t minor, struct version *version);

/* The minor version in "go1.23.5", "go1.24rc1", "go1.23.4 X:nocoverageredesign"; 0 for anything else,
   development versions included: their layout is nobody's promise. */
uint32_t version_minor(const char *version);

#endif
