#include "runner/replay/sysmon.h"

#include "replay_full.h"

enum { SYSMON = 99, ASLEEP = 1 };
#define MS 1000000u
#define US 1000u

static struct sysmon opened(bool sched)
{
    struct sysmon sysmon;
    cr_assert_eq(sysmon_open(&sysmon, sched), 0);
    return sysmon;
}

static void sleeps(struct sysmon *sysmon, uint64_t time, uint64_t asked)
{
    union any_event event = on(SYSMON, value_event(EVENT_GO_SYSMON_SLEEP, time, asked));
    cr_assert_eq(sysmon_sleep(sysmon, &event.value, time), 0);
}

static void leaves(struct sysmon *sysmon, uint64_t time, uint32_t state, unsigned flags)
{
    union any_event event = switch_event(time, 0, SYSMON, 0, state, EVENT_FLAG_PREV | flags);
    cr_assert_eq(sysmon_switch(sysmon, &event.sched_switch, time), 0);
}

static void comes(struct sysmon *sysmon, uint64_t time)
{
    union any_event event = switch_event(time, 0, 0, SYSMON, 0, EVENT_FLAG_NEXT);
    cr_assert_eq(sysmon_switch(sysmon, &event.sched_switch, time), 0);
}

Test(replay_sysmon, a_sleep_lasts_until_its_thread_is_on_a_cpu_again)
{
    struct sysmon sysmon = opened(true);
    for (uint64_t i = 0; i < 10; i++) {
        uint64_t start = 1000 * MS + i * 20 * MS;
        sleeps(&sysmon, start, 10 * MS);
        leaves(&sysmon, start + 2 * US, ASLEEP, 0);
        comes(&sysmon, start + 10 * MS + 100 * US);
        comes(&sysmon, start + 15 * MS); /* another time, of no sleep */
    }
    cr_assert_eq(sysmon.late.count, 10);
    cr_assert_eq(sysmon.late.min, 100 * US);
    cr_assert_eq(sysmon.late.max, 100 * US);
    cr_assert_eq(sysmon.drift.max, 10000, "1%%");
    cr_assert_eq(sysmon.drift_20ms.max, 495000, "9.9 ms from 20 ms");
    cr_assert_float_eq(sysmon.late.sum / sysmon.asked.sum, 0.01, 1e-12);
    sysmon_close(&sysmon);
}

Test(replay_sysmon, what_keeps_it_from_its_sleep_is_no_sleep)
{
    struct sysmon sysmon = opened(true);
    sleeps(&sysmon, 1000, 20 * US);
    leaves(&sysmon, 1100, 0, EVENT_FLAG_PREEMPT);
    comes(&sysmon, 1000 + 5 * MS);
    cr_assert_eq(sysmon.late.count, 0, "preempted on its way");
    leaves(&sysmon, 1000 + 5 * MS + 100, ASLEEP, EVENT_FLAG_THROTTLED);
    comes(&sysmon, 1000 + 6 * MS);
    cr_assert_eq(sysmon.late.count, 0, "throttled on its way");
    leaves(&sysmon, 1000 + 6 * MS + 100, ASLEEP, 0);
    comes(&sysmon, 1000 + 7 * MS);
    cr_assert_eq(sysmon.late.count, 1);
    cr_assert_eq(sysmon.late.max, 7 * MS - 20 * US);
    sysmon_close(&sysmon);
}

Test(replay_sysmon, no_sleep_is_shorter_than_asked)
{
    struct sysmon sysmon = opened(true);
    sleeps(&sysmon, 1000, 10 * MS);
    leaves(&sysmon, 1100, 2, 0); /* a page had to be read */
    comes(&sysmon, 1000 + 1 * MS);
    leaves(&sysmon, 1000 + 2 * MS, ASLEEP, 0);
    comes(&sysmon, 1000 + 12 * MS);
    cr_assert_eq(sysmon.late.count, 1);
    cr_assert_eq(sysmon.late.max, 2 * MS);
    sysmon_close(&sysmon);
}

Test(replay_sysmon, without_switches_its_next_event_ends_it)
{
    struct sysmon sysmon = opened(false);
    sleeps(&sysmon, 1000, 20 * US);
    sleeps(&sysmon, 1000 + 30 * US, 20 * US);
    cr_assert_eq(sysmon.late.count, 1);
    cr_assert_eq(sysmon.late.max, 10 * US);
    union any_event other = proc_event(EVENT_GO_PREEMPT_REQUEST, 1000 + 100 * US, SYSMON, 0);
    cr_assert_eq(sysmon_goes_on(&sysmon, &other.header, other.header.time), 0);
    cr_assert_eq(sysmon.late.count, 2);
    sysmon_close(&sysmon);
}

Test(replay_sysmon, a_sleep_whose_switches_were_lost_is_left_out)
{
    struct sysmon sysmon = opened(true);
    sleeps(&sysmon, 1000, 20 * US);
    sleeps(&sysmon, 1000 + 500 * US, 20 * US);
    cr_assert_eq(sysmon.late.count, 0);
    sysmon_end(&sysmon, SYSMON);
    leaves(&sysmon, 1000 + 501 * US, ASLEEP, 0);
    comes(&sysmon, 1000 + 600 * US);
    cr_assert_eq(sysmon.late.count, 0, "its thread ended");
    sysmon_close(&sysmon);
}

/* The kernel runs no BPF program on behalf of some threads: a switch from one of these to sysmon is not seen.
 */
Test(replay_sysmon, a_sleep_whose_end_was_not_seen_is_left_out)
{
    struct sysmon sysmon = opened(true);
    sleeps(&sysmon, 1000, 20 * US);
    leaves(&sysmon, 2000, ASLEEP, 0);
    leaves(&sysmon, 1000 + 90 * US, ASLEEP, 0); /* to wait for work */
    comes(&sysmon, 1000 + 900 * MS);
    cr_assert_eq(sysmon.late.count, 0);
    sleeps(&sysmon, 1000 + 901 * MS, 20 * US);
    leaves(&sysmon, 1000 + 901 * MS + 10, ASLEEP, 0);
    comes(&sysmon, 1000 + 901 * MS + 70 * US);
    cr_assert_eq(sysmon.late.count, 1);
    cr_assert_eq(sysmon.late.max, 50 * US);
    sysmon_close(&sysmon);
}

Test(replay_sysmon, threads_that_share_a_bit_do_not_share_a_sleep)
{
    struct sysmon sysmon = opened(true);
    sleeps(&sysmon, 1000, 20 * US);
    union any_event event =
        switch_event(2000, 0, SYSMON + 64, SYSMON + 128, ASLEEP, EVENT_FLAG_PREV | EVENT_FLAG_NEXT);
    cr_assert_eq(sysmon_switch(&sysmon, &event.sched_switch, 2000), 0);
    cr_assert_eq(sysmon.late.count, 0);
    cr_assert_eq(sysmon.sleeps.count, 1);
    sysmon_close(&sysmon);
}
