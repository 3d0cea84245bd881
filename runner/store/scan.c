#include "runner/store/scan.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void scan_open(struct scan *scan, const char *text, size_t size)
{
    *scan = (struct scan){.start = text, .at = text, .end = text + size};
}

bool scan_fail(struct scan *scan, const char *static_text)
{
    if (!scan->fault)
        scan->fault = static_text;
    return false;
}

void scan_fault(const struct scan *scan, char *to, size_t size)
{
    size_t line = 1;
    const char *begin = scan->start;
    for (const char *at = scan->start; at < scan->at; at++)
        if (*at == '\n') {
            line++;
            begin = at + 1;
        }
    to[0] = 0;
    if (scan->fault)
        snprintf(to, size, "%zu:%zu: %s", line, (size_t)(scan->at - begin) + 1, scan->fault);
}

static void skip_space(struct scan *scan)
{
    while (scan->at < scan->end &&
           (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\r' || *scan->at == '\t'))
        scan->at++;
}

/* The next character that is no white space; 0 at the end. */
static char look(struct scan *scan)
{
    skip_space(scan);
    return scan->at < scan->end ? *scan->at : 0;
}

static bool take(struct scan *scan, char wanted, const char *otherwise)
{
    if (scan->fault || look(scan) != wanted)
        return scan_fail(scan, scan->at < scan->end ? otherwise : "the text ends too early");
    scan->at++;
    return true;
}

static bool take_word(struct scan *scan, const char *word)
{
    size_t length = strlen(word);
    skip_space(scan);
    if (scan->fault || (size_t)(scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0)
        return scan_fail(scan, "no JSON value");
    scan->at += length;
    return true;
}

enum scan_kind scan_kind(struct scan *scan)
{
    static const struct {
        char first;
        enum scan_kind kind;
    } kinds[] = {{'{', SCAN_OBJECT}, {'[', SCAN_ARRAY}, {'"', SCAN_STRING}, {'-', SCAN_NUMBER},
                 {'t', SCAN_TRUE},   {'f', SCAN_FALSE}, {'n', SCAN_NULL}};
    char first = scan->fault ? 0 : look(scan);
    if (first >= '0' && first <= '9')
        return SCAN_NUMBER;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].first == first)
            return kinds[i].kind;
    return SCAN_NOTHING;
}

/* --- strings -------------------------------------------------------------------------------------------- */

static int hex4(struct scan *scan)
{
    int code = 0;
    if (scan->end - scan->at < 4)
        return -1;
    for (int i = 0; i < 4; i++, scan->at++) {
        char c = *scan->at;
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        code = code * 16 + digit;
    }
    return code;
}

/* Behind "\u": the code point, with its second half where it has one; -1: none. */
static int32_t take_code(struct scan *scan)
{
    int first = hex4(scan);
    if (first < 0xd800 || first > 0xdfff)
        return first;
    if (first > 0xdbff || scan->end - scan->at < 2 || scan->at[0] != '\\' || scan->at[1] != 'u')
        return -1;
    scan->at += 2;
    int second = hex4(scan);
    if (second < 0xdc00 || second > 0xdfff)
        return -1;
    return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

static size_t encode(int32_t code, char to[4])
{
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = length - 1; i > 0; i--, code >>= 6)
        to[i] = (char)(0x80 | (code & 0x3f));
    to[0] = (char)(leads[length] | code);
    return length;
}

/* One character, or its escape, into `to`; its length, 0 with a fault. */
static size_t take_character(struct scan *scan, char to[4])
{
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if ((unsigned char)*scan->at < 0x20) {
        scan_fail(scan, "a control character in a string");
        return 0;
    }
    if (*scan->at != '\\') {
        /* The bytes of one character stay together, so that nothing is cut inside of it. */
        size_t length = 0;
        do
            to[length++] = *scan->at++;
        while (length < 4 && scan->at < scan->end && ((unsigned char)*scan->at & 0xc0) == 0x80);
        return length;
    }
    scan->at++;
    char kind = scan->at < scan->end ? *scan->at : 0;
    const char *escape = kind ? strchr(escapes, kind) : NULL;
    if (escape) {
        scan->at++;
        to[0] = meanings[escape - escapes];
        return 1;
    }
    scan->at += kind == 'u';
    int32_t code = kind == 'u' ? take_code(scan) : -1;
    if (code <= 0) {
        scan_fail(scan, code == 0 ? "a NUL in a string" : "no such escape in a string");
        return 0;
    }
    return encode(code, to);
}

bool scan_string(struct scan *scan, char *to, size_t size)
{
    size_t used = 0;
    bool cut = size == 0;
    if (size)
        to[0] = 0;
    if (!take(scan, '"', "not a string"))
        return false;
    while (scan->at < scan->end && *scan->at != '"') {
        char character[4];
        size_t length = take_character(scan, character);
        if (!length)
            return false;
        cut |= used + length >= size;
        if (cut)
            continue;
        memcpy(to + used, character, length);
        to[used += length] = 0;
    }
    if (scan->at == scan->end)
        return scan_fail(scan, "the text ends too early");
    scan->at++;
    return true;
}

/* --- numbers -------------------------------------------------------------------------------------------- */

/* 10^22 is the last power of ten that a double holds exactly (Clinger 1990): with a mantissa below 2^53 one
   multiplication or division rounds once, which is right. */
static bool exact_number(uint64_t mantissa, int exponent, double *value)
{
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (mantissa >> 53 || exponent > 22 || exponent < -22)
        return false;
    *value = exponent < 0 ? (double)mantissa / tens[-exponent] : (double)mantissa * tens[exponent];
    return true;
}

static bool is_digit(const struct scan *scan)
{
    return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

/* Digits into the mantissa; how many there are. Beyond 19 they are counted in *dropped. */
static int take_digits(struct scan *scan, uint64_t *mantissa, int *dropped)
{
    int count = 0;
    for (; is_digit(scan); scan->at++, count++) {
        if (*mantissa < UINT64_MAX / 10 - 1)
            *mantissa = *mantissa * 10 + (uint64_t)(*scan->at - '0');
        else
            ++*dropped;
    }
    return count;
}

static bool take_exponent(struct scan *scan, int *exponent)
{
    uint64_t digits = 0;
    int dropped = 0;
    scan->at++;
    bool negative = scan->at < scan->end && *scan->at == '-';
    scan->at += scan->at < scan->end && (*scan->at == '-' || *scan->at == '+');
    if (!take_digits(scan, &digits, &dropped))
        return scan_fail(scan, "a number without an exponent behind its e");
    int size = dropped || digits > 9999 ? 9999 : (int)digits;
    *exponent += negative ? -size : size;
    return true;
}

static bool convert(struct scan *scan, const char *begin, double *value)
{
    char text[512];
    size_t length = (size_t)(scan->at - begin);
    if (length >= sizeof text)
        return scan_fail(scan, "a number of more than 500 characters");
    memcpy(text, begin, length);
    text[length] = 0;
    *value = strtod(text, NULL);
    return isfinite(*value) ? true : scan_fail(scan, "a number that is too large");
}

bool scan_number(struct scan *scan, double *value)
{
    if (scan_kind(scan) == SCAN_NULL) {
        *value = NAN;
        return take_word(scan, "null");
    }
    if (scan_kind(scan) != SCAN_NUMBER)
        return scan_fail(scan, "not a number");
    const char *begin = scan->at;
    uint64_t mantissa = 0;
    int dropped = 0, exponent = 0;
    bool negative = *scan->at == '-';
    scan->at += negative;
    bool zero = scan->at < scan->end && *scan->at == '0';
    int digits = take_digits(scan, &mantissa, &dropped);
    if (!digits || (zero && digits > 1))
        return scan_fail(scan, "no JSON number");
    if (scan->at < scan->end && *scan->at == '.') {
        scan->at++;
        exponent = -take_digits(scan, &mantissa, &dropped);
        if (!exponent)
            return scan_fail(scan, "a number without a digit behind its point");
    }
    if (scan->at < scan->end && (*scan->at == 'e' || *scan->at == 'E') && !take_exponent(scan, &exponent))
        return false;
    if (dropped || !exact_number(mantissa, exponent, value))
        return convert(scan, begin, value);
    *value = negative ? -*value : *value;
    return true;
}

bool scan_bool(struct scan *scan, bool *value)
{
    *value = scan_kind(scan) == SCAN_TRUE;
    return scan_kind(scan) == SCAN_TRUE || scan_kind(scan) == SCAN_FALSE
               ? take_word(scan, *value ? "true" : "false")
               : scan_fail(scan, "neither true nor false");
}

/* --- what holds values ---------------------------------------------------------------------------------- */

static bool enter(struct scan *scan, char bracket, const char *otherwise)
{
    if (!take(scan, bracket, otherwise))
        return false;
    return ++scan->depth <= SCAN_DEPTH_MAX ? true : scan_fail(scan, "nested too deeply");
}

/* Whether another entry follows, behind `count` ones; at the closing bracket it is taken. */
static bool another(struct scan *scan, size_t count, char bracket)
{
    if (scan->fault)
        return false;
    if (look(scan) == bracket) {
        scan->at++;
        scan->depth--;
        return false;
    }
    return count ? take(scan, ',', "neither a comma nor the end of a list") : true;
}

bool scan_object(struct scan *scan, bool (*member)(struct scan *scan, const char *key, void *context),
                 void *context)
{
    char key[SCAN_KEY_SIZE];
    if (!enter(scan, '{', "not an object"))
        return false;
    for (size_t count = 0; another(scan, count, '}'); count++)
        if (!scan_string(scan, key, sizeof key) || !take(scan, ':', "no colon behind a key") ||
            !member(scan, key, context))
            return scan_fail(scan, "not as a bundle has it");
    return !scan->fault;
}

bool scan_array(struct scan *scan, bool (*item)(struct scan *scan, void *context), void *context)
{
    if (!enter(scan, '[', "not a list"))
        return false;
    for (size_t count = 0; another(scan, count, ']'); count++)
        if (!item(scan, context))
            return scan_fail(scan, "not as a bundle has it");
    return !scan->fault;
}

static bool skip_member(struct scan *scan, const char *key, void *context)
{
    (void)key;
    (void)context;
    return scan_skip(scan);
}

static bool skip_item(struct scan *scan, void *context)
{
    (void)context;
    return scan_skip(scan);
}

bool scan_skip(struct scan *scan)
{
    double number;
    switch (scan_kind(scan)) {
    case SCAN_OBJECT:
        return scan_object(scan, skip_member, NULL);
    case SCAN_ARRAY:
        return scan_array(scan, skip_item, NULL);
    case SCAN_STRING:
        return scan_string(scan, NULL, 0);
    case SCAN_NUMBER:
    case SCAN_NULL:
        return scan_number(scan, &number);
    case SCAN_TRUE:
        return take_word(scan, "true");
    case SCAN_FALSE:
        return take_word(scan, "false");
    case SCAN_NOTHING:
        break;
    }
    return scan_fail(scan, scan->at < scan->end ? "no JSON value" : "the text ends too early");
}

bool scan_finish(struct scan *scan)
{
    skip_space(scan);
    return scan->fault ? false : scan->at == scan->end ? true : scan_fail(scan, "something behind the value");
}
