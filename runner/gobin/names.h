/*
 * The runtime's own arrays of names, out of an executable: runtime.waitReasonStrings,
 * runtime.stwReasonStrings. An array of Go strings is pairs of address and length
 * (cmd/compile/abi-internal.md); in a position-independent executable the loader fills in the addresses, from
 * relocations that the file has.
 */
#ifndef RUNNER_GOBIN_NAMES_H
#define RUNNER_GOBIN_NAMES_H

#include <stddef.h>

#include "runner/gobin/image.h"
#include "runner/gobin/reasons.h"

struct names {
    struct reason_names list; /* belongs to this structure */
    char **storage;
};

/* Reads the array behind a symbol. -ENOENT where there is no such symbol or it is no array of short names;
   -ENOMEM. Call names_free in any case. */
int names_read(const struct image *image, const char *symbol, struct names *names);
void names_free(struct names *names);

#endif
