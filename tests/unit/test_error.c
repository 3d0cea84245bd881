#include "runner/support/error.h"

#include <criterion/criterion.h>
#include <errno.h>

Test(error, the_text_names_the_cause_and_the_mend)
{
    struct error error = {0};
    int result = error_mend(&error, ERROR_HOST, ENOENT, "Mount it.", "open %s", "/sys/x");
    cr_assert_eq(result, -ENOENT);
    cr_assert_eq(error.class, ERROR_HOST);
    cr_assert_str_eq(error.text, "open /sys/x: No such file or directory. Mount it.");
}

Test(error, a_prefix_stands_before_the_text)
{
    struct error error = {0};
    error_set(&error, ERROR_USAGE, 0, "no such demo");
    cr_assert_eq(error_prefix(&error, "course %d", 7), -EINVAL);
    cr_assert_str_eq(error.text, "course 7: no such demo");
}

Test(error, a_long_text_is_cut_not_overrun)
{
    struct error error = {0};
    char text[4096];
    for (unsigned i = 0; i < sizeof text - 1; i++)
        text[i] = 'a';
    text[sizeof text - 1] = 0;
    error_set(&error, ERROR_INTERNAL, EIO, "%s", text);
    cr_assert_eq(error.text[sizeof error.text - 1], 0);
}
