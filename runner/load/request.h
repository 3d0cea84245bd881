/*
 * The bytes of the request that is sent again and again: made once, from the manifest's `load:`.
 */
#ifndef RUNNER_LOAD_REQUEST_H
#define RUNNER_LOAD_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "runner/manifest/load.h"
#include "runner/support/error.h"

#define REQUEST_BODY_MAX (64u << 20)

struct http_request {
    char *bytes; /* request line, fields, empty line and body */
    size_t size, header_size;
    bool head; /* HEAD: its answers have no body */
};

/* Host, User-Agent and Content-Type are ours where the manifest's headers do not name them. Content-Length is
   always ours; it is there with a body and, as 0, for methods that are defined to have one (RFC 9110, 8.6).
   Refuses with ERROR_USAGE: headers that would change the framing or that are no field lines, a body file
   that cannot be read, a body above REQUEST_BODY_MAX, a JSON body below 2 bytes. On failure `request` holds
   nothing. */
int request_make(const struct load_http *http, struct http_request *request, struct error *error);

/* A GET of `target` on the same server, with the manifest's headers but without a body. */
int request_make_get(const struct load_http *http, const char *target, struct http_request *request,
                     struct error *error);

void request_free(struct http_request *request); /* leaves it empty */

/* Writes a JSON object of exactly `size` (at least 2) bytes, without a NUL: a list of items and a filling
   text, the same for the same size. */
void request_fill_json(char *into, size_t size);

#endif
