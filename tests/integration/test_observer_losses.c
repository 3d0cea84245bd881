#include <criterion/criterion.h>
#include <poll.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "tests/integration/observed.h"

#define TINY_RING 4096

static int sleep_often(void *argument)
{
    struct timespec pause = {.tv_nsec = 100000};
    for (int i = 0; i < *(int *)argument; i++)
        nanosleep(&pause, NULL);
    return 0;
}

/* All of the test on one CPU, so that there is one row of sequence numbers. */
static void pin_to_this_cpu(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)sched_getcpu(), &set);
    cr_assert_eq(sched_setaffinity(0, sizeof set, &set), 0);
}

static void run_undrained(const struct group *group, int times)
{
    struct child child;
    child_start(&child, group, sleep_often, &times);
    child_release(&child);
    cr_assert_eq(child_wait(&child), 0);
}

static bool is_readable(const struct observer *observer)
{
    struct pollfd watched = {.fd = observer_fd(observer), .events = POLLIN};
    return poll(&watched, 1, 0) == 1;
}

static uint64_t sum(const uint64_t counts[EVENT_KIND_COUNT])
{
    uint64_t total = 0;
    for (size_t kind = 0; kind < EVENT_KIND_COUNT; kind++)
        total += counts[kind];
    return total;
}

Test(observer_losses, delivered_and_lost_are_what_was_produced_and_the_gaps_are_the_lost)
{
    struct group group;
    struct recording seen = {0};
    struct observer_losses losses;
    struct error error = {0};
    group_make(&group, "losses");
    pin_to_this_cpu();
    struct observer *observer = observer_for_test(TINY_RING, true, false);
    cr_assert_eq(observer_arm(observer, group.id, group.level, &error), 0, "%s", error.text);
    run_undrained(&group, 300);
    cr_assert_gt(observer_drain(observer, recording_take, &seen), 0);
    run_undrained(&group, 1); /* after the gap: shows where it ends */
    observer_disarm(observer);
    cr_assert_gt(observer_drain(observer, recording_take, &seen), 0);
    observer_read_losses(observer, &losses);

    uint64_t lost = sum(losses.lost);
    cr_expect_gt(lost, 100); /* a pause that is over before it begins is no switch */
    cr_expect_eq(seen.total + lost, sum(losses.produced));
    uint64_t gaps = 0;
    uint32_t next = 0;
    const struct event_header *event = NULL;
    while ((event = recording_next(&seen, event))) {
        cr_expect_geq(event->seq, next);
        gaps += event->seq - next;
        next = event->seq + 1;
    }
    cr_expect_eq(gaps, lost);
    cr_expect_gt(losses.ring_bytes_peak, TINY_RING / 2);
    cr_expect_leq(losses.ring_bytes_peak, TINY_RING);
    recording_free(&seen);
    observer_close(observer);
    group_remove(&group);
}

Test(observer_losses, arming_again_starts_the_counters_anew)
{
    struct group group;
    struct recording seen = {0};
    struct observer_losses losses;
    struct error error = {0};
    group_make(&group, "anew");
    struct observer *observer = observer_for_test(TINY_RING, true, false);
    cr_assert_eq(observer_arm(observer, group.id, group.level, &error), 0, "%s", error.text);
    run_undrained(&group, 100);
    observer_disarm(observer);
    observer_read_losses(observer, &losses);
    cr_expect_gt(sum(losses.produced), 100);

    cr_assert_eq(observer_arm(observer, group.id, group.level, &error), 0, "%s", error.text);
    observer_disarm(observer);
    observer_read_losses(observer, &losses);
    cr_expect_eq(sum(losses.produced), 0);
    cr_expect_eq(observer_drain(observer, recording_take, &seen), 0); /* nor an event of the trial before */
    recording_free(&seen);
    observer_close(observer);
    group_remove(&group);
}

Test(observer_losses, the_descriptor_tells_a_ring_that_is_more_than_half_full)
{
    struct group group;
    struct recording seen = {0};
    struct error error = {0};
    group_make(&group, "wakeup");
    struct observer *observer = observer_for_test(TINY_RING, true, false);
    cr_assert_eq(observer_arm(observer, group.id, group.level, &error), 0, "%s", error.text);
    run_undrained(&group, 2);
    cr_expect(!is_readable(observer), "a few events wake nobody");
    run_undrained(&group, 100);
    cr_expect(is_readable(observer));
    cr_expect_gt(observer_drain(observer, recording_take, &seen), 0);
    run_undrained(&group, 2);
    cr_expect(!is_readable(observer), "it rests once the ring was drained");
    run_undrained(&group, 100);
    cr_expect(is_readable(observer), "and tells it again");
    observer_disarm(observer);
    recording_free(&seen);
    observer_close(observer);
    group_remove(&group);
}

static int refuse(void *context, const struct event_header *event, size_t size)
{
    (void)event, (void)size;
    return -*(int *)context;
}

Test(observer_losses, a_drain_ends_where_the_taker_refuses)
{
    struct group group;
    struct recording seen = {0};
    struct error error = {0};
    int number = 28;
    group_make(&group, "refuse");
    struct observer *observer = observer_for_test(TINY_RING, true, false);
    cr_assert_eq(observer_arm(observer, group.id, group.level, &error), 0, "%s", error.text);
    run_undrained(&group, 5);
    observer_disarm(observer);
    cr_expect_eq(observer_drain(observer, refuse, &number), -28);
    cr_expect_gt(observer_drain(observer, recording_take, &seen), 0);
    recording_free(&seen);
    observer_close(observer);
    group_remove(&group);
}
