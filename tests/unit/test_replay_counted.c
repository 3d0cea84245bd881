#include "runner/replay/counted.h"

#include <string.h>

#include "replay_full.h"

#define KIND(name) (UINT64_C(1) << EVENT_GO_##name)
#define STATES     (KIND(RUN) | KIND(PARK) | KIND(READY) | KIND(YIELD) | KIND(UNPARK) | KIND(CORO_SWITCH))
enum { COROUTINE = 36 };

static const struct metric_value *value_of(const struct metrics *metrics, const char *name)
{
    return &metrics->values[metric_by_name(name)->id];
}

static double known(const struct metrics *metrics, const char *name)
{
    cr_assert(value_of(metrics, name)->known, "%s: %s", name, value_of(metrics, name)->reason);
    cr_expect_not(value_of(metrics, name)->lossy, "%s", name);
    return value_of(metrics, name)->value;
}

static void expect_unknown(const struct metrics *metrics, const char *name)
{
    const struct metric_value *value = value_of(metrics, name);
    cr_expect_not(value->known, "%s", name);
    cr_expect(value->reason && strstr(value->reason, "probes.rate_max"), "%s: %s", name, value->reason);
    cr_expect_null(value->parts);
}

/* One goroutine's life of 1 ms with one park that ends, one that does not, one system call and one timer. */
static struct replay *lived(void)
{
    struct replay *replay = full_opened(23);
    start(replay, 1000, 10, 1);
    feed(replay, go_event(EVENT_GO_SYSCALL_ENTER, 2000, 1));
    feed(replay, go_event(EVENT_GO_SYSCALL_EXIT, 2500, 1));
    feed(replay, value_event(EVENT_GO_TIMER_MAKE, 2600, 0));
    feed(replay, park_event(3000, 1, CHAN_RECEIVE));
    feed(replay, on(20, go_event(EVENT_GO_READY, 4000, 1)));
    feed(replay, go_event(EVENT_GO_RUN, 5000, 1));
    feed(replay, park_event(1001000, 1, SLEEPING));
    return replay;
}

static void finish(struct replay *replay, const struct observer_losses *losses, struct metrics *metrics)
{
    *metrics = (struct metrics){0};
    cr_assert_eq(replay_finish(replay, losses, metrics), 0);
}

/* As many as came. */
static struct observer_losses told(const struct replay *replay)
{
    struct observer_losses losses = {0};
    memcpy(losses.produced, replay->sequences.seen, sizeof losses.produced);
    return losses;
}

static void count(struct replay *replay, enum event_kind kind, uint64_t start_pc, uint32_t reason,
                  uint64_t number)
{
    const struct observer_count row = {start_pc, kind, reason, number};
    replay_counted(replay, &row);
}

Test(replay_counted, parks_stay_exact_and_the_runtimes_own_are_left_out)
{
    struct replay *replay = lived();
    struct metrics metrics;
    replay_count_only(replay, STATES);
    count(replay, EVENT_GO_PARK, DEMO_PC, CHAN_RECEIVE, 500);
    count(replay, EVENT_GO_PARK, DEMO_PC, MUTEX, 30);
    count(replay, EVENT_GO_PARK, RUNTIME_PC, CHAN_RECEIVE, 7000);
    count(replay, EVENT_GO_PARK, DEMO_PC, COROUTINE, 9); /* a switch that the collector was in the way of */
    count(replay, EVENT_GO_UNPARK, DEMO_PC, MUTEX, 10);
    count(replay, EVENT_GO_YIELD, DEMO_PC, 0, 40);
    count(replay, EVENT_GO_READY, DEMO_PC, 0, 520);
    count(replay, EVENT_GO_RUN, DEMO_PC, 0, 560);
    struct observer_losses losses = told(replay);
    losses.counted[EVENT_GO_PARK] = 7539;
    finish(replay, &losses, &metrics);
    cr_expect_eq(known(&metrics, "goroutines.parks"), 2 + 500 + 20);
    const json_t *parts = value_of(&metrics, "goroutines.parks")->parts;
    cr_expect_eq(json_number_value(json_object_get(parts, "chan receive")), 501);
    cr_expect_eq(json_number_value(json_object_get(parts, "sync.Mutex.Lock")), 20);
    cr_expect_eq(known(&metrics, "goroutines.yields"), 40);
    cr_expect_null(value_of(&metrics, "goroutines.yields")->parts, "why they yielded was not counted");
    cr_expect_gt(known(&metrics, "goroutines.ready_per_s"), 500 * 1e3 * 0.9);
    cr_expect_eq(known(&metrics, "goroutines.created"), 1);
    cr_expect_eq(known(&metrics, "syscalls"), 1);
    metrics_free(&metrics);
    replay_close(replay);
}

Test(replay_counted, what_needs_single_events_is_unknown)
{
    static const char *const unknown[] = {"goroutines.block_time", "goroutines.wake_latency",
                                          "goroutines.run_slice", "goroutines.leaked", "preempt.count"};
    struct replay *replay = lived();
    struct metrics metrics;
    replay_count_only(replay, STATES);
    struct observer_losses losses = told(replay);
    losses.counted[EVENT_GO_RUN] = 3;
    finish(replay, &losses, &metrics);
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        expect_unknown(&metrics, unknown[i]);
    cr_expect_eq(value_of(&metrics, "goroutines.wake_latency")->lost, 3u);
    cr_expect(value_of(&metrics, "goroutines.wake_latency")->lossy, "so that no finding rests on it");
    json_t *leaked = replay_leaked_json(replay);
    cr_expect(json_is_null(leaked));
    json_decref(leaked);
    metrics_free(&metrics);
    replay_close(replay);
}

Test(replay_counted, system_calls_and_timers_are_counted_on)
{
    struct replay *replay = lived();
    struct metrics metrics;
    replay_count_only(replay, KIND(SYSCALL_ENTER) | KIND(SYSCALL_EXIT) | KIND(TIMER_MAKE) | KIND(TIMER_STOP) |
                                  KIND(TIMER_RESET) | KIND(TIMER_FIRE));
    struct observer_losses losses = told(replay);
    losses.counted[EVENT_GO_SYSCALL_ENTER] = 100;
    losses.counted[EVENT_GO_SYSCALL_EXIT] = 99;
    losses.counted[EVENT_GO_TIMER_MAKE] = 10;
    losses.counted[EVENT_GO_TIMER_STOP] = 4;
    losses.counted[EVENT_GO_TIMER_RESET] = 3;
    losses.counted[EVENT_GO_TIMER_FIRE] = 2;
    finish(replay, &losses, &metrics);
    cr_expect_eq(known(&metrics, "syscalls"), 101);
    cr_expect_eq(known(&metrics, "timers.made"), 11);
    cr_expect_eq(known(&metrics, "timers.stopped"), 4);
    cr_expect_eq(known(&metrics, "timers.reset"), 3);
    cr_expect_eq(known(&metrics, "timers.fired"), 2);
    expect_unknown(&metrics, "syscalls.time");
    expect_unknown(&metrics, "timers.mean_life");
    cr_expect_gt(known(&metrics, "goroutines.wake_latency"), 0);
    metrics_free(&metrics);
    replay_close(replay);
}

Test(replay_counted, where_nothing_was_only_counted_nothing_changes)
{
    struct replay *replay = lived();
    struct metrics metrics;
    struct observer_losses losses = told(replay);
    finish(replay, &losses, &metrics);
    cr_expect_eq(known(&metrics, "goroutines.parks"), 2);
    cr_expect_gt(known(&metrics, "goroutines.wake_latency"), 0);
    metrics_free(&metrics);
    replay_close(replay);
}
