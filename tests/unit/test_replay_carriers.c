#include "runner/replay/carriers.h"

#include <criterion/criterion.h>

static struct carrier *open_one(struct carriers *carriers)
{
    cr_assert_eq(carriers_open(carriers), 0);
    struct carrier *carrier = carriers_of(carriers, 11);
    cr_assert_not_null(carrier);
    return carrier;
}

Test(replay_carriers, a_slice_is_what_the_threads_clock_shows)
{
    struct carriers carriers;
    struct carrier *carrier = open_one(&carriers);
    carrier_runs(carrier, 100);
    cr_expect_eq(carrier_leaves(carrier, 130), 30);
    cr_expect_eq(carrier_leaves(carrier, 150), 0, "none ran: its run was lost");
    carrier_runs(carrier, 200);
    cr_expect_eq(carrier_leaves(carrier, 50), 0, "the thread's number was given again");
    cr_expect_eq(carriers_of(&carriers, 11), carrier);
    carriers_close(&carriers);
}

Test(replay_carriers, time_from_a_goroutine_to_a_stop_was_looked_in_vain)
{
    struct carriers carriers;
    struct carrier *carrier = open_one(&carriers);
    carrier_runs(carrier, 100);
    carrier_leaves(carrier, 130);
    carrier_stops(&carriers, carrier, 150);
    cr_expect_eq(carriers.looks, 1);
    cr_expect_eq(carriers.looked, 20);
    carrier_stops(&carriers, carrier, 155);
    cr_expect_eq(carriers.looks, 2, "woken, and nothing to do again");
    cr_expect_eq(carriers.looked, 25);
    carrier_runs(carrier, 200);
    carrier_leaves(carrier, 300);
    carrier_runs(carrier, 340);
    cr_expect_eq(carriers.looked, 25, "what finds something is not in vain");
    carriers_close(&carriers);
}

Test(replay_carriers, what_is_announced_is_for_one_park_of_one_goroutine)
{
    struct carriers carriers;
    struct carrier *carrier = open_one(&carriers);
    uint32_t stack;
    uint64_t lock;
    carrier_announces(carrier, 7);
    carrier->stack = 4;
    carrier_announces(carrier, 7);
    carrier->lock = 0xc000;
    carrier_take(carrier, 7, &stack, &lock);
    cr_expect_eq(stack, 4);
    cr_expect_eq(lock, 0xc000);
    carrier_take(carrier, 7, &stack, &lock);
    cr_expect_eq(stack, 0, "once");
    carrier_announces(carrier, 7);
    carrier->stack = 4;
    carrier_announces(carrier, 8);
    carrier_take(carrier, 8, &stack, &lock);
    cr_expect_eq(stack, 0, "another goroutine's");
    carrier_announces(carrier, 7);
    carrier->stack = 4;
    carrier_take(carrier, 9, &stack, &lock);
    cr_expect_eq(stack, 0);
    carrier_take(carrier, 0, &stack, &lock);
    cr_expect_eq(stack, 0, "no goroutine is known");
    carriers_close(&carriers);
}
