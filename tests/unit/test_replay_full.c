#include <string.h>

#include "replay_full.h"

#define SECOND UINT64_C(1000000000)
enum { SYSMON = 99, ASLEEP = 1, IO_WAIT = 2 };

static const struct metric_value *value_of(const struct metrics *metrics, const char *name)
{
    const struct metric_info *info = metric_by_name(name);
    cr_assert_not_null(info, "%s", name);
    return &metrics->values[info->id];
}

static double known(const struct metrics *metrics, const char *name)
{
    const struct metric_value *value = value_of(metrics, name);
    cr_assert(value->known, "%s: %s", name, value->reason ? value->reason : "");
    return value->value;
}

static double part(const struct metrics *metrics, const char *name, const char *key)
{
    const json_t *number = json_object_get(value_of(metrics, name)->parts, key);
    cr_assert(json_is_number(number), "%s of %s", key, name);
    return json_number_value(number);
}

/* Something of each kind, around `start`; the goroutines' ids begin at `goid`. Takes less than 100 us. */
static void play(struct replay *replay, uint64_t start_time, uint64_t goid)
{
    uint64_t t = start_time;
    feed(replay, proc_event(EVENT_GO_M_START, t, 10, PROC_NONE));
    feed(replay, value_event(EVENT_GO_M_CREATE, t, 0xc000080000));
    feed(replay, proc_event(EVENT_GO_P_BIND, t + 100, 10, 0));
    feed(replay, on(SYSMON, value_event(EVENT_GO_SYSMON_SLEEP, t + 150, 20000)));
    feed(replay, switch_event(t + 160, 1, SYSMON, 0, ASLEEP, EVENT_FLAG_PREV));
    start(replay, t + 200, 10, goid);
    feed(replay, go_event(EVENT_GO_SYSCALL_ENTER, t + 300, goid));
    feed(replay, go_event(EVENT_GO_SYSCALL_EXIT, t + 700, goid));
    feed(replay, value_event(EVENT_GO_TIMER_MAKE, t + 800, 0));
    feed(replay, value_event(EVENT_GO_TIMER_RESET, t + 900, 0xc000100000 + goid * 256));
    feed(replay, value_event(EVENT_GO_TIMER_STOP, t + 1000, 0xc000100000 + goid * 256));
    feed(replay, on(20, timer_fire_event(t + 1100, 0xc000200000, t + 1000, 100)));
    feed(replay, lock_wait_event(t + 1200, goid, 0xc000300000));
    feed(replay, park_event(t + 1300, goid, MUTEX));
    feed(replay, on(20, go_event(EVENT_GO_READY, t + 1800, goid)));
    feed(replay, go_event(EVENT_GO_RUN, t + 1900, goid));
    feed(replay, park_event(t + 2000, goid, IO_WAIT));
    feed(replay, value_event(EVENT_GO_NETPOLL, t + 2100, 0));
    feed(replay, on(20, netpoll_ready_event(t + 2200, goid)));
    feed(replay, on(20, go_event(EVENT_GO_READY, t + 2210, goid)));
    feed(replay, steal_event(t + 2300, 0, 1, 3));
    feed(replay, steal_event(t + 2310, 0, 1, 0));
    feed(replay, go_event(EVENT_GO_RUN, t + 2500, goid));
    feed(replay, proc_event(EVENT_GO_PREEMPT_REQUEST, t + 3000, 20, 0));
    feed(replay, go_event(EVENT_GO_PREEMPT_ASYNC, t + 3590, goid));
    feed(replay, go_event(EVENT_GO_YIELD, t + 3600, goid));
    feed(replay, go_event(EVENT_GO_RUN, t + 3700, goid));
    feed(replay, go_event(EVENT_GO_GOSCHED, t + 3790, goid));
    feed(replay, go_event(EVENT_GO_YIELD, t + 3800, goid));
    feed(replay, go_event(EVENT_GO_RUN, t + 3900, goid));
    feed(replay, value_event(EVENT_GO_STW_START, t + 4000, 2));
    feed(replay, value_event(EVENT_GO_GC_START, t + 4010, 0));
    feed(replay, value_event(EVENT_GO_STW_END, t + 4100, 0));
    feed(replay, gc_end_event(t + 5000, 100, 200, 300));
    feed(replay, go_event(EVENT_GO_EXIT, t + 6000, goid));
    feed(replay, proc_event(EVENT_GO_P_UNBIND, t + 6100, 10, 0));
    feed(replay, proc_event(EVENT_GO_P_HANDOFF, t + 6200, 10, 0));
    feed(replay, value_event(EVENT_GO_M_STOP, t + 6300, 0));
    feed(replay, switch_event(t + 22150, 1, 0, SYSMON, 0, EVENT_FLAG_NEXT)); /* 2,000 ns late */
}

static struct replay *replay_of(const struct replay_settings *settings)
{
    struct replay *replay = NULL;
    cr_assert_eq(replay_open(settings, &replay), 0);
    feed(replay, mark_event(SECOND, MARK_START));
    feed(replay, switch_event(SECOND, 0, 0, 10, 0, EVENT_FLAG_NEXT));
    for (uint64_t i = 0; i < 10; i++)
        play(replay, SECOND + 100000 * (1 + i), 20 + i);
    feed(replay, mark_event(3 * SECOND, MARK_END));
    return replay;
}

static const struct replay_settings everything = {
    .go_minor = 23, .sched = true, .go = true, .full = true, .procs = 2};

static const struct {
    const char *name;
    double value;
} expected[] = {
    {"proc.count", 2},
    {"proc.bind_time", 6000},
    {"proc.handoffs", 10},
    {"proc.steals", 10},
    {"proc.steals_in_vain", 10},
    {"thread.created", 10},
    {"thread.started", 10},
    {"thread.parked", 10},
    {"thread.in_vain", 0},
    {"preempt.count", 10},
    {"preempt.forced", 10},
    {"preempt.cooperative", 0},
    {"preempt.latency", 600},
    {"sysmon.drift", 0.1},
    {"sysmon.drift_20ms", 0.9989},
    {"sysmon.sleep", 20000},
    {"sysmon.sleep_late", 2000},
    {"syscalls", 10},
    {"syscalls.blocking", 0},
    {"syscalls.time", 400},
    {"netpoll.calls", 10},
    {"netpoll.ready", 10},
    {"netpoll.wake_latency", 300},
    {"timers.made", 10},
    {"timers.stopped", 10},
    {"timers.reset", 10},
    {"timers.fired", 10},
    {"timers.created_per_s", 5},
    {"timers.fire_lateness", 100},
    {"timers.mean_life", 200},
    {"locks.waits", 10},
    {"gc.assist_time", 100},
    {"gc.mark_time", 200},
    {"gc.idle_time", 300},
    {"gc.cpu_ratio", 0.1},
    {"goroutines.life", 5800},
    {"goroutines.yields", 20},
    {"goroutines.coro_switches", 0},
    {"goroutines.wake_latency", 100},
    {"goroutines.wake_go_queue", 100},
    {"goroutines.wake_run_queue", 0},
    {"goroutines.wake_throttled", 0},
};

Test(replay_full, events_become_figures)
{
    struct replay *replay = replay_of(&everything);
    struct metrics metrics = {0};
    metrics_set(&metrics, METRIC_CPU_TIME, 60000);
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        double found = known(&metrics, expected[i].name);
        /* Medians are upper bounds of buckets less than 1%% wide. */
        cr_expect(found >= expected[i].value * 0.9999 && found <= expected[i].value * 1.01, "%s: %f, not %f",
                  expected[i].name, found, expected[i].value);
    }
    /* Bound 6 us of each 100 us, one of two Ps; the first bind is at 100.1 us of two seconds. */
    double idle = known(&metrics, "proc.idle_ratio");
    cr_expect_float_eq(idle, 1 - 60000.0 / (2 * (2 * SECOND - 100100)), 1e-9);
    cr_expect_eq(part(&metrics, "goroutines.yields", "called"), 10);
    cr_expect_eq(part(&metrics, "goroutines.yields", "preempted"), 10);
    cr_expect_eq(part(&metrics, "goroutines.yields", "syscall"), 0);
    cr_expect_eq(part(&metrics, "proc.steals", "goroutines"), 30);
    cr_expect_eq(part(&metrics, "netpoll.calls", "look"), 10);
    cr_expect_eq(part(&metrics, "gc.mark_time", "total"), 2000);
    cr_expect_float_eq(part(&metrics, "gc.cpu_ratio", "idle"), 0.05, 1e-9);
    cr_expect_float_eq(part(&metrics, "sysmon.drift", "p50"), 0.1, 1e-3);
    cr_expect_eq(part(&metrics, "timers.mean_life", "ended"), 10);
    json_t *series = replay_series_json(replay);
    double created = 0;
    size_t i;
    json_t *bin;
    json_array_foreach (json_object_get(series, "created"), i, bin)
        created += json_number_value(bin);
    cr_expect_eq(created, 10);
    cr_expect(json_is_object(json_object_get(series, "running_threads")));
    json_decref(series);
    metrics_free(&metrics);
    replay_close(replay);
}

static void expect_reason(const struct replay_settings *settings, enum metric_id first, const char *reason)
{
    struct replay *replay = replay_of(settings);
    struct metrics metrics = {0};
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    for (unsigned id = first; id < METRIC_ID_COUNT; id++) {
        const char *name = metric_info((enum metric_id)id)->name;
        cr_assert_not(metrics.values[id].known, "%s", name);
        cr_assert_str_eq(metrics.values[id].reason, reason, "%s: %s", name, metrics.values[id].reason);
    }
    metrics_free(&metrics);
    replay_close(replay);
}

Test(replay_full, each_level_says_what_it_lacks)
{
    struct replay_settings settings = everything;
    settings.full = false;
    expect_reason(&settings, METRIC_PROC_COUNT, "recorded with `go: full` only");
    settings.go = false;
    expect_reason(&settings, METRIC_GOROUTINES_CREATED, "the Go probes were off");
    settings.counters = true;
    expect_reason(&settings, METRIC_GOROUTINES_CREATED, "recorded with `go: core` and `go: full` only");
}

Test(replay_full, what_no_probe_could_tell_is_not_zero)
{
    struct replay_settings settings = everything;
    settings.absent_kinds = UINT64_C(1) << EVENT_GO_STEAL | UINT64_C(1) << EVENT_GO_P_HANDOFF;
    struct replay *replay = replay_of(&settings);
    struct metrics metrics = {0};
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    static const char *const unknown[] = {"proc.steals",    "proc.steals_in_vain", "proc.handoffs",
                                          "proc.bind_time", "proc.idle_ratio",     "syscalls.blocking"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        const struct metric_value *value = value_of(&metrics, unknown[i]);
        cr_expect_not(value->known, "%s", unknown[i]);
        cr_expect_not_null(value->reason);
        cr_expect_null(value->parts);
    }
    cr_expect(value_of(&metrics, "proc.count")->known);
    cr_expect(value_of(&metrics, "goroutines.created")->known);
    metrics_free(&metrics);
    replay_close(replay);
}

/* Every distribution of level full has one value a play: those of the window are two of four. */
Test(replay_full, with_a_window_all_distributions_are_of_it)
{
    struct replay *replay = NULL;
    struct metrics metrics = {0};
    cr_assert_eq(replay_open(&everything, &replay), 0);
    feed(replay, mark_event(SECOND, MARK_START));
    play(replay, SECOND + 100000, 20);
    feed(replay, mark_event(SECOND + 150000, MARK_WINDOW_START));
    play(replay, SECOND + 200000, 21);
    play(replay, SECOND + 300000, 22);
    feed(replay, mark_event(SECOND + 350000, MARK_WINDOW_END));
    play(replay, SECOND + 400000, 23);
    feed(replay, mark_event(2 * SECOND, MARK_END));
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    unsigned distributions = 0;
    for (unsigned id = METRIC_SCHED_RUN_QUEUE_LATENCY; id < METRIC_ID_COUNT; id++) {
        const struct metric_info *info = metric_info((enum metric_id)id);
        if (!info->distribution || id == METRIC_SCHED_RUN_QUEUE_LATENCY)
            continue;
        uint64_t count = metrics.values[id].histogram.count;
        cr_expect(count >= 2 && count % 2 == 0 && count <= 10, "%s: %lu", info->name, count);
        distributions++;
    }
    cr_expect_geq(distributions, 16);
    cr_expect_eq(part(&metrics, "sysmon.drift", "n"), 2);
    cr_expect_eq(known(&metrics, "syscalls"), 4, "counts are of the whole life");
    cr_expect_eq(part(&metrics, "gc.assist_time", "total"), 400);
    metrics_free(&metrics);
    replay_close(replay);
}

Test(replay_full, a_version_that_does_not_tell_what_a_collection_cost)
{
    struct replay *replay = full_opened(19);
    struct metrics metrics = {0};
    metrics_set(&metrics, METRIC_CPU_TIME, 60000);
    start(replay, 1000, 10, 7);
    feed(replay, gc_end_event(5000, EVENT_UNKNOWN, 200, EVENT_UNKNOWN));
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    cr_expect_not(value_of(&metrics, "gc.assist_time")->known);
    cr_expect_str_eq(value_of(&metrics, "gc.idle_time")->reason,
                     "this Go version does not tell what a collection cost");
    cr_expect(value_of(&metrics, "gc.mark_time")->known);
    cr_expect_not(value_of(&metrics, "gc.cpu_ratio")->known);
    metrics_free(&metrics);
    replay_close(replay);
}

Test(replay_full, a_program_that_does_nothing_has_counts_of_zero)
{
    struct replay *replay = full_opened(23);
    struct metrics metrics = {0};
    start(replay, 1000, 10, 1);
    feed(replay, mark_event(2000, 0));
    cr_assert_eq(replay_finish(replay, NULL, &metrics), 0);
    for (unsigned id = METRIC_PROC_COUNT; id < METRIC_ID_COUNT; id++) {
        const struct metric_value *value = &metrics.values[id];
        cr_expect(value->known ? value->value == 0 : value->reason != NULL, "%s",
                  metric_info((enum metric_id)id)->name);
    }
    metrics_free(&metrics);
    replay_close(replay);
}
