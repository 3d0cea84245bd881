#include "runner/profile/groups.h"

#include <criterion/criterion.h>
#include <stdlib.h>

Test(profile_groups, a_group_is_a_kind_with_its_function_and_creator)
{
    struct groups groups;
    cr_assert_eq(groups_open(&groups), 0);
    cr_expect_eq(groups_find(&groups, GROUP_GOROUTINE, 1, 2), 0);
    cr_expect_eq(groups_find(&groups, GROUP_GOROUTINE, 2, 1), 1);
    cr_expect_eq(groups_find(&groups, GROUP_RUNTIME, GROUP_NO_NAME, GROUP_NO_NAME), 2);
    cr_expect_eq(groups_find(&groups, GROUP_THREAD, 1, GROUP_NO_NAME), 3);
    cr_expect_eq(groups_find(&groups, GROUP_GOROUTINE, 1, 2), 0);
    cr_expect_eq(groups.count, 4);
    groups_close(&groups);
}

Test(profile_groups, a_goroutine_is_its_id_in_its_process)
{
    struct groups groups;
    size_t count;
    cr_assert_eq(groups_open(&groups), 0);
    uint32_t workers = (uint32_t)groups_find(&groups, GROUP_GOROUTINE, 1, 2);
    uint32_t runtime = (uint32_t)groups_find(&groups, GROUP_RUNTIME, GROUP_NO_NAME, GROUP_NO_NAME);
    for (int i = 0; i < 5; i++)
        cr_assert_eq(groups_add(&groups, workers, 100, 7), 0);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(groups_add(&groups, workers, 100, 8), 0);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(groups_add(&groups, workers, 200, 7), 0);
    cr_assert_eq(groups_add(&groups, runtime, 100, 0), 0);
    cr_expect_eq(groups.items[workers].samples, 10);
    cr_expect_eq(groups.items[workers].goroutines, 3);
    cr_expect_eq(groups.items[runtime].samples, 1);
    cr_expect_eq(groups.items[runtime].goroutines, 0);
    const struct group_goroutine **busiest = groups_busiest(&groups, 2, &count);
    cr_assert_eq(count, 2);
    cr_expect(busiest[0]->key.id == 7 && busiest[0]->key.space == 100 && busiest[0]->samples == 5);
    cr_expect(busiest[1]->key.id == 7 && busiest[1]->key.space == 200 && busiest[1]->samples == 3);
    free(busiest);
    groups_close(&groups);
}

Test(profile_groups, goroutines_beyond_the_bound_still_count_for_their_group)
{
    struct groups groups;
    cr_assert_eq(groups_open(&groups), 0);
    uint32_t group = (uint32_t)groups_find(&groups, GROUP_GOROUTINE, 1, 2);
    for (uint64_t goid = 1; goid <= GROUPS_GOROUTINES_MOST + 10; goid++)
        cr_assert_eq(groups_add(&groups, group, 1, goid), 0);
    cr_expect_eq(groups.items[group].samples, GROUPS_GOROUTINES_MOST + 10);
    cr_expect_eq(groups.items[group].goroutines, GROUPS_GOROUTINES_MOST);
    groups_close(&groups);
}
