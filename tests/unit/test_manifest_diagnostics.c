#include "runner/manifest/diagnostics.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runner/manifest/utf8.h"

/* What is printed of one diagnostic. Free it. */
static char *print(const char *path, const char *source, struct place place, const char *text)
{
    struct diagnostics diagnostics = {.path = path, .source = source, .size = strlen(source)};
    char *printed = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&printed, &length);
    diagnostics_add(&diagnostics, place, "%s", text);
    diagnostics_print(&diagnostics, out);
    fclose(out);
    diagnostics_free(&diagnostics);
    return printed;
}

static void assert_printed(const char *source, struct place place, const char *expected)
{
    char *printed = print("f", source, place, "no");
    cr_assert_str_eq(printed, expected);
    free(printed);
}

Test(manifest_diagnostics, the_caret_stands_below_what_is_meant)
{
    assert_printed("ab\ncd: ef\n", (struct place){2, 5, 2}, "f:2:5: error: no\n    cd: ef\n        ^~\n");
    assert_printed("ab\r\ncd\r\n", (struct place){2, 1, 1}, "f:2:1: error: no\n    cd\n    ^\n");
    assert_printed("\xc3\xa4\xc3\xb6: x", (struct place){1, 5, 1},
                   "f:1:5: error: no\n    \xc3\xa4\xc3\xb6: x\n        ^\n");
    assert_printed("ab\n", (struct place){2, 1, 1}, "f:2:1: error: no\n    \n    ^\n");
    assert_printed("", (struct place){1, 1, 1}, "f:1:1: error: no\n    \n    ^\n");
}

Test(manifest_diagnostics, control_characters_are_escaped_and_the_caret_moves)
{
    assert_printed("\x1b[31m x", (struct place){1, 7, 1},
                   "f:1:7: error: no\n    \\x1b[31m x\n             ^\n");
    assert_printed("\ta", (struct place){1, 2, 1}, "f:1:2: error: no\n    \\ta\n      ^\n");
    assert_printed("\xff\xe2\x80\xae", (struct place){1, 2, 1},
                   "f:1:2: error: no\n    \\xff\\u202e\n        ^~~~~~\n");
    char *printed = print("a\nb", "x", (struct place){1, 1, 1}, "no");
    cr_assert_eq(strncmp(printed, "a\\nb:1:1: error: no\n", 19), 0);
    free(printed);
}

Test(manifest_diagnostics, a_long_line_is_cut_around_the_caret)
{
    char source[2001] = {0};
    memset(source, 'a', 2000);
    source[1000] = 'X';
    char *printed = print("f", source, (struct place){1, 1001, 1}, "no");
    const char *line = strchr(printed, '\n') + 1;
    const char *caret = strchr(line, '\n') + 1;
    cr_assert_eq(strncmp(line, "    ...a", 8), 0);
    cr_assert_eq(strchr(line, 'X') - line, strchr(caret, '^') - caret);
    cr_assert_lt(caret - line, 120);
    cr_assert_eq(strncmp(caret - 4, "...\n", 4), 0);
    free(printed);
}

Test(manifest_diagnostics, entries_are_sorted_by_place)
{
    struct diagnostics diagnostics = {.path = "f", .source = "a\nb\n", .size = 4};
    char text[512];
    diagnostics_add(&diagnostics, (struct place){2, 1, 1}, "third");
    diagnostics_add(&diagnostics, (struct place){1, 2, 1}, "second");
    diagnostics_add(&diagnostics, (struct place){1, 1, 1}, "first");
    diagnostics_text(&diagnostics, text, sizeof text);
    cr_assert_lt(strstr(text, "first"), strstr(text, "second"));
    cr_assert_lt(strstr(text, "second"), strstr(text, "third"));
    cr_assert_neq(text[strlen(text) - 1], '\n');
    diagnostics_free(&diagnostics);
}

Test(manifest_diagnostics, a_quote_is_bounded)
{
    struct quote small;
    char text[1001] = {0};
    memset(text, '\x01', 1000);
    quote(&small, text, 1000);
    cr_assert_lt(strlen(small.text), sizeof small.text);
    cr_assert_str_eq(small.text + strlen(small.text) - 7, "\\x01...");
    cr_assert_str_eq(quote(&small, "a\0b", 3), "a\\x00b");
}
