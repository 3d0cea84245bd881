/*
 * What is wrong in a manifest: a list of sentences, each with its place, that is printed as compilers do.
 *
 * The list is bounded (DIAGNOSTICS_MAX; what is beyond is counted), so is each sentence and each line shown,
 * and nothing of the manifest reaches the output unescaped.
 */
#ifndef RUNNER_MANIFEST_DIAGNOSTICS_H
#define RUNNER_MANIFEST_DIAGNOSTICS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define DIAGNOSTICS_MAX 50

/* A place in the source: line and column count characters from 1; `length` is underlined. */
struct place {
    size_t line, column, length;
};

struct diagnostics {
    const char *path;   /* as the messages name the file; not owned */
    const char *source; /* the bytes the places refer to; not owned */
    size_t size;
    struct diagnostic {
        struct place place;
        char text[512];
    } * items;
    size_t count;
    size_t dropped; /* how many came after DIAGNOSTICS_MAX */
    bool no_memory; /* an entry could not be kept */
};

void diagnostics_add(struct diagnostics *diagnostics, struct place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static inline bool diagnostics_any(const struct diagnostics *diagnostics)
{
    return diagnostics->count > 0 || diagnostics->no_memory;
}

/* Sorts by place and prints all: `file:line:column: error: text`, the line, a caret. */
void diagnostics_print(struct diagnostics *diagnostics, FILE *out);
/* The same into `text` of `size` bytes: whole entries only, then how many did not fit; no final newline. */
void diagnostics_text(struct diagnostics *diagnostics, char *text, size_t size);

/* Appends all, sorted, as {file, line, column, message}. */
void diagnostics_list(struct diagnostics *diagnostics, json_t *list);

void diagnostics_free(struct diagnostics *diagnostics);

#endif
