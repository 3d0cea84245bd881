#include "runner/trial/governor.h"

#include <criterion/criterion.h>

#define SECOND     1000000000u
#define KIND(name) (UINT64_C(1) << EVENT_GO_##name)

/* Steps once every 10 ms for a second, with so many events of a kind a second; what is counted at its end. */
static uint64_t run(struct governor *governor, uint64_t *now, uint64_t produced[EVENT_KIND_COUNT],
                    enum event_kind kind, uint64_t rate)
{
    uint64_t kinds = 0;
    for (int i = 0; i < 100; i++) {
        *now += SECOND / 100;
        produced[kind] += rate / 100;
        kinds = governor_step(governor, *now, produced);
    }
    return kinds;
}

Test(trial_governor, what_comes_too_often_is_counted_for_good)
{
    struct governor governor = {.rate_max = 10000};
    uint64_t produced[EVENT_KIND_COUNT] = {0}, now = 5 * (uint64_t)SECOND;
    cr_assert_eq(run(&governor, &now, produced, EVENT_GO_PARK, 9000), 0u);
    uint64_t kinds = run(&governor, &now, produced, EVENT_GO_PARK, 12000);
    cr_assert(kinds & KIND(PARK) && kinds & KIND(RUN) && kinds & KIND(READY), "states go together");
    cr_assert_not(kinds & (KIND(CREATE) | KIND(EXIT) | KIND(GC_END) | KIND(SYSCALL_ENTER)));
    cr_assert_eq(run(&governor, &now, produced, EVENT_GO_PARK, 0), kinds, "no state is known any more");
    cr_assert_eq(run(&governor, &now, produced, EVENT_GO_SYSCALL_EXIT, 20000),
                 kinds | KIND(SYSCALL_ENTER) | KIND(SYSCALL_EXIT));
}

Test(trial_governor, a_burst_that_is_over_soon_is_none)
{
    struct governor governor = {.rate_max = 10000};
    uint64_t produced[EVENT_KIND_COUNT] = {0}, now = SECOND;
    governor_step(&governor, now, produced);
    produced[EVENT_GO_RUN] = 4900; /* within 10 ms */
    cr_assert_eq(governor_step(&governor, now + SECOND / 100, produced), 0u);
    cr_assert_eq(governor_step(&governor, now + SECOND / 2, produced), 0u);
    produced[EVENT_GO_RUN] += 5100;
    cr_assert_neq(governor_step(&governor, now + SECOND, produced), 0u);
}

Test(trial_governor, the_first_look_and_no_bound_count_nothing)
{
    uint64_t produced[EVENT_KIND_COUNT] = {[EVENT_GO_RUN] = 1u << 30};
    struct governor governor = {.rate_max = 1};
    cr_assert_eq(governor_step(&governor, SECOND, produced), 0u, "there is no rate yet");
    struct governor off = {0};
    uint64_t now = SECOND;
    cr_assert_eq(run(&off, &now, produced, EVENT_GO_RUN, 1u << 30), 0u);
}

Test(trial_governor, it_says_what_it_did)
{
    struct governor governor = {.rate_max = 1000};
    uint64_t produced[EVENT_KIND_COUNT] = {0}, counted[EVENT_KIND_COUNT] = {0}, now = SECOND;
    json_t *none = governor_json(&governor, 0, counted);
    cr_assert_eq(json_array_size(none), 0u);
    json_decref(none);
    run(&governor, &now, produced, EVENT_GO_SYSCALL_ENTER, 4000);
    counted[EVENT_GO_SYSCALL_ENTER] = counted[EVENT_GO_SYSCALL_EXIT] = 70;
    json_t *list = governor_json(&governor, SECOND, counted);
    const json_t *row = json_array_get(list, 0);
    cr_assert_eq(json_array_size(list), 1u);
    cr_expect_str_eq(json_string_value(json_object_get(row, "events")), "system calls");
    cr_expect_eq(json_integer_value(json_object_get(row, "rate_max_per_s")), 1000);
    cr_expect_eq(json_integer_value(json_object_get(row, "rate_per_s")), 4000);
    cr_expect_eq(json_integer_value(json_object_get(row, "counted")), 140);
    cr_expect_gt(json_integer_value(json_object_get(row, "from_ns")), 0);
    json_decref(list);
}
