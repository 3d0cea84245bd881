#include "runner/load/framing.h"

#include <string.h>

enum field { CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION, FIELDS, FIELD_OTHER = FIELDS };
static const char *const field_names[FIELDS] = {
    [CONTENT_LENGTH] = "content-length",
    [TRANSFER_ENCODING] = "transfer-encoding",
    [CONNECTION] = "connection",
};

/* tchar of RFC 9110, 5.6.2. */
static bool is_token(unsigned char c)
{
    char low = framing_lower(c);
    return framing_is_digit(c) || (low >= 'a' && low <= 'z') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

void framing_name_start(struct response *response)
{
    response->at = 0;
    response->candidates = response->trailers ? 0 : (1u << FIELDS) - 1;
}

bool framing_name_add(struct response *response, unsigned char c)
{
    uint32_t at = response->at++;
    /* A name that is over has a NUL there, which no byte of a token equals: nothing is read behind it. */
    for (unsigned i = 0; i < FIELDS; i++)
        if (response->candidates & 1u << i && field_names[i][at] != framing_lower(c))
            response->candidates &= (uint8_t) ~(1u << i);
    return is_token(c);
}

bool framing_name_end(struct response *response)
{
    response->field = FIELD_OTHER;
    for (unsigned i = 0; i < FIELDS; i++)
        if (response->candidates & 1u << i && field_names[i][response->at] == 0)
            response->field = (uint8_t)i;
    response->elements = 0;
    response->field_open = true;
    return response->at > 0;
}

/* --- list elements ---------------------------------------------------------------------------- */

static bool token_is(const struct response *response, const char *word)
{
    size_t length = strlen(word);
    return !response->broken && length == response->token_length &&
           memcmp(response->token, word, length) == 0;
}

static void take_length(struct response *response)
{
    uint64_t number = 0;
    bool bad = response->broken || response->parameters || response->token_length == 0;
    for (size_t i = 0; !bad && i < response->token_length; i++) {
        unsigned char c = (unsigned char)response->token[i];
        bad = !framing_is_digit(c) || __builtin_mul_overflow(number, 10u, &number) ||
              __builtin_add_overflow(number, (uint64_t)(c - '0'), &number);
    }
    if (bad || (response->length_known && response->length != number))
        response->length_bad = true;
    response->length_known = true;
    response->length = number;
}

static void take_coding(struct response *response)
{
    bool chunked = token_is(response, "chunked");
    if (chunked && (response->parameters || response->chunked_before))
        response->coding_bad = true;
    response->chunked = chunked;
    response->chunked_before = response->chunked_before || chunked;
    response->codings++;
}

static void element_end(struct response *response)
{
    if (response->token_length || response->parameters || response->broken) {
        response->elements++;
        if (response->field == CONTENT_LENGTH)
            take_length(response);
        else if (response->field == TRANSFER_ENCODING)
            take_coding(response);
        else if (token_is(response, "close"))
            response->wants_close = true;
        else if (token_is(response, "keep-alive"))
            response->wants_keep_alive = true;
    }
    response->token_length = 0;
    response->broken = response->gap = response->parameters = response->quoted = response->escaped = false;
}

void framing_value_add(struct response *response, unsigned char c)
{
    if (response->field == FIELD_OTHER)
        return;
    if (response->quoted) {
        if (!response->escaped && c == '"')
            response->quoted = false;
        response->escaped = !response->escaped && c == '\\';
    } else if (c == ',') {
        element_end(response);
    } else if (response->parameters) {
        response->quoted = c == '"';
    } else if (c == ';') {
        response->parameters = true;
    } else if (framing_is_blank(c)) {
        response->gap = response->token_length > 0;
    } else if (response->gap || response->token_length == sizeof response->token) {
        response->broken = true;
    } else {
        response->token[response->token_length++] = framing_lower(c);
    }
}

void framing_value_end(struct response *response)
{
    if (!response->field_open)
        return;
    response->field_open = false;
    if (response->field == FIELD_OTHER)
        return;
    if (response->quoted)
        response->coding_bad = true;
    element_end(response);
    if (response->field == CONTENT_LENGTH && response->elements == 0)
        response->length_bad = response->length_known = true;
}
