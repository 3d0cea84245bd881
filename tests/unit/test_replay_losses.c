#include "runner/replay/losses.h"

#include <criterion/criterion.h>

#include "replay_events.h"

static void number(struct sequences *sequences, uint8_t cpu, uint32_t seq)
{
    union any_event event = event_of(EVENT_SCHED_SWITCH, 0, 1, 1);
    event.header.cpu = cpu;
    event.header.seq = seq;
    sequences_event(sequences, &event.header);
}

Test(replay_losses, gaps_are_counted_for_each_cpu)
{
    static struct sequences sequences;
    for (uint32_t seq = 0; seq < 100; seq++)
        if (seq < 20 || seq >= 25)
            number(&sequences, 0, seq);
    number(&sequences, 3, 1000);
    number(&sequences, 3, 1002);
    cr_assert_eq(sequences_missing(&sequences), 5 + 1);
}

Test(replay_losses, a_step_backwards_and_a_wrap_are_no_gap)
{
    static struct sequences sequences;
    static const uint32_t order[] = {UINT32_MAX - 1, UINT32_MAX - 2, UINT32_MAX, 1, 0, 2};
    for (unsigned i = 0; i < sizeof order / sizeof *order; i++)
        number(&sequences, 1, order[i]);
    cr_assert_eq(sequences_missing(&sequences), 0);
}

Test(replay_losses, marks_of_user_space_have_no_sequence)
{
    static struct sequences sequences;
    number(&sequences, EVENT_CPU_USER, 1);
    number(&sequences, EVENT_CPU_USER, 100);
    cr_assert_eq(sequences_missing(&sequences), 0);
}

static const struct sequences nothing_came;

/* What the size limit cut off at the end leaves no gap: only the count of produced events tells. */
Test(replay_losses, what_was_dropped_behind_the_ring_is_known_by_kind)
{
    struct metrics metrics = {0};
    struct observer_losses losses = {.produced = {[EVENT_SCHED_SWITCH] = 10}};
    static struct sequences sequences;
    for (uint32_t seq = 0; seq < 6; seq++)
        number(&sequences, 0, seq);
    losses_mark(&metrics, &losses, &sequences, 0, 0);
    cr_assert_eq(metrics.values[METRIC_SCHED_MIGRATIONS].lost, 4);
    cr_assert_not(metrics.values[METRIC_GOROUTINES_CREATED].lossy);
}

Test(replay_losses, exactly_the_figures_of_the_lost_kinds_are_lossy)
{
    struct metrics metrics = {0};
    struct observer_losses losses = {.produced = {[EVENT_GO_PARK] = 3}, .lost = {[EVENT_GO_PARK] = 3}};
    losses_mark(&metrics, &losses, &nothing_came, 0, 0);
    static const enum metric_id touched[] = {
        METRIC_GOROUTINES_LEAKED,     METRIC_GOROUTINES_PARKS,     METRIC_GOROUTINES_PARK_PER_S,
        METRIC_GOROUTINES_BLOCK_TIME, METRIC_GOROUTINES_RUN_SLICE, METRIC_PREEMPT_COUNT,
        METRIC_PREEMPT_FORCED,        METRIC_PREEMPT_COOPERATIVE,  METRIC_PREEMPT_LATENCY,
    };
    unsigned lossy = 0;
    for (unsigned id = 0; id < METRIC_ID_COUNT; id++)
        lossy += metrics.values[id].lossy;
    cr_assert_eq(lossy, sizeof touched / sizeof *touched);
    for (unsigned i = 0; i < lossy; i++) {
        cr_assert(metrics.values[touched[i]].lossy);
        cr_assert_eq(metrics.values[touched[i]].lost, 3);
    }
}

Test(replay_losses, a_gap_that_no_counter_explains_touches_all_event_figures)
{
    struct metrics metrics = {0};
    struct observer_losses losses = {.lost = {[EVENT_GO_PARK] = 3}};
    static struct sequences sequences;
    number(&sequences, 0, 10);
    number(&sequences, 0, 16); /* five are missing */
    losses_mark(&metrics, &losses, &sequences, 0, 0);
    cr_assert_eq(metrics.values[METRIC_SCHED_ON_CPU].lost, 2);
    cr_assert_eq(metrics.values[METRIC_GOROUTINES_PARKS].lost, 5);
    cr_assert_not(metrics.values[METRIC_CPU_TIME].lossy, "counters of the cgroup lose nothing");
}

Test(replay_losses, switches_that_no_program_saw_touch_the_switch_figures)
{
    struct metrics metrics = {0};
    struct observer_losses losses = {.unseen_switches = 3};
    losses_mark(&metrics, &losses, &nothing_came, 0, 0);
    cr_assert_eq(metrics.values[METRIC_SCHED_SWITCHES].lost, 3);
    cr_assert(metrics.values[METRIC_SCHED_ON_CPU].lossy);
    cr_assert_not(metrics.values[METRIC_GOROUTINES_CREATED].lossy);
}

Test(replay_losses, nothing_lost_marks_nothing)
{
    struct metrics metrics = {0};
    struct observer_losses losses = {0};
    losses_mark(&metrics, &losses, &nothing_came, 0, 0);
    losses_mark(&metrics, NULL, &nothing_came, 0, 0);
    for (unsigned id = 0; id < METRIC_ID_COUNT; id++)
        cr_assert_not(metrics.values[id].lossy);
}
