#include "runner/manifest/units.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const struct unit units_size[] = {
    {"B", 1},         {"KB", 1000},       {"KiB", 1 << 10}, {"MB", 1000000},
    {"MiB", 1 << 20}, {"GB", 1000000000}, {"GiB", 1 << 30}, {NULL, 0},
};

const struct unit units_time[] = {
    {"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}, {"m", 60000000000}, {NULL, 0},
};

const struct unit units_rate[] = {{"/s", 1}, {NULL, 0}};

const struct unit units_hertz[] = {{"Hz", 1}, {"kHz", 1000}, {NULL, 0}};

/* value = digits / scale; scale is a power of ten. */
struct decimal {
    uint64_t digits, scale;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads a decimal; *end is behind it. 18 digits fit in 63 bits. */
static enum units_problem scan(const char *text, struct decimal *decimal, const char **end)
{
    bool point = false;
    bool too_large = false;
    size_t count = 0;
    *decimal = (struct decimal){.digits = 0, .scale = 1};
    if (*text == '-' && is_digit(text[1]))
        return UNITS_NEGATIVE;
    if (!is_digit(*text))
        return UNITS_NOT_A_NUMBER;
    for (; is_digit(*text) || (*text == '.' && !point && is_digit(text[1])); text++) {
        if (*text == '.') {
            point = true;
            continue;
        }
        if (count == 18) {
            too_large = true;
            continue;
        }
        count += decimal->digits > 0 || *text != '0' || point;
        decimal->digits = decimal->digits * 10 + (uint64_t)(*text - '0');
        if (point)
            decimal->scale *= 10;
    }
    *end = text;
    return too_large ? UNITS_TOO_LARGE : UNITS_FINE;
}

static enum units_problem multiply(struct decimal decimal, uint64_t factor, uint64_t *value)
{
    unsigned __int128 product = (unsigned __int128)decimal.digits * factor;
    if (product % decimal.scale)
        return UNITS_FRACTION;
    product /= decimal.scale;
    if (product > INT64_MAX)
        return UNITS_TOO_LARGE;
    *value = (uint64_t)product;
    return UNITS_FINE;
}

enum units_problem units_decimal(const char *text, uint64_t factor, uint64_t *value)
{
    struct decimal decimal;
    const char *end;
    enum units_problem problem = scan(text, &decimal, &end);
    if (problem)
        return problem;
    return *end ? UNITS_NOT_A_NUMBER : multiply(decimal, factor, value);
}

enum units_problem units_parse(const char *text, const struct unit *units, uint64_t *value)
{
    struct decimal decimal;
    const char *end;
    enum units_problem problem = scan(text, &decimal, &end);
    if (problem)
        return problem;
    if (!*end) {
        *value = 0;
        return decimal.digits == 0 ? UNITS_FINE : UNITS_NO_UNIT;
    }
    for (const struct unit *unit = units; unit->name; unit++)
        if (strcmp(unit->name, end) == 0)
            return multiply(decimal, unit->factor, value);
    return *end == ' ' ? UNITS_SPACE : UNITS_UNKNOWN_UNIT;
}

void units_format(uint64_t value, const struct unit *units, char *text, size_t size)
{
    const struct unit *best = units;
    for (const struct unit *unit = units; unit->name; unit++)
        if (value % unit->factor == 0)
            best = unit;
    if (value == 0)
        snprintf(text, size, "0");
    else
        snprintf(text, size, "%llu%s", (unsigned long long)(value / best->factor), best->name);
}

void units_names(const struct unit *units, const char *separator, char *text, size_t size)
{
    size_t used = 0;
    text[0] = 0;
    for (const struct unit *unit = units; unit->name && used < size; unit++)
        used +=
            (size_t)snprintf(text + used, size - used, "%s%s", unit == units ? "" : separator, unit->name);
}
