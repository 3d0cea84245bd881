#include "runner/manifest/utf8.h"

#include <stdio.h>
#include <string.h>

#define QUOTE_CHARACTERS 60

size_t utf8_decode(const char *at, const char *end, uint32_t *code)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)*at;
    size_t length = first < 0x80 ? 1 : first >= 0xf0 && first < 0xf8 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0x80) {
        *code = first;
        return 1;
    }
    if (first < 0xc2 || first >= 0xf8 || (size_t)(end - at) < length)
        return 0;
    uint32_t value = first & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        unsigned char next = (unsigned char)at[i];
        if ((next & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (next & 0x3fU);
    }
    if (value < smallest[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *code = value;
    return length;
}

bool utf8_printable(uint32_t code)
{
    if (code < 0x20)
        return code == '\t' || code == '\n' || code == '\r';
    if (code >= 0x7f && code < 0xa0)
        return false;
    return code != 0x2028 && code != 0x2029 && code != 0xfeff && (code & 0xfffe) != 0xfffe;
}

static bool invisible(uint32_t code)
{
    return (code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
           (code >= 0x2060 && code <= 0x206f) || code == 0xad || code == 0x61c || code >= 0xe0000;
}

size_t utf8_show(const char *at, const char *end, char out[16], size_t *columns)
{
    uint32_t code = 0;
    size_t length = utf8_decode(at, end, &code);
    int written;
    if (length == 0)
        written = snprintf(out, 16, "\\x%02x", (unsigned char)*at);
    else if (code == '\t')
        written = snprintf(out, 16, "\\t");
    else if (code == '\n')
        written = snprintf(out, 16, "\\n");
    else if (code == '\r')
        written = snprintf(out, 16, "\\r");
    else if (code < 0x100 && !utf8_printable(code))
        written = snprintf(out, 16, "\\x%02x", code);
    else if (!utf8_printable(code) || invisible(code))
        written = snprintf(out, 16, code > 0xffff ? "\\U%08x" : "\\u%04x", code);
    else {
        memcpy(out, at, length);
        out[length] = 0;
        *columns = 1;
        return length;
    }
    *columns = (size_t)written;
    return length ? length : 1;
}

const char *quote(struct quote *quote, const char *text, size_t length)
{
    const char *at = text;
    const char *end = text + length;
    size_t used = 0;
    for (size_t shown = 0; at < end; shown++) {
        char piece[16];
        size_t columns;
        size_t taken = utf8_show(at, end, piece, &columns);
        size_t bytes = strlen(piece);
        if (shown == QUOTE_CHARACTERS || used + bytes + sizeof "..." > sizeof quote->text) {
            memcpy(quote->text + used, "...", sizeof "...");
            return quote->text;
        }
        memcpy(quote->text + used, piece, bytes);
        used += bytes;
        at += taken;
    }
    quote->text[used] = 0;
    return quote->text;
}
