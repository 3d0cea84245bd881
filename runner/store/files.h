/*
 * Single files of a bundle: written whole under a temporary name and renamed, so that a file is there or is
 * not.
 */
#ifndef RUNNER_STORE_FILES_H
#define RUNNER_STORE_FILES_H

#include <jansson.h>
#include <stddef.h>

#include "runner/support/error.h"

/* Writes a file relative to the directory `dir`. A full disk is ERROR_INTERNAL. */
int file_write(int dir, const char *name, const void *data, size_t size, struct error *error);
/* JSON, indented, keys in the order of insertion, a final newline. */
int file_write_json(int dir, const char *name, const json_t *value, struct error *error);
/* The same on one line, for what consists of numbers. */
int file_write_json_line(int dir, const char *name, const json_t *value, struct error *error);
/* Parses a JSON object of at most 256 MiB. `what` names it in messages. ERROR_USAGE where it is no JSON
 * object. */
int file_read_json(int dir, const char *name, const char *what, json_t **value, struct error *error);

/* A JSON string of bytes that a demo printed: invalid UTF-8 becomes U+FFFD; at most `limit` bytes are taken.
 */
json_t *text_json(const char *bytes, size_t size, size_t limit);

/* Lower-case hex SHA-256 of what `fd` yields from its start. 0 or a negative errno. */
int file_sha256(int fd, char hex[65]);
/* Writes SHA256SUMS (sha256sum's format, sorted by path) over all regular files below `dir`, itself excepted.
 */
int file_write_checksums(int dir, struct error *error);

#endif
