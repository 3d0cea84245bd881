#include "runner/replay/reasons.h"

#include <criterion/criterion.h>
#include <string.h>

static bool names(uint32_t go_minor, uint32_t reason, const char *wanted)
{
    char name[REASON_NAME_SIZE];
    reasons_wait_name(go_minor, reason, name);
    return strcmp(name, wanted) == 0;
}

Test(replay_reasons, numbers_have_names_and_names_numbers)
{
    cr_assert(names(23, 14, "chan receive"));
    cr_assert(names(23, 60, "reason 60"));
    cr_assert(names(23, WAIT_REASONS - 1, "other"));
    cr_assert(names(0, 14, "reason 14"));
    cr_assert_eq(reasons_wait_number(23, "coroutine"), 36);
    cr_assert_eq(reasons_wait_number(19, "coroutine"), UINT32_MAX, "Go 1.19 has none");
    cr_assert_eq(reasons_wait_number(23, "sleep"), 19);
    cr_assert_eq(reasons_wait_number(0, "sleep"), UINT32_MAX);
}
