#include "runner/replay/stacks.h"

#include <criterion/criterion.h>

Test(replay_stacks, equal_stacks_share_a_number)
{
    struct stacks stacks;
    const uint64_t first[EVENT_STACK_DEPTH] = {0x401000, 0x402000};
    const uint64_t second[EVENT_STACK_DEPTH] = {0x401000, 0x402001};
    const uint64_t empty[EVENT_STACK_DEPTH] = {0};
    cr_assert_eq(stacks_open(&stacks), 0);
    uint32_t number = stacks_number(&stacks, first);
    cr_assert_neq(number, 0);
    cr_expect_eq(stacks_number(&stacks, first), number);
    cr_expect_neq(stacks_number(&stacks, second), number);
    cr_expect_eq(stacks_number(&stacks, empty), 0);
    cr_expect_eq(stacks_frames(&stacks, number)[1], 0x402000);
    cr_expect_null(stacks_frames(&stacks, 0));
    cr_expect_null(stacks_frames(&stacks, 3));
    stacks_close(&stacks);
}

Test(replay_stacks, more_than_there_is_room_for_are_not_known)
{
    struct stacks stacks;
    uint64_t pcs[EVENT_STACK_DEPTH] = {0};
    cr_assert_eq(stacks_open(&stacks), 0);
    for (pcs[0] = 1; pcs[0] <= STACKS_MAX; pcs[0]++)
        cr_assert_eq(stacks_number(&stacks, pcs), pcs[0]);
    cr_expect_eq(stacks_number(&stacks, pcs), 0);
    pcs[0] = 7;
    cr_expect_eq(stacks_number(&stacks, pcs), 7);
    stacks_close(&stacks);
}
