/*
 * YAML manifest -> struct experiment. Theory of operation:
 *
 * libyaml's events become a bounded tree with places (tree.c); one table of fields (fields.c) tells for each
 * key its section, kind, unit, range, default, meaning and where it goes in struct experiment. The walker
 * (walk.c) takes the tree and the table, values.c and texts.c turn one value into one member, checks.c holds
 * the rules between keys. All collect diagnostics, each with its place: nothing stops at the first error. The
 * same table prints `runner help manifest` (reference.c) and the JSON Schema below manifests/ (schema.c).
 *
 * A manifest is a stranger's text: the file must be a regular one of at most MANIFEST_MAX_BYTES and no
 * symbolic link, memory and output are bounded (tree.h, diagnostics.h), and what is shown of it is escaped.
 */
#ifndef RUNNER_MANIFEST_MANIFEST_H
#define RUNNER_MANIFEST_MANIFEST_H

#include <jansson.h>
#include <stdio.h>

#include "runner/manifest/experiment.h"
#include "runner/support/error.h"

#define MANIFEST_MAX_BYTES (1 << 20)

/* Reads, parses and checks the manifest at `path`. ERROR_USAGE for what is wrong in it: all of it is printed
   to `diagnostics`, each as `file:line:column: error: ...`, the line and a caret, and error->text counts it;
   where `diagnostics` is NULL, error->text holds as many of them as fit. On success *experiment is owned by
   the caller. */
int manifest_load(const char *path, FILE *diagnostics, struct experiment **experiment, struct error *error);

/* The same; each of what is wrong is also appended to `list` as {file, line, column, message}. */
int manifest_load_listing(const char *path, FILE *diagnostics, json_t *list, struct experiment **experiment,
                          struct error *error);

/* The same as manifest_load() for bytes that are already in memory; `path` names them in messages and
   resolves relative paths. Whether the files exist that the manifest names is looked at by manifest_load()
   only. */
int manifest_parse(const char *path, const char *data, size_t size, FILE *diagnostics,
                   struct experiment **experiment, struct error *error);

/* `runner help manifest`: every key with type, default, range and meaning. */
void manifest_print_reference(FILE *out);
/* The JSON Schema (draft 2020-12) of the manifest. */
void manifest_print_schema(FILE *out);

#endif
