#include <criterion/criterion.h>

#include "cgroup/stat.h"
#include "cgroup/tree.h"

static uint64_t find(const char *text, enum stat_form form, const char *key)
{
    uint64_t value;
    return stat_find(text, form, key, &value) ? value : UINT64_MAX;
}

Test(cgroup_stat, reads_a_number)
{
    cr_expect_eq(find("67108864\n", STAT_NUMBER, NULL), 67108864);
    cr_expect_eq(find("max", STAT_NUMBER, NULL), UINT64_MAX);
    cr_expect_eq(find("", STAT_NUMBER, NULL), UINT64_MAX);
    cr_expect_eq(find("99999999999999999999999", STAT_NUMBER, NULL), UINT64_MAX);
}

Test(cgroup_stat, reads_the_whole_key_only)
{
    const char *text = "oom_kill_disable 0\nunder_oom 1\noom_kill 3\noom 4\n";
    cr_expect_eq(find(text, STAT_FLAT, "oom_kill"), 3);
    cr_expect_eq(find(text, STAT_FLAT, "oom"), 4);
    cr_expect_eq(find(text, STAT_FLAT, "under"), UINT64_MAX);
    cr_expect_eq(find(text, STAT_FLAT, "kill"), UINT64_MAX);
    cr_expect_eq(find("anon", STAT_FLAT, "anon"), UINT64_MAX);
    cr_expect_eq(find("anon -5", STAT_FLAT, "anon"), UINT64_MAX);
}

Test(cgroup_stat, reads_totals_of_pressure)
{
    const char *text = "some avg10=1.00 avg60=0.00 avg300=0.00 total=123\n"
                       "full avg10=0.00 avg60=0.00 avg300=0.00 total=45\n";
    cr_expect_eq(find(text, STAT_PRESSURE, "some"), 123);
    cr_expect_eq(find(text, STAT_PRESSURE, "full"), 45);
    cr_expect_eq(find("some avg10=0\nfull total=7\n", STAT_PRESSURE, "some"), UINT64_MAX,
                 "a total of another line");
}

Test(cgroup_stat, sums_over_devices)
{
    const char *text = "8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0\n"
                       "8:0 rbytes=800 wbytes=4 rios=1 wios=1 dbytes=0 dios=0\n";
    cr_expect_eq(find(text, STAT_NESTED, "rbytes"), 1460000);
    cr_expect_eq(find(text, STAT_NESTED, "wbytes"), 314773508);
    cr_expect_eq(find("", STAT_NESTED, "rbytes"), 0);
}

Test(cgroup_stat, reads_populated)
{
    cr_expect_eq(tree_parse_populated("populated 1\nfrozen 0\n"), 1);
    cr_expect_eq(tree_parse_populated("populated 0\nfrozen 1\n"), 0);
    cr_expect_eq(tree_parse_populated("frozen 1\n"), -1);
}
