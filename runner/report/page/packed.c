#include "runner/report/page/packed.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "runner/report/page/html.h"
#include "runner/support/fd.h"

#define SMALL 2000 /* bytes of JSON; below, compressing gains nothing worth having */

static json_t *deflated(const char *text)
{
    size_t length = strlen(text);
    uLongf size = compressBound(length);
    AUTO_FREE unsigned char *bytes = malloc(size);
    if (!bytes || compress2(bytes, &size, (const unsigned char *)text, length, Z_BEST_COMPRESSION) != Z_OK)
        return NULL;
    size_t room = sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL);
    AUTO_FREE char *base64 = malloc(room);
    if (!base64)
        return NULL;
    sodium_bin2base64(base64, room, bytes, size, sodium_base64_VARIANT_ORIGINAL);
    return json_pack("{s: s}", "deflate", base64);
}

json_t *packed_json(json_t *value)
{
    AUTO_FREE char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    if (!text)
        return NULL;
    return strlen(text) < SMALL ? json_incref(value) : deflated(text);
}

int packed_block(FILE *out, const char *id, json_t *value)
{
    json_t *packed = packed_json(value);
    int result = packed ? html_data(out, id, packed, 6) : -ENOMEM;
    json_decref(packed);
    return result;
}
