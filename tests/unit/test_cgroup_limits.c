#include <criterion/criterion.h>
#include <string.h>

#include "cgroup/limits.h"

static const struct limit_row *row_of(const char *key)
{
    const struct limit_row *found = NULL;
    for (size_t i = 0; i < limit_row_count; i++)
        if (strcmp(limit_rows[i].key, key) == 0)
            found = &limit_rows[i];
    cr_assert_not_null(found, "no row %s", key);
    return found;
}

static const struct cgroup_settings unset = {CGROUP_UNSET, CGROUP_UNSET, NULL,         CGROUP_UNSET,
                                             CGROUP_UNSET, CGROUP_UNSET, CGROUP_UNSET, CGROUP_UNSET};

Test(cgroup_limits, asks_for_nothing_where_nothing_is_set)
{
    char text[64];
    for (size_t i = 0; i < limit_row_count; i++)
        cr_expect_not(limit_asked(&limit_rows[i], &unset, text, sizeof text), "%s", limit_rows[i].key);
}

Test(cgroup_limits, writes_settings_as_v2_has_them)
{
    struct cgroup_settings settings = {.cpu_quota_us = 50000,
                                       .cpu_period_us = 20000,
                                       .cpuset = "0-1",
                                       .memory_max = 1 << 20,
                                       .memory_high = CGROUP_MAX,
                                       .memory_low = 4096,
                                       .memory_swap_max = 0,
                                       .pids_max = 7};
    static const char *const wanted[][2] = {
        {"cpu.max", "50000 20000"}, {"cpuset.cpus", "0-1"}, {"memory.max", "1048576"},
        {"memory.high", "max"},     {"memory.low", "4096"}, {"memory.swap.max", "0"},
        {"pids.max", "7"},
    };
    char text[64];
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        cr_expect(limit_asked(row_of(wanted[i][0]), &settings, text, sizeof text));
        cr_expect_str_eq(text, wanted[i][1]);
    }
    settings.cpu_quota_us = CGROUP_MAX;
    settings.cpu_period_us = CGROUP_UNSET;
    cr_expect(limit_asked(row_of("cpu.max"), &settings, text, sizeof text));
    cr_expect_str_eq(text, "max 100000");
}

Test(cgroup_limits, converts_to_v1_and_back)
{
    char text[64];
    limit_to_v1("max", text, sizeof text);
    cr_expect_str_eq(text, "-1");
    limit_to_v1("4096", text, sizeof text);
    cr_expect_str_eq(text, "4096");
    limit_from_v1("-1", LIMIT_QUOTA, text, sizeof text);
    cr_expect_str_eq(text, "max");
    limit_from_v1("9223372036854771712", LIMIT_BYTES, text, sizeof text);
    cr_expect_str_eq(text, "max", "whole pages below LONG_MAX");
    limit_from_v1("4096", LIMIT_BYTES, text, sizeof text);
    cr_expect_str_eq(text, "4096");
}

Test(cgroup_limits, holds_up_to_the_rounding_to_pages)
{
    cr_expect(limit_holds(LIMIT_BYTES, "100000000", "99999744"));
    cr_expect_not(limit_holds(LIMIT_BYTES, "100000000", "99995648"), "more than a page less");
    cr_expect_not(limit_holds(LIMIT_BYTES, "99999744", "100003840"), "more than asked");
    cr_expect_not(limit_holds(LIMIT_BYTES, "4096", "max"));
    cr_expect_not(limit_holds(LIMIT_BYTES, "max", "4096"));
    cr_expect(limit_holds(LIMIT_BYTES, "18446744073709551613", "max"));
    cr_expect_not(limit_holds(LIMIT_COUNT, "10", "9"));
    cr_expect(limit_holds(LIMIT_QUOTA, "max 100000", "max 100000"));
    cr_expect_not(limit_holds(LIMIT_QUOTA, "50000 100000", "max 100000"));
    cr_expect(limit_holds(LIMIT_CPUS, "0,1,2,5", "0-2,5"));
    cr_expect_not(limit_holds(LIMIT_CPUS, "0-3", "0-1"));
}

Test(cgroup_limits, parses_lists_of_cpus)
{
    bool cpus[8];
    cr_assert(limit_parse_cpus("0,2-3,7", cpus, 8));
    for (size_t i = 0; i < 8; i++)
        cr_expect_eq(cpus[i], i == 0 || i == 2 || i == 3 || i == 7);
    static const char *const bad[] = {"8",  "3-2", "-1", "1-", "a", "1,,2", "1 2", "99999999999999999999",
                                      "0-8"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(limit_parse_cpus(bad[i], cpus, 8), "%s", bad[i]);
    cr_expect(limit_parse_cpus("", cpus, 8));
}

Test(cgroup_limits, finds_whole_names_in_a_list)
{
    cr_expect(limit_listed("memory.low memory.high", "memory.high"));
    cr_expect(limit_listed("  cpu.max ", "cpu.max"));
    cr_expect_not(limit_listed("memory.lower", "memory.low"));
    cr_expect_not(limit_listed("", "cpu.max"));
    cr_expect_not(limit_listed(NULL, "cpu.max"));
}
