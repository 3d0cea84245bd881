#include "runner/profile/calls.h"

#include <criterion/criterion.h>
#include <errno.h>

Test(profile_calls, stacks_share_what_they_have_in_common)
{
    struct calls calls;
    const uint32_t first[] = {3, 2, 1}, second[] = {4, 2, 1}, whole[] = {2, 1};
    cr_assert_eq(calls_open(&calls, 100), 0);
    cr_assert_eq(calls_add(&calls, 0, first, 3), 0);
    cr_assert_eq(calls_add(&calls, 0, second, 3), 0);
    cr_assert_eq(calls_add(&calls, 0, first, 3), 0);
    cr_assert_eq(calls_add(&calls, 0, whole, 2), 0);
    cr_assert_eq(calls.count, 4);
    const struct call expected[] = {{-1, 1, 0}, {0, 2, 1}, {1, 3, 2}, {1, 4, 1}};
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(calls.items[i].parent, expected[i].parent);
        cr_expect_eq(calls.items[i].function, expected[i].function);
        cr_expect_eq(calls.items[i].samples, expected[i].samples);
    }
    calls_close(&calls);
}

Test(profile_calls, groups_share_nothing)
{
    struct calls calls;
    const uint32_t stack[] = {2, 1};
    cr_assert_eq(calls_open(&calls, 100), 0);
    cr_assert_eq(calls_add(&calls, 0, stack, 2), 0);
    cr_assert_eq(calls_add(&calls, 7, stack, 2), 0);
    cr_assert_eq(calls.count, 4);
    cr_expect_eq(calls.items[2].parent, -8);
    calls_close(&calls);
}

Test(profile_calls, recursion_is_as_deep_as_it_was)
{
    struct calls calls;
    const uint32_t stack[] = {1, 1, 1, 1};
    cr_assert_eq(calls_open(&calls, 100), 0);
    cr_assert_eq(calls_add(&calls, 0, stack, 4), 0);
    cr_expect_eq(calls.count, 4);
    calls_close(&calls);
}

Test(profile_calls, at_the_limit_known_stacks_still_count)
{
    struct calls calls;
    const uint32_t known[] = {2, 1}, other[] = {3, 1};
    cr_assert_eq(calls_open(&calls, 2), 0);
    cr_assert_eq(calls_add(&calls, 0, known, 2), 0);
    cr_expect_eq(calls_add(&calls, 0, other, 2), -ENOSPC);
    cr_expect_eq(calls_add(&calls, 0, known, 2), 0);
    uint64_t samples = 0;
    for (size_t i = 0; i < calls.count; i++)
        samples += calls.items[i].samples;
    cr_expect_eq(samples, 2);
    calls_close(&calls);
}
