#include "runner/metrics/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define READABLE 1e9 /* more digits than these nobody reads */

/* Three digits that count: 1.52, 15.2, 152, 1.52e+12. */
static void three_digits(double value, const char *suffix, char *to, size_t size)
{
    double magnitude = fabs(value);
    int places = magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0;
    if (magnitude >= READABLE)
        snprintf(to, size, "%.2e%s%s", value, *suffix ? " " : "", suffix);
    else
        snprintf(to, size, "%.*f%s%s", places, value, *suffix ? " " : "", suffix);
}

static void scaled(double value, double step, const char *const *suffixes, size_t count, char *to,
                   size_t size)
{
    size_t i = 0;
    /* Rounding must not yield "1000 us": the step is taken where three digits would show it. */
    while (i + 1 < count && fabs(value) >= step - step / 2000) {
        value /= step;
        i++;
    }
    if (i == 0 && value == trunc(value))
        snprintf(to, size, "%.0f%s%s", value, *suffixes[0] ? " " : "", suffixes[0]);
    else
        three_digits(value, suffixes[i], to, size);
}

/* 12,345,678 */
static void grouped(double value, char *to, size_t size)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%.0f", fabs(value));
    size_t length = strlen(digits);
    size_t used = 0;
    if (value < 0 && used + 1 < size)
        to[used++] = '-';
    for (size_t i = 0; i < length && used + 2 < size; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            to[used++] = ',';
        to[used++] = digits[i];
    }
    to[used] = 0;
}

void figure_text(double value, const char *unit, char *to, size_t size)
{
    static const char *const times[] = {"ns", "us", "ms", "s"};
    static const char *const sizes[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    static const char *const rates[] = {"/s", "k/s", "M/s", "G/s"};
    static const char *const counts[] = {"", "k", "M", "G", "T"};
    if (strcmp(unit, "ns") == 0)
        scaled(value, 1000, times, 4, to, size);
    else if (strcmp(unit, "bytes") == 0)
        scaled(value, 1024, sizes, 5, to, size);
    else if (strcmp(unit, "per_s") == 0)
        scaled(value, 1000, rates, 4, to, size);
    else if (strcmp(unit, "count") == 0 && value == trunc(value) && fabs(value) < 1e9)
        grouped(value, to, size);
    else if (strcmp(unit, "count") == 0)
        scaled(value, 1000, counts, 5, to, size);
    else
        three_digits(value, "", to, size);
}
