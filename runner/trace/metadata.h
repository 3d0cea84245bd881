/*
 * The file `metadata`: the CTF 1.8 declaration of the stream, as text (TSDL).
 *
 * One description both writes and reads it (a literal is printed, or must stand there), so that the two
 * cannot drift apart. A reader therefore understands exactly what a writer of this program produces, of any
 * version that has the same event ABI; names of reasons and kinds that this version lacks are data.
 */
#ifndef RUNNER_TRACE_METADATA_H
#define RUNNER_TRACE_METADATA_H

#include <stdint.h>
#include <stdio.h>

#include "runner/support/error.h"
#include "runner/trace/trace.h"

#define METADATA_SIZE_MAX (256 * 1024)

enum { NAME_MAX_SIZE = 64, NAMES_MAX = 64 };

struct metadata {
    char hostname[65], trial[256]; /* printable ASCII without quotes and backslashes */
    uint32_t go_minor;
    int64_t clock_offset; /* CLOCK_REALTIME - CLOCK_MONOTONIC, ns */
    uint64_t kinds;       /* bit set of the kinds that are declared */
    /* By type of field, then by number; "" where there is none. */
    char names[FIELD_MARK + 1][NAMES_MAX][NAME_MAX_SIZE];
};
_Static_assert(EVENT_KIND_COUNT <= 64, "kinds are a bit set");

/* Fills everything from this host's clock and name and from the settings. */
void metadata_make(const struct trace_settings *settings, struct metadata *metadata);
/* 0 or a negative errno. */
int metadata_print(FILE *out, const struct metadata *metadata);
/* `text` needs no NUL. ERROR_USAGE with the byte offset where it is not such a text. */
int metadata_parse(const char *text, size_t size, struct metadata *metadata, struct error *error);

#endif
