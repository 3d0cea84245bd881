#include "runner/replay/places.h"

#include <criterion/criterion.h>

enum { CHAN_SEND = 15, SLEEP = 19 };
#define CREATOR 0x400100
#define START   0x480000

Test(replay_places, a_place_has_a_row_that_counts_its_goroutines)
{
    struct places places;
    cr_assert_eq(places_open(&places), 0);
    uint32_t row = places_created(&places, CREATOR, START, false, 100);
    cr_assert_gt(row, 0);
    cr_expect_eq(places_created(&places, CREATOR, START, false, 300), row);
    uint32_t other = places_created(&places, CREATOR + 1, START, true, 400);
    cr_expect_neq(other, row);
    places_exited(&places, row, 50);
    places_ran(&places, row, 7);
    places_ran(&places, row, 8);
    const struct place *place = &places.rows[row];
    cr_expect_eq(place->created, 2);
    cr_expect_eq(place->exited, 1);
    cr_expect_eq(place->first_created, 100);
    cr_expect_eq(place->last_created, 300);
    cr_expect_eq(place->lived, 50);
    cr_expect_eq(place->ran, 15);
    cr_expect_not(place->runtime);
    cr_expect(places.rows[other].runtime);
    places_close(&places);
}

Test(replay_places, waits_are_counted_by_reason)
{
    struct places places;
    cr_assert_eq(places_open(&places), 0);
    uint32_t row = places_created(&places, CREATOR, START, false, 0);
    places_parked(&places, row, CHAN_SEND, 10, 3);
    places_waited(&places, row, CHAN_SEND, 90);
    places_parked(&places, row, CHAN_SEND, 200, 0);
    places_parked(&places, row, SLEEP, 300, 4);
    const struct place_wait *sends = &places.rows[row].waits[CHAN_SEND];
    cr_expect_eq(sends->ended, 1);
    cr_expect_eq(sends->time, 90);
    cr_expect_eq(sends->first, 10);
    cr_expect_eq(sends->last, 200);
    cr_expect_eq(sends->stack, 3, "the latest that is known");
    cr_expect_eq(places.rows[row].waits[SLEEP].stack, 4);
    places_close(&places);
}

Test(replay_places, who_is_blocked_at_the_end_is_split_by_when_that_began)
{
    struct places places;
    cr_assert_eq(places_open(&places), 0);
    uint32_t row = places_created(&places, CREATOR, START, false, 100);
    places_created(&places, CREATOR, START, false, 300);
    places_stuck(&places, row, CHAN_SEND, 150, 1000, 0);
    places_stuck(&places, row, CHAN_SEND, 200, 1000, 5);
    places_stuck(&places, row, CHAN_SEND, 250, 1000, 0);
    const struct place_wait *sends = &places.rows[row].waits[CHAN_SEND];
    cr_expect_eq(sends->stuck, 3);
    cr_expect_eq(sends->stuck_late, 1, "the middle is 200");
    cr_expect_eq(sends->stuck_time, 850 + 800 + 750);
    cr_expect_eq(sends->stuck_first, 150);
    cr_expect_eq(sends->stuck_last, 250);
    cr_expect_eq(sends->stuck_stack, 5);
    places_close(&places);
}

Test(replay_places, what_has_no_row_counts_with_the_others)
{
    struct places places;
    cr_assert_eq(places_open(&places), 0);
    cr_expect_eq(places_created(&places, 0, 0, false, 1), 0, "its create was not seen");
    for (uint64_t i = 1; i < PLACES_MAX; i++)
        cr_assert_eq(places_created(&places, CREATOR + i, START, false, 1), i);
    cr_expect_eq(places_created(&places, CREATOR, START, false, 1), 0, "no room");
    cr_expect_eq(places.rows[0].created, 2);
    places_known(&places);
    cr_expect_eq(places.rows[0].created, 1);
    cr_expect_eq(places_created(&places, CREATOR + 1, START, false, 1), 1, "a known place keeps its row");
    places_close(&places);
}
