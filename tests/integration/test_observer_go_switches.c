/* Which goroutine leaves a CPU, told by the kernel's tracepoints alone: level counters. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/executables.h"
#include "runner/support/fd.h"
#include "tests/integration/observed_go.h"

#define RING  (8 << 20)
#define GOIDS 4096

/* Runs `path argument` with nothing attached to it. */
static void observe_switches(struct go_run *run, const char *path, const char *argument,
                             const struct group *group)
{
    struct observer *observer = observer_for_test(RING, true, false);
    struct gobin *binary = NULL;
    struct go_layout layout;
    struct error error = {0};
    struct child child;
    char *argv[] = {(char *)path, (char *)argument, NULL};
    *run = (struct go_run){0};
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    AUTO_FD null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    cr_assert_eq(gobin_open(fd, path, &binary, &error), 0, "%s", error.text);
    cr_assert(gobin_layout(binary, &layout));
    cr_assert_eq(observer_announce(observer, 3, path, &layout, &error), 0, "%s", error.text);
    child_start_program(&child, group, argv, null);
    cr_assert_eq(observe_child(observer, group, &child, &run->seen), 0);
    gobin_close(binary);
    observer_close(observer);
}

#define LONG_SLEEP                                                                                           \
    15000000 /* ns; the reader's reads take 20 ms and more, and waits for locks of the runtime's do not */
#define THREADS 64

/* A thread that left its CPU in an interruptible sleep, and for which goroutine. */
struct sleeper {
    uint32_t tid;
    uint64_t goid, since;
};

static struct sleeper *sleeper_of(struct sleeper sleepers[THREADS], uint32_t tid)
{
    size_t i = 0;
    while (sleepers[i].tid && sleepers[i].tid != tid)
        cr_assert_lt(++i, THREADS);
    sleepers[i].tid = tid;
    return &sleepers[i];
}

static bool falls_asleep(const struct event_sched_switch *out)
{
    return !(out->header.flags & EVENT_FLAG_PREEMPT) && out->prev_state == 1;
}

/* How often each goroutine's thread slept long. A host may not tell that a thread is back before it leaves
 * again. */
static void count_sleeps(const struct go_run *run, size_t counts[GOIDS])
{
    struct sleeper sleepers[THREADS] = {0};
    const struct event_header *event = NULL;
    memset(counts, 0, GOIDS * sizeof *counts);
    while ((event = recording_next(&run->seen, event))) {
        const struct event_sched_switch *out = (const void *)event;
        const uint32_t threads[] = {event->tid, out->next_tid};
        const uint8_t flags[] = {EVENT_FLAG_PREV, EVENT_FLAG_NEXT};
        for (size_t i = 0; event->kind == EVENT_SCHED_SWITCH && i < 2; i++) {
            if (!(event->flags & flags[i]))
                continue;
            struct sleeper *sleeper = sleeper_of(sleepers, threads[i]);
            if (sleeper->since && event->time > sleeper->since + LONG_SLEEP)
                counts[sleeper->goid % GOIDS]++;
            sleeper->since = i == 0 && falls_asleep(out) ? event->time : 0;
            sleeper->goid = event->goid;
        }
    }
}

/* Ten sleeps of one goroutine. */
static void check_blocking_calls(const char *path, uint32_t minor, const struct group *group)
{
    struct go_run run;
    size_t counts[GOIDS];
    size_t readers = 0;
    observe_switches(&run, path, "syscalls", group);
    count_sleeps(&run, counts);
    for (size_t goid = 2; goid < GOIDS; goid++) { /* not main */
        readers += counts[goid] == 10;
        cr_expect(counts[goid] == 10 || counts[goid] <= 1, "1.%u: goroutine %zu slept %zu times", minor, goid,
                  counts[goid]);
    }
    cr_expect_eq(readers, 1, "1.%u: %zu slept 10 times", minor, readers);
    cr_expect_gt(counts[0], 0, "threads that look for work sleep for no goroutine");
    go_run_free(&run);
}

Test(observer_go_switches, a_goroutine_that_blocks_k_times_in_system_calls_is_named_k_times)
{
    go_each_version("scheduler", "2", check_blocking_calls);
}

/* On one CPU the goroutines that compute push each other's threads aside. */
static bool named_when_preempted(const char *path, const struct group *group)
{
    struct go_run run;
    size_t counts[GOIDS] = {0};
    size_t goroutines = 0;
    const struct event_header *event = NULL;
    observe_switches(&run, path, "spin", group);
    while ((event = recording_next(&run.seen, event)))
        if (event->kind == EVENT_SCHED_SWITCH && (event->flags & EVENT_FLAG_PREV) &&
            !falls_asleep((const void *)event))
            counts[event->goid % GOIDS]++;
    for (size_t goid = 2; goid < GOIDS; goid++)
        goroutines += counts[goid] > 0;
    go_run_free(&run);
    return goroutines >= 2 && goroutines <= 16;
}

static void check_preempted(const char *path, uint32_t minor, const struct group *group)
{
    bool named = false;
    for (int tries = 0; tries < 5 && !named; tries++)
        named = named_when_preempted(path, group);
    cr_expect(named, "1.%u", minor);
}

Test(observer_go_switches, goroutines_that_compute_are_named_when_the_kernel_preempts_them)
{
    go_each_version("scheduler", "4", check_preempted);
}

/* The same file as another executable's copy is not announced: its goroutines have no names. */
Test(observer_go_switches, what_was_not_announced_has_no_goroutine)
{
    struct group group;
    struct child child;
    struct recording seen = {0};
    char path[512];
    size_t counted = 0;
    if (!go_program(path, sizeof path, "scheduler", 23))
        cr_skip("no program scheduler was built");
    group_make(&group, "unknown");
    struct observer *observer = observer_for_test(RING, true, false);
    char *argv[] = {path, "spin", NULL};
    AUTO_FD null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    child_start_program(&child, &group, argv, null);
    cr_assert_eq(observe_child(observer, &group, &child, &seen), 0);
    const struct event_header *event = NULL;
    while ((event = recording_next(&seen, event))) {
        counted += event->kind == EVENT_SCHED_SWITCH;
        cr_assert(event->kind != EVENT_SCHED_SWITCH || event->goid == 0);
    }
    cr_expect_gt(counted, 0);
    recording_free(&seen);
    observer_close(observer);
    group_remove(&group);
}
