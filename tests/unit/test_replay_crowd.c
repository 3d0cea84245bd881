#include "runner/replay/crowd.h"

#include <criterion/criterion.h>

Test(replay_crowd, time_is_counted_by_how_many_want_to_run)
{
    struct crowd crowd = {0};
    crowd_change(&crowd, 0, 100); /* begins */
    crowd_change(&crowd, 1, 110);
    crowd_change(&crowd, 1, 130);
    crowd_change(&crowd, 0, 140);
    crowd_change(&crowd, -1, 160);
    crowd_change(&crowd, -1, 170);
    crowd_change(&crowd, 0, 200);
    cr_expect_eq(crowd.time[0], 100 + 10 + 30);
    cr_expect_eq(crowd.time[1], 20 + 10);
    cr_expect_eq(crowd.time[2], 30);
}

Test(replay_crowd, neither_fewer_than_none_nor_time_that_goes_back)
{
    struct crowd crowd = {0};
    crowd_change(&crowd, -1, 100);
    cr_expect_eq(crowd.threads, 0);
    crowd_change(&crowd, 1, 50);
    crowd_change(&crowd, -1, 60);
    cr_expect_eq(crowd.time[0], 100);
    cr_expect_eq(crowd.time[1], 10);
}

Test(replay_crowd, the_last_row_stands_for_all_that_are_more)
{
    struct crowd crowd = {0};
    crowd_change(&crowd, 3 * CROWD_MAX, 0);
    crowd_change(&crowd, 0, 10);
    cr_expect_eq(crowd.time[CROWD_MAX], 10);
}
