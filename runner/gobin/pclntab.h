/*
 * Go's table of functions, which every Go executable carries: .gopclntab of Go 1.18 and later.
 * Layout: 8 bytes of magic and sizes; u64 function count, file count, text start, then the offsets of names,
 * compile units, files, pc data and functions; the functions are (u32 entry, u32 offset of its record) pairs.
 * Source: runtime/symtab.go (pcHeader, functab, _func), cmd/link/internal/ld/pcln.go.
 */
#ifndef RUNNER_GOBIN_PCLNTAB_H
#define RUNNER_GOBIN_PCLNTAB_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/gobin/functions.h"
#include "runner/gobin/image.h"

struct pclntab {
    struct span names;     /* funcnametab */
    struct span functions; /* pairs, then records */
    struct span values;    /* what the records refer to: values by pc */
    uint64_t count;
    uint64_t text_start;
};

/* False where the file has no such table of a known magic; the spans belong to the image. */
bool pclntab_open(const struct image *image, struct pclntab *table);
/* Number `index` of the table; false where its record or name lies outside. */
bool pclntab_function(const struct pclntab *table, uint64_t index, struct function *function);
/* How far the stack pointer is below the function's return address when the instruction at `pc` is about to
   run: 0 before the frame is made and where none is made. False where the table does not tell. */
bool pclntab_stack_depth(const struct pclntab *table, uint64_t pc, uint32_t *depth);

#endif
