/*
 * Numbers with units, exactly: "512MiB" is bytes, "1.5s" nanoseconds, "0.5" CPUs a quota. Pure functions.
 */
#ifndef RUNNER_MANIFEST_UNITS_H
#define RUNNER_MANIFEST_UNITS_H

#include <stddef.h>
#include <stdint.h>

struct unit {
    const char *name;
    uint64_t factor;
};

/* Tables end with a row without a name; the rows rise. */
extern const struct unit units_size[];  /* bytes: B, KB, KiB, MB, MiB, GB, GiB */
extern const struct unit units_time[];  /* nanoseconds: ns, us, ms, s, m */
extern const struct unit units_rate[];  /* so many a second: /s */
extern const struct unit units_hertz[]; /* Hz, kHz */

enum units_problem {
    UNITS_FINE,
    UNITS_NOT_A_NUMBER,
    UNITS_NEGATIVE,
    UNITS_NO_UNIT,
    UNITS_UNKNOWN_UNIT,
    UNITS_SPACE,     /* between number and unit */
    UNITS_TOO_LARGE, /* more than 2^63 - 1 */
    UNITS_FRACTION,  /* not a whole multiple of the smallest unit */
};

/* A decimal number ("12", "0.5"; no sign, no exponent) followed by one of the units; 0 needs none. */
enum units_problem units_parse(const char *text, const struct unit *units, uint64_t *value);
/* A decimal number without unit, times `factor`: units_decimal("0.5", 100000) is 50000. */
enum units_problem units_decimal(const char *text, uint64_t factor, uint64_t *value);

/* The value in the largest unit that divides it: 524288 is "512KiB". */
void units_format(uint64_t value, const struct unit *units, char *text, size_t size);
/* "ns, us, ms, s, m" */
void units_names(const struct unit *units, const char *separator, char *text, size_t size);

#endif
