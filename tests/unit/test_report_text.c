#include "runner/report/text.h"

#include <criterion/criterion.h>

static const char *cleaned(const char *text)
{
    static char buffer[64];
    text_clean(text, buffer, sizeof buffer);
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
