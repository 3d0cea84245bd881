/* Any bytes as an answer, cut anywhere: the same outcome as in one piece, and no more bytes taken than there
   are. The first byte says whether the request was a HEAD, whether the connection ends, and where the input
   is cut. */
#include <stdint.h>
#include <stdlib.h>

#include "runner/load/response.h"

#define BODY_LIMIT 5000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
    struct response response;
    size_t consumed;
};

static struct outcome feed(const uint8_t *data, size_t size, size_t piece, uint8_t options)
{
    struct outcome outcome = {0};
    response_start(&outcome.response, options & 1, BODY_LIMIT);
    for (size_t at = 0; at < size; at += piece) {
        size_t length = size - at < piece ? size - at : piece;
        size_t taken = response_feed(&outcome.response, data + at, length);
        if (taken > length || (taken < length && outcome.response.progress == RESPONSE_READING))
            abort();
        outcome.consumed += taken;
    }
    if (options & 2)
        response_close(&outcome.response);
    return outcome;
}

static void check(const struct response *response)
{
    if (response->body_bytes > BODY_LIMIT || response->interim > RESPONSE_INTERIM_MAX + 1)
        abort();
    if ((response->progress == RESPONSE_FAULTY) != (response->fault != RESPONSE_FINE))
        abort();
    if (response->progress == RESPONSE_COMPLETE && (response->status < 100 || response->status > 999))
        abort();
    if (!response_fault_name(response->fault))
        abort();
}

static void compare(const struct outcome *a, const struct outcome *b)
{
    if (a->consumed != b->consumed || a->response.bytes != b->response.bytes ||
        a->response.progress != b->response.progress || a->response.fault != b->response.fault ||
        a->response.body_bytes != b->response.body_bytes || a->response.status != b->response.status ||
        a->response.keep_alive != b->response.keep_alive || a->response.interim != b->response.interim)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    uint8_t options = data[0];
    struct outcome whole = feed(data + 1, size - 1, size, options);
    struct outcome bytes = feed(data + 1, size - 1, 1, options);
    struct outcome pieces = feed(data + 1, size - 1, 2u + (options >> 2), options);
    check(&whole.response);
    compare(&whole, &bytes);
    compare(&whole, &pieces);
    return 0;
}
