/*
 * The functions of a Go executable: names and addresses from the symbol table, else from .gopclntab (stripped
 * programs have it too, the runtime needs it). Sources: debug/gosym/pclntab.go, runtime/symtab.go (pcHeader,
 * moduledata), cmd/link/internal/ld/pcln.go.
 */
#ifndef RUNNER_GOBIN_FUNCTIONS_H
#define RUNNER_GOBIN_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/gobin/image.h"

struct function {
    uint64_t address;
    uint32_t size; /* 0: not stated, up to the next function */
    uint32_t name; /* offset in names */
};

struct functions {
    struct function *items; /* sorted by address; of two at one address the lower name first */
    size_t count;
    char *names; /* ends with a NUL */
    size_t names_size;
};

/* 0, with no functions where the file has none of the two tables or they make no sense; -ENOMEM. */
int functions_read(const struct image *image, struct functions *functions);
/* From .gopclntab alone. */
int functions_read_pclntab(const struct image *image, struct functions *functions);
void functions_free(struct functions *functions);

/* The first function of exactly that name (the body comes before its ABI wrapper); NULL: none. */
const struct function *functions_find(const struct functions *functions, const char *name);
/* The first or, after `previous`, the next function of that name in any calling convention: the symbol of an
   assembly body ends with .abi0. NULL: none. */
const struct function *functions_next(const struct functions *functions, const char *name,
                                      const struct function *previous);
/* The name of the function that contains an address; NULL: none. */
const char *functions_at(const struct functions *functions, uint64_t address);

/* The address of a data symbol; 0 where there is no symbol table or no such symbol. */
uint64_t functions_data_symbol(const struct image *image, const char *name);
uint64_t functions_data_object(const struct image *image, const char *name, uint64_t *size); /* bytes */
/* Where a thread-local variable stands from the start of the executable's thread-local storage; false where
   there is no symbol table or no such symbol. */
bool functions_tls_symbol(const struct image *image, const char *name, uint64_t *offset);

#endif
