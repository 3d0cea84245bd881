#include "runner/metrics/figure.h"

#include <criterion/criterion.h>

static const char *figure(double value, const char *unit)
{
    static char buffer[32];
    figure_text(value, unit, buffer, sizeof buffer);
    return buffer;
}

Test(figure, figures_have_three_digits_and_a_unit)
{
    cr_assert_str_eq(figure(0, "ns"), "0 ns");
    cr_assert_str_eq(figure(730, "ns"), "730 ns");
    cr_assert_str_eq(figure(1500, "ns"), "1.50 us");
    cr_assert_str_eq(figure(999999, "ns"), "1.00 ms", "not 1000 us");
    cr_assert_str_eq(figure(15.23e9, "ns"), "15.2 s");
    cr_assert_str_eq(figure(3600e9, "ns"), "3600 s");
    cr_assert_str_eq(figure(512, "bytes"), "512 B");
    cr_assert_str_eq(figure(34.06 * 1048576, "bytes"), "34.1 MiB");
    cr_assert_str_eq(figure(12345, "count"), "12,345");
    cr_assert_str_eq(figure(1000000, "count"), "1,000,000");
    cr_assert_str_eq(figure(999, "count"), "999");
    cr_assert_str_eq(figure(10.5, "count"), "10.5");
    cr_assert_str_eq(figure(0.794, "ratio"), "0.79");
    cr_assert_str_eq(figure(12300, "per_s"), "12.3 k/s");
    cr_assert_str_eq(figure(-1500, "ns"), "-1.50 us");
    cr_assert_str_eq(figure(1.25e306, "ratio"), "1.25e+306", "nobody reads three hundred digits");
    cr_assert_str_eq(figure(-4.5e300, "ns"), "-4.50e+291 s");
}
