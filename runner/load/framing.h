/*
 * The fields that say where an answer ends and whether its connection stays: Content-Length,
 * Transfer-Encoding and Connection, read byte by byte. A part of the response parser; it keeps its state in
 * struct response.
 */
#ifndef RUNNER_LOAD_FRAMING_H
#define RUNNER_LOAD_FRAMING_H

#include "runner/load/response.h"

static inline bool framing_is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static inline bool framing_is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

static inline char framing_lower(unsigned char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* Begins a field's name; a trailer's means nothing to the framing (RFC 9110, 6.5.1). */
void framing_name_start(struct response *response);
/* false: the byte cannot stand in a name. */
bool framing_name_add(struct response *response, unsigned char c);
/* The colon behind the name. false: the name is empty. */
bool framing_name_end(struct response *response);

void framing_value_add(struct response *response, unsigned char c);
/* The line behind it has shown that the field, if one was open, is over. */
void framing_value_end(struct response *response);

#endif
