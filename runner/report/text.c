#include "runner/report/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Bytes of the character at `text`, its code point in *code; 0 where the sequence is broken (RFC 3629). */
static size_t decode(const char *text, uint32_t *code)
{
    static const struct {
        uint8_t mask, lead;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    const uint8_t *bytes = (const uint8_t *)text;
    for (size_t extra = 0; extra < sizeof forms / sizeof *forms; extra++) {
        if ((bytes[0] & forms[extra].mask) != forms[extra].lead)
            continue;
        *code = bytes[0] & (uint8_t)~forms[extra].mask;
        for (size_t i = 1; i <= extra; i++) {
            if ((bytes[i] & 0xc0) != 0x80) /* also at the final NUL */
                return 0;
            *code = *code << 6 | (bytes[i] & 0x3f);
        }
        bool surrogate = *code >= 0xd800 && *code <= 0xdfff;
        return *code < forms[extra].least || *code > 0x10ffff || surrogate ? 0 : extra + 1;
    }
    return 0;
}

struct range {
    uint32_t first, last;
};

static bool within(uint32_t code, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}
#define WITHIN(code, ranges) within(code, ranges, sizeof(ranges) / sizeof *(ranges))

/* Controls, what turns the direction of the rest of a line round, and what XML 1.0 has no place for. */
static const struct range harmful[] = {
    {0x00, 0x1f},     {0x7f, 0x9f},     {0x200e, 0x200f}, {0x2028, 0x202e},
    {0x2066, 0x2069}, {0xfff9, 0xfffb}, {0xfffe, 0xffff},
};
static const struct range combining[] = {
    {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},     {0x610, 0x61a},   {0x64b, 0x65f},
    {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200d},   {0x20d0, 0x20ff}, {0xfe00, 0xfe0f},
    {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0100, 0xe01ef},
};
static const struct range wide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97f}, {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff01, 0xff60},   {0xffe0, 0xffe6}, {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

size_t text_next(const char *text, bool *harmless)
{
    uint32_t code = 0;
    size_t bytes = decode(text, &code);
    *harmless = bytes > 0 && !WITHIN(code, harmful);
    return bytes ? bytes : 1;
}

void text_clean(const char *from, char *to, size_t size)
{
    size_t used = 0;
    if (!from)
        from = "?";
    while (*from) {
        bool harmless;
        size_t bytes = text_next(from, &harmless);
        size_t wanted = harmless ? bytes : 1;
        if (used + wanted + 1 > size)
            break;
        if (harmless)
            memcpy(to + used, from, bytes);
        else
            to[used] = '?';
        used += wanted;
        from += bytes;
    }
    if (size)
        to[used] = 0;
}

size_t text_width(const char *text)
{
    size_t width = 0;
    while (*text) {
        uint32_t code = 0;
        size_t bytes = decode(text, &code);
        if (bytes == 0 || !WITHIN(code, combining))
            width += bytes && WITHIN(code, wide) ? 2 : 1;
        text += bytes ? bytes : 1;
    }
    return width;
}
