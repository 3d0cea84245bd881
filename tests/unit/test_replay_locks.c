#include "runner/replay/locks.h"

#include <criterion/criterion.h>

#define ADDRESS 0xc000010000

static const struct lock_wait by_writer = {.place = 3, .stack = 9, .reason = 21};

static void wait_at(struct locks *locks, uint32_t row, uint64_t now)
{
    locks_wait_begun(locks, row, &by_writer, now);
}

Test(replay_locks, waits_are_counted_by_address)
{
    struct locks locks;
    cr_assert_eq(locks_open(&locks), 0);
    uint32_t row = locks_row(&locks, ADDRESS, 1);
    cr_expect_eq(locks_row(&locks, ADDRESS, 1), row);
    cr_expect_neq(locks_row(&locks, ADDRESS, 2), row, "another process's");
    wait_at(&locks, row, 100);
    wait_at(&locks, row, 150);
    locks_wait_ended(&locks, row, 70);
    wait_at(&locks, row, 200);
    locks_wait_ended(&locks, row, 60);
    const struct lock *lock = &locks.rows[row];
    cr_expect_eq(lock->waits, 3);
    cr_expect_eq(lock->time, 130);
    cr_expect_eq(lock->waiting, 1);
    cr_expect_eq(lock->peak, 2);
    cr_expect_eq(lock->first, 100);
    cr_expect_eq(lock->last, 200);
    cr_expect_eq(lock->place, 3);
    cr_expect_eq(lock->stack, 9);
    cr_expect_eq(lock->reason, 21);
    locks_close(&locks);
}

/* A program with more mutexes than rows: the one that many wait for keeps its row. */
Test(replay_locks, cold_locks_make_room_and_the_hot_one_stays)
{
    struct locks locks;
    cr_assert_eq(locks_open(&locks), 0);
    uint32_t hot = locks_row(&locks, ADDRESS, 1);
    for (unsigned i = 0; i < 1000; i++) {
        wait_at(&locks, hot, i);
        locks_wait_ended(&locks, hot, 1);
    }
    uint32_t held = locks_row(&locks, ADDRESS + 8, 1);
    wait_at(&locks, held, 5);
    for (uint64_t i = 2; i < 20 * LOCKS_MAX; i++) {
        uint32_t row = locks_row(&locks, ADDRESS + 8 * i, 1);
        cr_assert_neq(row, 0);
        wait_at(&locks, row, i);
        locks_wait_ended(&locks, row, 10);
    }
    cr_expect_eq(locks_row(&locks, ADDRESS, 1), hot);
    cr_expect_eq(locks.rows[hot].waits, 1000);
    cr_expect_eq(locks_row(&locks, ADDRESS + 8, 1), held, "somebody waits there");
    cr_expect_gt(locks.rows[0].waits, 18 * LOCKS_MAX, "what gave up its row counts with the others");
    cr_expect_eq(locks.rows[0].time, 10 * locks.rows[0].waits);
    locks_close(&locks);
}

Test(replay_locks, without_room_there_is_no_row)
{
    struct locks locks;
    cr_assert_eq(locks_open(&locks), 0);
    for (uint64_t i = 1; i < LOCKS_MAX; i++)
        wait_at(&locks, locks_row(&locks, ADDRESS + 8 * i, 1), i);
    cr_expect_eq(locks_row(&locks, ADDRESS, 1), 0);
    locks_close(&locks);
}
