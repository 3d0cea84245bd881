/*
 * Data of the page that is large, compressed: a browser unpacks it by DecompressionStream, which every one
 * has since 2023.
 */
#ifndef RUNNER_REPORT_PAGE_PACKED_H
#define RUNNER_REPORT_PAGE_PACKED_H

#include <jansson.h>
#include <stdio.h>

/* {"deflate": base64 of the value's JSON, in zlib's format (RFC 1950)}, or `value` once more where it is
   small. The caller owns it; NULL: no memory. */
json_t *packed_json(json_t *value);

/* html_data() of it, as the block `id`. 0, or -ENOMEM. */
int packed_block(FILE *out, const char *id, json_t *value);

#endif
