/*
 * What each offset of a struct version is in the runtime's source, and since when.
 */
#ifndef RUNNER_GOBIN_OFFSETS_H
#define RUNNER_GOBIN_OFFSETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/gobin/image.h"
#include "runner/gobin/versions.h"

#define OFFSET_CHANGES_MAX 6

struct offset {
    const char *structure, *member; /* of the runtime, as debuginfo.h has them */
    uint32_t size;                  /* of the member, bytes */
    const char *name;               /* "layout.g_goid" */
    size_t at;                      /* in struct version: an uint32_t */
    /* The offset from a minor version on, GO_ABSENT where there is no such member any more. From 0 ends the
     * list. */
    struct {
        uint32_t from, offset;
    } changes[OFFSET_CHANGES_MAX];
};

size_t offset_count(void);
const struct offset *offset_at(size_t index);
/* The offset in Go 1.`minor` by the table; GO_ABSENT: it has no such member. */
uint32_t offset_in(const struct offset *row, uint32_t minor);
/* What a struct version says. */
uint32_t offset_stated(const struct offset *row, const struct version *version);

/* Puts in every offset that the table has for version->minor. */
void offsets_fill(struct version *version);

/* Puts in the offsets that the executable's DWARF states: of the members that Go 1.`version->minor` has by
   the table; of a version that is not in it, of those of the known one that it lacks the fewest of. False
   where one is not there: `missing` names those, or the lack of DWARF, cut to `size`. */
bool offsets_read(const struct image *image, struct version *version, char *missing, size_t size);

#endif
