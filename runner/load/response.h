/*
 * An incremental HTTP/1.x response parser (RFC 9112): fed any pieces of what a connection yields, it
 * allocates nothing, keeps no byte of the answer and gives the same outcome however the bytes were cut.
 *
 * It measures demos rather than relays their answers, so it takes what RFC 9112 lets a user agent take and
 * names everything else as a fault:
 *   - interim answers (1xx but 101) are skipped, RESPONSE_INTERIM_MAX of them at most
 *   - HEAD, 101, 204 and 304 end with the header block whatever its fields say (6.3, items 1 and 2)
 *   - Transfer-Encoding overrides Content-Length, and the connection is not used again (6.3, item 3); final
 *     `chunked` is decoded, any other final coding ends with the connection; in HTTP/1.0 it is a fault (6.1)
 *   - Content-Length may be repeated with the same number, as fields or as a list (6.3, item 5)
 *   - a bare LF ends a status or field line (2.2), but not a chunk's line (7.1 knows no such leave)
 *   - a folded field line is read as one (5.2); a blank before the colon is a fault
 */
#ifndef RUNNER_LOAD_RESPONSE_H
#define RUNNER_LOAD_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESPONSE_HEADER_MAX     65536u /* bytes of a header block or of the trailers, with their line ends */
#define RESPONSE_CHUNK_LINE_MAX 4096u  /* bytes of a chunk's size and extensions */
#define RESPONSE_INTERIM_MAX    16u
#define RESPONSE_BODY_MAX       (UINT64_C(1) << 30) /* the body_limit that the generator gives */

enum response_fault {
    RESPONSE_FINE,
    RESPONSE_STATUS_LINE,     /* the first line is not "HTTP/1.x" and a status of three digits */
    RESPONSE_HTTP2,           /* a preface or a status line of HTTP/2 */
    RESPONSE_FIELD_LINE,      /* a header or trailer line that is none */
    RESPONSE_CONTENT_LENGTH,  /* no number, or several that differ */
    RESPONSE_TRANSFER_CODING, /* chunked twice or with parameters, or any coding in HTTP/1.0 */
    RESPONSE_CHUNK,           /* a chunk's size or line end */
    RESPONSE_INTERIM,         /* too many interim answers */
    RESPONSE_HEADER_TOO_LONG,
    RESPONSE_BODY_TOO_LONG,
    RESPONSE_EARLY_CLOSE, /* the connection ended before the answer did */
    RESPONSE_FAULTS
};

enum response_progress { RESPONSE_READING, RESPONSE_COMPLETE, RESPONSE_FAULTY };

struct response {
    enum response_progress progress;
    enum response_fault fault;
    uint16_t status;     /* of the final answer; valid once complete */
    bool keep_alive;     /* the connection may carry another request; valid once complete */
    uint16_t interim;    /* answers skipped */
    uint64_t bytes;      /* consumed so far, interim answers and framing included */
    uint64_t body_bytes; /* of the content, without chunk framing */

    /* Private to response.c and framing.c. */
    bool head, trailers, length_known, length_bad, coding_bad, chunked, chunked_before, wants_close,
        wants_keep_alive;
    bool field_open, broken, gap, parameters, quoted, escaped;
    uint8_t state, field, candidates, minor, token_length, settings;
    char token[24];        /* a list element's beginning, in lower case */
    uint32_t at;           /* place within the status line, a name or a chunk's size line */
    uint32_t header_bytes; /* of the present block */
    uint32_t elements;     /* of the present field line */
    uint32_t codings;      /* of all Transfer-Encoding lines */
    uint64_t length, left; /* announced; still to come of the body or the chunk */
    uint64_t body_limit;
};

/* `head`: the request's method was HEAD. */
void response_start(struct response *response, bool head, uint64_t body_limit);

/* Takes bytes until the answer is complete or faulty; returns how many it took. What is left over behind a
   complete answer was never asked for. */
size_t response_feed(struct response *response, const void *data, size_t size);

/* The peer sent its last byte: completes an answer that ends so, else makes it RESPONSE_EARLY_CLOSE. */
void response_close(struct response *response);

/* "status_line", "chunk" ...: stable, in snake_case. */
const char *response_fault_name(enum response_fault fault);

#endif
