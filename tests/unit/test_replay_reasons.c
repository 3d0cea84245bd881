#include "runner/replay/reasons.h"

#include <criterion/criterion.h>
#include <string.h>

static bool named(const struct reason_names *names, uint32_t reason, const char *wanted)
{
    char name[REASON_NAME_SIZE];
    reasons_wait_name(names, reason, name);
    return strcmp(name, wanted) == 0;
}

Test(replay_reasons, numbers_have_names_and_names_numbers)
{
    cr_assert(named(&wait_reasons_23, 14, "chan receive"));
    cr_assert(named(&wait_reasons_23, 60, "unknown reason 60"));
    cr_assert(named(&wait_reasons_23, WAIT_REASONS - 1, "other"));
    cr_assert(named(NULL, 14, "unknown reason 14"));
    cr_assert_eq(reasons_wait_number(&wait_reasons_23, "coroutine"), 36);
    cr_assert_eq(reasons_wait_number(&wait_reasons_19, "coroutine"), UINT32_MAX, "Go 1.19 has none");
    cr_assert_eq(reasons_wait_number(&wait_reasons_23, "sleep"), 19);
    cr_assert_eq(reasons_wait_number(NULL, "sleep"), UINT32_MAX);
}
