#include "runner/report/text.h"

#include <criterion/criterion.h>

static const char *cleaned(const char *text)
{
    static char buffer[64];
    text_clean(text, buffer, sizeof buffer);
    return buffer;
}

static const char *figure(double value, const char *unit)
{
    static char buffer[32];
    text_figure(value, unit, buffer, sizeof buffer);
    return buffer;
}

Test(report_text, controls_and_broken_sequences_become_question_marks)
{
    cr_assert_str_eq(cleaned("plain"), "plain");
    cr_assert_str_eq(cleaned("a\033[31mb\r\n"), "a?[31mb??");
    cr_assert_str_eq(cleaned("caf\xc3\xa9"), "caf\xc3\xa9");
    cr_assert_str_eq(cleaned("x\xc3"), "x?", "cut off");
    cr_assert_str_eq(cleaned("\xc0\xaf\xed\xa0\x80"), "?????", "overlong, surrogate");
    cr_assert_str_eq(cleaned("a\xc2\x9b"
                             "b"),
                     "a?b", "the 8-bit CSI");
    cr_assert_str_eq(cleaned("a\xe2\x80\xae"
                             "b"),
                     "a?b", "right-to-left override");
    cr_assert_str_eq(cleaned(NULL), "?");
}

Test(report_text, text_is_cut_between_characters)
{
    char four[4];
    text_clean("ab\xc3\xa9z", four, sizeof four);
    cr_assert_str_eq(four, "ab");
    text_clean("anything", four, 1);
    cr_assert_str_eq(four, "");
}

Test(report_text, width_counts_columns)
{
    cr_assert_eq(text_width("abc"), 3);
    cr_assert_eq(text_width("caf\xc3\xa9"), 4);
    cr_assert_eq(text_width("cafe\xcc\x81"), 4, "a combining accent has no width");
    cr_assert_eq(text_width("\xe6\xbc\xa2\xe5\xad\x97"), 4, "ideographs are wide");
    cr_assert_eq(text_width("\xf0\x9f\x98\x80"), 2);
}

Test(report_text, figures_have_three_digits_and_a_unit)
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
}
