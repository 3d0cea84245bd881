/*
 * What differs between Go versions: one row a minor version. Offsets are checked against DWARF by the tests,
 * names and numbers against the version's own runtime. Sources: runtime/runtime2.go (g, m, p, waitReason),
 * runtime/mgcpacer.go (gcControllerState), runtime/proc.go (casgstatus, stwReason), runtime/time.go.
 *
 * A new version is a new row; the functions to probe are one table for all versions.
 */
#ifndef RUNNER_GOBIN_VERSIONS_H
#define RUNNER_GOBIN_VERSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/events.h"
#include "runner/manifest/experiment.h"

/* A function to probe, in Go 1.`from` up to, but not including, Go 1.`before` (0: without end). */
struct version_site {
    enum go_site site;
    enum go_level level;
    const char *function;
    uint32_t registers; /* enum prologue_register: what the BPF program reads at the site */
    bool optional;      /* the linker leaves it out of programs that do not use it */
    uint32_t from, before;
};
extern const struct version_site version_sites[];
extern const size_t version_site_count;
bool version_has_site(uint32_t minor, const struct version_site *site);

struct version_row {
    uint32_t minor;
    struct go_layout layout;
    const char *const *wait_reasons; /* by number */
    size_t wait_reason_count;
    const char *const *stw_reasons; /* by number; none before Go 1.21 */
    size_t stw_reason_count;
};

/* The row of Go 1.`minor`; NULL: not known. */
const struct version_row *version_find(uint32_t minor);

/* "1.19, 1.23" for messages. */
void version_list(char *text, size_t size);

/* The minor version in "go1.23.5", "go1.24rc1", "go1.23.4 X:nocoverageredesign"; 0 for anything else,
   development versions included: their layout is nobody's promise. */
uint32_t version_minor(const char *version);

#endif
