#include "runner/load/response.h"

#include "runner/load/framing.h"

enum state {
    STATUS_LINE,
    PREFACE,    /* does not begin like HTTP/1: HTTP/2 or something else */
    REASON,     /* behind the status */
    LINE_START, /* of a field line, a folded one or the empty one */
    NAME,
    VALUE,
    LINE_LF, /* behind the CR of a status or field line */
    LAST_LF, /* behind the CR of the empty line */
    CHUNK_SIZE,
    CHUNK_EXTENSION,
    CHUNK_LINE_LF,
    CHUNK_CR, /* behind a chunk's bytes */
    CHUNK_LF,
    CHUNK_BYTES, /* from here on whole pieces are taken */
    LENGTH_BYTES,
    CLOSE_BYTES
};

static void fail(struct response *response, enum response_fault fault)
{
    response->progress = RESPONSE_FAULTY;
    response->fault = fault;
}

/* What a reason, a field value or a chunk's extension may hold (RFC 9110, 5.5). */
static bool is_text(unsigned char c)
{
    return c == '\t' || (c >= ' ' && c != 0x7f);
}

/* --- the header block ------------------------------------------------------------------------- */

static void begin_block(struct response *response, enum state state)
{
    response->state = (uint8_t)state;
    response->at = response->header_bytes = response->codings = 0;
    response->field_open = false;
    response->length_known = response->length_bad = response->coding_bad = false;
    response->chunked = response->chunked_before = false;
    response->wants_close = response->wants_keep_alive = false;
}

static void begin_body(struct response *response, enum state state)
{
    response->state = (uint8_t)state;
    response->at = 0;
    if (state == CLOSE_BYTES)
        response->keep_alive = false;
}

/* RFC 9112, 6.3: the items in their order. */
static void choose_body(struct response *response)
{
    uint16_t status = response->status;
    response->keep_alive = !response->wants_close && (response->minor > 0 || response->wants_keep_alive);
    if (response->head || status == 101 || status == 204 || status == 304) {
        response->keep_alive = response->keep_alive && status != 101;
        response->progress = RESPONSE_COMPLETE;
    } else if (response->codings) {
        if (response->coding_bad || response->minor == 0)
            fail(response, RESPONSE_TRANSFER_CODING);
        else
            begin_body(response, response->chunked ? CHUNK_SIZE : CLOSE_BYTES);
        if (response->length_known)
            response->keep_alive = false;
    } else if (response->length_bad) {
        fail(response, RESPONSE_CONTENT_LENGTH);
    } else if (!response->length_known) {
        begin_body(response, CLOSE_BYTES);
    } else if (response->length > response->body_limit) {
        fail(response, RESPONSE_BODY_TOO_LONG);
    } else if (response->length == 0) {
        response->progress = RESPONSE_COMPLETE;
    } else {
        response->left = response->length;
        begin_body(response, LENGTH_BYTES);
    }
}

static void block_end(struct response *response)
{
    if (response->trailers) {
        response->progress = RESPONSE_COMPLETE;
    } else if (response->status < 200 && response->status != 101) {
        if (++response->interim > RESPONSE_INTERIM_MAX)
            fail(response, RESPONSE_INTERIM);
        else
            begin_block(response, STATUS_LINE);
    } else {
        choose_body(response);
    }
}

static void in_status_line(struct response *response, unsigned char c)
{
    static const char form[] = "HTTP/1.v sdd";
    uint32_t at = response->at++;
    if (at == 0 && (c == 'P' || c == 0)) {
        response->state = PREFACE;
        response->settings = c == 0;
        return;
    }
    char wanted = at < sizeof form - 1 ? form[at] : 0;
    bool fits = true;
    if (wanted == 'v') {
        fits = framing_is_digit(c);
        response->minor = (uint8_t)(c - '0');
    } else if (wanted == 's') {
        fits = framing_is_digit(c) && c != '0';
        response->status = (uint16_t)(c - '0');
    } else if (wanted == 'd') {
        fits = framing_is_digit(c);
        response->status = (uint16_t)(response->status * 10 + (c - '0'));
    } else if (wanted) {
        fits = c == (unsigned char)wanted;
    } else if (c == ' ') {
        response->state = REASON;
    } else {
        fits = c == '\r' || c == '\n'; /* no reason, nor the blank before it: harmless and common */
        response->state = c == '\r' ? LINE_LF : LINE_START;
    }
    if (!fits)
        fail(response, wanted == '1' && c == '2' ? RESPONSE_HTTP2 : RESPONSE_STATUS_LINE);
}

/* The client's preface, or a server's: a SETTINGS frame of less than 64 KiB, no flags, stream 0 (RFC 9113,
   3.4, 4.1 and 6.5). */
static void in_preface(struct response *response, unsigned char c)
{
    static const char client[] = "PRI * HTTP/2";
    uint32_t at = response->at++;
    bool fits;
    if (response->settings)
        fits = at < 3 || c == (at == 3 ? 4 : 0);
    else
        fits = c == (unsigned char)client[at];
    if (!fits)
        fail(response, RESPONSE_STATUS_LINE);
    else if (response->at == (response->settings ? 9 : sizeof client - 1))
        fail(response, RESPONSE_HTTP2);
}

static void in_reason(struct response *response, unsigned char c)
{
    if (c == '\r')
        response->state = LINE_LF;
    else if (c == '\n')
        response->state = LINE_START;
    else if (!is_text(c))
        fail(response, RESPONSE_STATUS_LINE);
}

static void in_name(struct response *response, unsigned char c)
{
    bool fits;
    if (c == ':') {
        fits = framing_name_end(response);
        response->state = VALUE;
    } else {
        fits = framing_name_add(response, c);
    }
    if (!fits)
        fail(response, RESPONSE_FIELD_LINE);
}

static void in_value(struct response *response, unsigned char c)
{
    if (c == '\r')
        response->state = LINE_LF;
    else if (c == '\n')
        response->state = LINE_START;
    else if (!is_text(c))
        fail(response, RESPONSE_FIELD_LINE);
    else
        framing_value_add(response, c);
}

static void at_line_start(struct response *response, unsigned char c)
{
    if (framing_is_blank(c) && response->field_open) {
        response->state = VALUE; /* obs-fold, one blank */
        in_value(response, ' ');
        return;
    }
    framing_value_end(response);
    if (c == '\r') {
        response->state = LAST_LF;
    } else if (c == '\n') {
        block_end(response);
    } else {
        response->state = NAME;
        framing_name_start(response);
        in_name(response, c);
    }
}

static void at_line_lf(struct response *response, unsigned char c)
{
    response->state = LINE_START;
    if (c != '\n')
        fail(response, RESPONSE_FIELD_LINE);
}

static void at_last_lf(struct response *response, unsigned char c)
{
    if (c == '\n')
        block_end(response);
    else
        fail(response, RESPONSE_FIELD_LINE);
}

/* --- chunks (RFC 9112, 7.1) ------------------------------------------------------------------- */

static void in_chunk_size(struct response *response, unsigned char c)
{
    uint32_t at = response->at++;
    char low = framing_lower(c);
    if (at == 0)
        response->left = 0;
    if (framing_is_digit(c) || (low >= 'a' && low <= 'f')) {
        unsigned digit = (unsigned)(framing_is_digit(c) ? c - '0' : low - 'a' + 10);
        if (response->left >> 60 || response->at > RESPONSE_CHUNK_LINE_MAX)
            fail(response, RESPONSE_CHUNK);
        response->left = response->left << 4 | digit;
    } else if (at > 0 && c == '\r') {
        response->state = CHUNK_LINE_LF;
    } else if (at > 0 && (c == ';' || framing_is_blank(c))) {
        response->state = CHUNK_EXTENSION;
    } else {
        fail(response, RESPONSE_CHUNK);
    }
}

static void in_chunk_extension(struct response *response, unsigned char c)
{
    if (c == '\r')
        response->state = CHUNK_LINE_LF;
    else if (!is_text(c) || ++response->at > RESPONSE_CHUNK_LINE_MAX)
        fail(response, RESPONSE_CHUNK);
}

static void at_chunk_line_lf(struct response *response, unsigned char c)
{
    if (c != '\n') {
        fail(response, RESPONSE_CHUNK);
    } else if (response->left > response->body_limit - response->body_bytes) {
        fail(response, RESPONSE_BODY_TOO_LONG);
    } else if (response->left) {
        response->state = CHUNK_BYTES;
    } else {
        response->trailers = true;
        response->header_bytes = 0;
        response->state = LINE_START;
    }
}

static void at_chunk_cr(struct response *response, unsigned char c)
{
    response->state = CHUNK_LF;
    if (c != '\r')
        fail(response, RESPONSE_CHUNK);
}

static void at_chunk_lf(struct response *response, unsigned char c)
{
    begin_body(response, CHUNK_SIZE);
    if (c != '\n')
        fail(response, RESPONSE_CHUNK);
}

static size_t take_body(struct response *response, size_t size)
{
    if (response->state == CLOSE_BYTES)
        response->left = response->body_limit - response->body_bytes;
    if (response->left == 0) {
        fail(response, RESPONSE_BODY_TOO_LONG);
        return 1;
    }
    size_t taken = size < response->left ? size : (size_t)response->left;
    response->left -= taken;
    response->body_bytes += taken;
    if (response->left == 0 && response->state == LENGTH_BYTES)
        response->progress = RESPONSE_COMPLETE;
    else if (response->left == 0 && response->state == CHUNK_BYTES)
        response->state = CHUNK_CR;
    return taken;
}

static void take_byte(struct response *response, unsigned char c)
{
    static void (*const steps[])(struct response *, unsigned char) = {
        [STATUS_LINE] = in_status_line,
        [PREFACE] = in_preface,
        [REASON] = in_reason,
        [LINE_START] = at_line_start,
        [NAME] = in_name,
        [VALUE] = in_value,
        [LINE_LF] = at_line_lf,
        [LAST_LF] = at_last_lf,
        [CHUNK_SIZE] = in_chunk_size,
        [CHUNK_EXTENSION] = in_chunk_extension,
        [CHUNK_CR] = at_chunk_cr,
        [CHUNK_LINE_LF] = at_chunk_line_lf,
        [CHUNK_LF] = at_chunk_lf,
    };
    if (response->state < CHUNK_SIZE && ++response->header_bytes > RESPONSE_HEADER_MAX)
        fail(response, RESPONSE_HEADER_TOO_LONG);
    else
        steps[response->state](response, c);
}

void response_start(struct response *response, bool head, uint64_t body_limit)
{
    *response = (struct response){.head = head, .body_limit = body_limit};
}

size_t response_feed(struct response *response, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    size_t used = 0;
    while (used < size && response->progress == RESPONSE_READING) {
        if (response->state >= CHUNK_BYTES)
            used += take_body(response, size - used);
        else
            take_byte(response, bytes[used++]);
    }
    response->bytes += used;
    return used;
}

void response_close(struct response *response)
{
    if (response->progress != RESPONSE_READING)
        return;
    if (response->state == CLOSE_BYTES)
        response->progress = RESPONSE_COMPLETE;
    else
        fail(response, response->state == PREFACE ? RESPONSE_STATUS_LINE : RESPONSE_EARLY_CLOSE);
}

const char *response_fault_name(enum response_fault fault)
{
    static const char *const names[RESPONSE_FAULTS] = {
        [RESPONSE_FINE] = "fine",
        [RESPONSE_STATUS_LINE] = "status_line",
        [RESPONSE_HTTP2] = "http2",
        [RESPONSE_FIELD_LINE] = "field_line",
        [RESPONSE_CONTENT_LENGTH] = "content_length",
        [RESPONSE_TRANSFER_CODING] = "transfer_coding",
        [RESPONSE_CHUNK] = "chunk",
        [RESPONSE_INTERIM] = "interim",
        [RESPONSE_HEADER_TOO_LONG] = "header_too_long",
        [RESPONSE_BODY_TOO_LONG] = "body_too_long",
        [RESPONSE_EARLY_CLOSE] = "early_close",
    };
    return names[fault];
}
