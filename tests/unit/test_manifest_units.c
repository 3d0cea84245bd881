#include "runner/manifest/units.h"

#include <criterion/criterion.h>

struct row {
    const char *text;
    const struct unit *units;
    enum units_problem problem;
    uint64_t value;
};

Test(manifest_units, numbers_with_units_are_exact)
{
    static const struct row rows[] = {
        {"512MiB", units_size, UNITS_FINE, 512ULL << 20},
        {"1KB", units_size, UNITS_FINE, 1000},
        {"1KiB", units_size, UNITS_FINE, 1024},
        {"2GB", units_size, UNITS_FINE, 2000000000},
        {"1.5GiB", units_size, UNITS_FINE, 3ULL << 29},
        {"7B", units_size, UNITS_FINE, 7},
        {"0", units_size, UNITS_FINE, 0},
        {"0.0", units_time, UNITS_FINE, 0},
        {"1.5s", units_time, UNITS_FINE, 1500000000},
        {"0.001us", units_time, UNITS_FINE, 1},
        {"10m", units_time, UNITS_FINE, 600000000000},
        {"000000000000000000000000000001ms", units_time, UNITS_FINE, 1000000},
        {"9223372036ms", units_time, UNITS_FINE, 9223372036000000},
        {"9223372036s", units_time, UNITS_FINE, 9223372036000000000},
        {"9223372037s", units_time, UNITS_TOO_LARGE, 0},
        {"9999999999999999999999999999s", units_time, UNITS_TOO_LARGE, 0},
        {"0.0005us", units_time, UNITS_FRACTION, 0},
        {"99Hz", units_hertz, UNITS_FINE, 99},
        {"1.5kHz", units_hertz, UNITS_FINE, 1500},
        {"1MHz", units_hertz, UNITS_UNKNOWN_UNIT, 0},
        {"5", units_time, UNITS_NO_UNIT, 0},
        {"5h", units_time, UNITS_UNKNOWN_UNIT, 0},
        {"5s ", units_time, UNITS_UNKNOWN_UNIT, 0},
        {"1.2.3s", units_time, UNITS_UNKNOWN_UNIT, 0},
        {"5.s", units_time, UNITS_UNKNOWN_UNIT, 0},
        {"1e30", units_size, UNITS_UNKNOWN_UNIT, 0},
        {"5 s", units_time, UNITS_SPACE, 0},
        {"-5s", units_time, UNITS_NEGATIVE, 0},
        {"", units_time, UNITS_NOT_A_NUMBER, 0},
        {"s", units_time, UNITS_NOT_A_NUMBER, 0},
        {"+5s", units_time, UNITS_NOT_A_NUMBER, 0},
        {".5s", units_time, UNITS_NOT_A_NUMBER, 0},
        {"nan", units_size, UNITS_NOT_A_NUMBER, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t value = 0;
        cr_assert_eq(units_parse(rows[i].text, rows[i].units, &value), rows[i].problem, "'%s'", rows[i].text);
        if (rows[i].problem == UNITS_FINE)
            cr_assert_eq(value, rows[i].value, "'%s' is %lu", rows[i].text, value);
    }
}

Test(manifest_units, decimals_are_multiplied_exactly)
{
    uint64_t value;
    cr_assert_eq(units_decimal("0.5", 100000, &value), UNITS_FINE);
    cr_assert_eq(value, 50000);
    cr_assert_eq(units_decimal("0.29", 100000, &value),
                 UNITS_FINE); /* 28999.999... in binary floating point */
    cr_assert_eq(value, 29000);
    cr_assert_eq(units_decimal("0.000001", 100000, &value), UNITS_FRACTION);
    cr_assert_eq(units_decimal("2x", 100000, &value), UNITS_NOT_A_NUMBER);
}

Test(manifest_units, a_value_is_shown_in_its_largest_unit)
{
    char text[32];
    units_format(512ULL << 20, units_size, text, sizeof text);
    cr_assert_str_eq(text, "512MiB");
    units_format(1500000000, units_time, text, sizeof text);
    cr_assert_str_eq(text, "1500ms");
    units_format(0, units_time, text, sizeof text);
    cr_assert_str_eq(text, "0");
    units_names(units_time, "|", text, sizeof text);
    cr_assert_str_eq(text, "ns|us|ms|s|m");
}
