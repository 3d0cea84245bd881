/* What goroutines do, at level full, against the truth that tests/accuracy/scheduler prints. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "tests/integration/observed_go.h"

/* What depends on whom a busy machine lets run when is tried so often. */
#define TRIES     5
#define MAIN_GOID 1
#define GOIDS     4096

static void observe_full(struct go_run *run, const char *path, const char *mode, const struct group *group)
{
    go_observe(run, path, mode, GO_FULL, false, group);
}

/* Events of a kind by goroutine; goroutines of these programs are far fewer. */
static void count_by_goid(const struct go_run *run, enum event_kind kind, size_t counts[GOIDS])
{
    const struct event_header *event = NULL;
    memset(counts, 0, GOIDS * sizeof *counts);
    while ((event = recording_next(&run->seen, event)))
        if (event->kind == kind)
            counts[event->goid % GOIDS]++;
}

static void check_yields(const char *path, uint32_t minor, const struct group *group)
{
    struct go_run run;
    size_t called[GOIDS], yielded[GOIDS];
    observe_full(&run, path, "yields", group);
    count_by_goid(&run, EVENT_GO_GOSCHED, called);
    count_by_goid(&run, EVENT_GO_YIELD, yielded);
    cr_expect_eq(run.seen.counts[EVENT_GO_GOSCHED], go_printed(&run, "yields"), "1.%u", minor);
    for (size_t goid = 0; goid < GOIDS; goid++)
        cr_expect_geq(yielded[goid], called[goid], "1.%u: goroutine %zu", minor, goid);
    go_run_free(&run);
}

Test(observer_go_full, each_call_of_gosched_is_seen_and_yields)
{
    go_each_version("scheduler", "2", check_yields);
}

/* What preceded a yield since the goroutine was put on its thread. */
struct slice {
    bool asked, called, interrupted;
};

struct preemptions {
    size_t yields, unasked, interrupted, interrupted_in_vain;
};

static void follow_preemption(struct slice *slice, const struct event_header *event,
                              struct preemptions *found)
{
    switch (event->kind) {
    case EVENT_GO_RUN:
        *slice = (struct slice){0};
        break;
    case EVENT_GO_PREEMPT_REQUEST:
        slice->asked = true;
        break;
    case EVENT_GO_GOSCHED:
        slice->called = true;
        break;
    case EVENT_GO_PREEMPT_ASYNC:
        found->interrupted_in_vain += slice->interrupted;
        slice->interrupted = true;
        found->interrupted++;
        break;
    case EVENT_GO_PARK: /* for the collector, which asks by itself; or it went on */
    case EVENT_GO_YIELD:
        if (event->kind == EVENT_GO_YIELD && !slice->called && !(event->flags & EVENT_FLAG_SYSCALL)) {
            found->yields++;
            found->unasked += !slice->asked;
        }
        slice->interrupted = slice->called = false;
        break;
    default:
        break;
    }
}

static bool preempted_as_asked(const char *path, uint32_t minor, const struct group *group)
{
    struct go_run run;
    struct slice slices[GOIDS] = {0};
    struct preemptions found = {0};
    size_t count = 0;
    observe_full(&run, path, "spin", group);
    const struct event_header **events = recording_sorted(&run.seen, &count);
    for (size_t i = 0; i < count; i++)
        follow_preemption(&slices[events[i]->goid % GOIDS], events[i], &found);
    free(events);
    cr_log_info("1.%u: %zu preemptions, %zu of them unasked, %zu interrupts, %zu in vain, %zu jumps", minor,
                found.yields, found.unasked, found.interrupted, found.interrupted_in_vain,
                (size_t)go_printed(&run, "jumps"));
    bool right =
        found.yields >= 10 && !found.unasked && found.interrupted >= 10 && !found.interrupted_in_vain;
    go_run_free(&run);
    return right;
}

static void check_preemptions(const char *path, uint32_t minor, const struct group *group)
{
    bool right = false;
    for (int tries = 0; tries < TRIES && !right; tries++)
        right = preempted_as_asked(path, minor, group);
    cr_expect(right, "1.%u", minor);
}

Test(observer_go_full, a_goroutine_that_spins_is_asked_interrupted_and_yields)
{
    go_each_version("scheduler", "1", check_preemptions);
}

static void check_system_calls(const char *path, uint32_t minor, const struct group *group)
{
    struct go_run run;
    size_t entered[GOIDS], left[GOIDS];
    size_t short_ones = 0, blocking_ones = 0;
    observe_full(&run, path, "syscalls", group);
    count_by_goid(&run, EVENT_GO_SYSCALL_ENTER, entered);
    count_by_goid(&run, EVENT_GO_SYSCALL_EXIT, left);
    for (size_t goid = MAIN_GOID + 1; goid < GOIDS; goid++) {
        cr_expect_eq(entered[goid], left[goid], "1.%u: goroutine %zu", minor, goid);
        short_ones += entered[goid] == 5000;
        blocking_ones += entered[goid] == 10;
    }
    cr_expect_eq(short_ones, 1, "1.%u", minor);
    cr_expect_eq(blocking_ones, 1, "1.%u", minor);
    /* sysmon takes the P after 10 ms at the latest; each of the calls takes 20 ms. */
    cr_expect_geq(run.seen.counts[EVENT_GO_P_HANDOFF], 3, "1.%u", minor);
    go_run_free(&run);
}

Test(observer_go_full, system_calls_are_entered_and_left_and_blocking_ones_lose_their_p)
{
    go_each_version("scheduler", "2", check_system_calls);
}

/* Whether each goroutine that waited for a descriptor was woken by an event that named it. */
static void check_netpoll(const char *path, uint32_t minor, const struct group *group)
{
    struct go_run run;
    struct {
        bool waits, named;
    } states[GOIDS] = {0};
    size_t woken = 0, unnamed = 0, count = 0;
    observe_full(&run, path, "echo", group);
    const struct event_header **events = recording_sorted(&run.seen, &count);
    for (size_t i = 0; i < count; i++) {
        size_t goid = events[i]->goid % GOIDS;
        if (events[i]->kind == EVENT_GO_PARK) {
            const char *reason =
                gobin_wait_reason_of(minor, ((const struct event_go_park *)events[i])->reason);
            states[goid].waits = reason && strcmp(reason, "IO wait") == 0;
            states[goid].named = false;
        } else if (events[i]->kind == EVENT_GO_NETPOLL_READY) {
            const struct event_go_netpoll_ready *ready = (const void *)events[i];
            cr_expect(ready->mode == 'r' || ready->mode == 'w' || ready->mode == 'r' + 'w');
            states[goid].named = true;
        } else if (events[i]->kind == EVENT_GO_READY && states[goid].waits) {
            woken++;
            unnamed += !states[goid].named;
        }
    }
    free(events);
    size_t rounds = go_printed(&run, "rounds");
    cr_expect_geq(run.seen.counts[EVENT_GO_NETPOLL_READY], 2 * rounds, "1.%u", minor);
    cr_expect_leq(run.seen.counts[EVENT_GO_NETPOLL_READY], 2 * rounds + 8, "1.%u: %zu", minor,
                  run.seen.counts[EVENT_GO_NETPOLL_READY]);
    cr_expect_geq(woken, rounds, "1.%u", minor);
    /* One that parks between the probe and the runtime's own look at pollDesc is woken unnamed. */
    cr_expect_leq(50 * unnamed, woken, "1.%u: %zu of %zu", minor, unnamed, woken);
    cr_expect_gt(run.seen.counts[EVENT_GO_NETPOLL], 0);
    go_run_free(&run);
}

Test(observer_go_full, netpoll_names_the_goroutine_that_its_descriptor_wakes)
{
    go_each_version("scheduler", "2", check_netpoll);
}

static bool fire_as_made(const char *path, uint32_t minor, const struct group *group)
{
    struct go_run run;
    size_t periodic = 0, early = 0, unknown = 0;
    observe_full(&run, path, "timers", group);
    const struct event_header *event = NULL;
    while ((event = recording_next(&run.seen, event))) {
        const struct event_go_timer_fire *fire = (const void *)event;
        if (event->kind == EVENT_GO_TIMER_MAKE)
            unknown += ((const struct event_go_value *)event)->value == 0;
        if (event->kind != EVENT_GO_TIMER_FIRE)
            continue;
        cr_expect(fire->timer);
        periodic += fire->period != 0;
        early += fire->header.time < fire->when || fire->header.time - fire->when > 10000000000;
    }
    cr_expect_eq(run.seen.counts[EVENT_GO_TIMER_MAKE], go_printed(&run, "made"), "1.%u", minor);
    cr_expect_eq(run.seen.counts[EVENT_GO_TIMER_STOP], go_printed(&run, "stopped"), "1.%u", minor);
    cr_expect_eq(run.seen.counts[EVENT_GO_TIMER_RESET], go_printed(&run, "reset"), "1.%u", minor);
    cr_expect_eq(early, 0, "1.%u: %zu", minor, early);
    cr_expect_eq(unknown, minor < 23 ? 0 : run.seen.counts[EVENT_GO_TIMER_MAKE], "1.%u", minor);
    bool right = run.seen.counts[EVENT_GO_TIMER_FIRE] == go_printed(&run, "fired") &&
                 periodic == go_printed(&run, "periodic");
    go_run_free(&run);
    return right;
}

/* A ticker whose reader does not come in time fires without being waited for, or not at all. */
static void check_timers(const char *path, uint32_t minor, const struct group *group)
{
    bool right = false;
    for (int tries = 0; tries < TRIES && !right; tries++)
        right = fire_as_made(path, minor, group);
    cr_expect(right, "1.%u", minor);
}

Test(observer_go_full, timers_are_made_stopped_reset_and_fire_when_due)
{
    go_each_version("scheduler", "2", check_timers);
}

static void check_locks(const char *path, uint32_t minor, const struct group *group)
{
    struct go_run run;
    size_t waits[GOIDS] = {0};
    uint64_t address = 0;
    size_t waiters = 0;
    observe_full(&run, path, "locks", group);
    const struct event_header *event = NULL;
    while ((event = recording_next(&run.seen, event)))
        if (event->kind == EVENT_GO_LOCK_WAIT && event->goid != MAIN_GOID) {
            const struct event_go_lock_wait *wait = (const void *)event;
            cr_expect(!address || wait->address == address, "1.%u: another lock", minor);
            address = wait->address;
            waits[event->goid % GOIDS]++;
        }
    for (size_t goid = 0; goid < GOIDS; goid++)
        waiters += waits[goid] > 0;
    cr_expect_eq(waiters, go_printed(&run, "waiters"), "1.%u", minor);
    go_run_free(&run);
}

Test(observer_go_full, goroutines_that_wait_for_one_mutex_name_its_address)
{
    go_each_version("scheduler", "1", check_locks);
}
