/*
 * Offsets of structure members out of an executable's DWARF, by libdw: compressed or not, version 4 and 5
 * (Go 1.25 and later). The file may be hostile: what libdw would unpack or read is bounded before, and so is
 * the walk. Sources: DWARF 5 chapters 5.7 (structures) and 5.3 (typedefs); cmd/link/internal/ld/dwarf.go.
 */
#ifndef RUNNER_GOBIN_DEBUGINFO_H
#define RUNNER_GOBIN_DEBUGINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/gobin/image.h"

struct debuginfo_member {
    const char *structure; /* "runtime.g" */
    const char *member;    /* "goid"; "sched.pc" for a member of a member */
    uint32_t size;         /* that it must have, else it counts as not found; 0: any */
    bool found;
    uint32_t offset; /* bytes */
};

/* Fills in `found` and `offset`. False where the file has no readable DWARF at all. */
bool debuginfo_read(const struct image *image, struct debuginfo_member *members, size_t count);

#endif
