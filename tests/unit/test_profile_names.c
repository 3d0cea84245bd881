#include "runner/profile/names.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(profile_names, a_name_is_kept_once_for_each_kind)
{
    struct names names;
    cr_assert_eq(names_open(&names), 0);
    cr_expect_eq(names_add(&names, NAME_FUNCTION, "main.main"), 0);
    cr_expect_eq(names_add(&names, NAME_KERNEL, "main.main"), 1);
    cr_expect_eq(names_add(&names, NAME_FUNCTION, "main.worker"), 2);
    cr_expect_eq(names_add(&names, NAME_FUNCTION, "main.main"), 0);
    cr_expect_eq(names_add(&names, NAME_FUNCTION, ""), 3);
    cr_assert_eq(names.count, 4);
    cr_expect_str_eq(names.items[2].text, "main.worker");
    cr_expect_eq(names.items[1].kind, NAME_KERNEL);
    names_close(&names);
}

Test(profile_names, many_names_keep_their_numbers)
{
    struct names names;
    char text[32];
    cr_assert_eq(names_open(&names), 0);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 20000; i++) {
            snprintf(text, sizeof text, "package.function%d", i);
            cr_assert_eq(names_add(&names, NAME_FUNCTION, text), i);
        }
    cr_expect_eq(names.count, 20000);
    names_close(&names);
}

Test(profile_names, a_long_name_is_cut)
{
    struct names names;
    char text[3 * NAME_LONGEST];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    cr_assert_eq(names_open(&names), 0);
    cr_expect_eq(names_add(&names, NAME_FUNCTION, text), 0);
    cr_expect_eq(strlen(names.items[0].text), NAME_LONGEST);
    text[NAME_LONGEST + 7] = 0;
    cr_expect_eq(names_add(&names, NAME_FUNCTION, text), 0, "they differ only beyond the bound");
    names_close(&names);
}
