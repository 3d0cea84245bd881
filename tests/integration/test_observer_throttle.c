#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cgroup/cgroup.h"
#include "runner/support/fd.h"
#include "tests/integration/observed.h"

#define RING      (1 << 20)
#define PERIOD_US 20000
#define TRIES     4

static int spin(void *argument)
{
    struct cgroup *group = argument;
    int fds[CGROUP_HIERARCHIES];
    int count = group ? cgroup_entry_fds(group, fds, NULL) : 0;
    for (int i = 0; i < count; i++)
        if (fd_write_all(fds[i], "0", 1) < 0)
            return 1;
    uint64_t end = clock_monotonic_ns() + 600000000u;
    while (clock_monotonic_ns() < end)
        ;
    return 0;
}

static size_t throttled_switches(const struct recording *seen)
{
    size_t count = 0;
    const struct event_header *event = NULL;
    while ((event = recording_next(seen, event)))
        count += event->kind == EVENT_SCHED_SWITCH && (event->flags & EVENT_FLAG_THROTTLED);
    return count;
}

/* Spins with a quota of `quota_us` a period. What the kernel counted and what was seen. */
static void observe_spinner(uint64_t quota_us, struct cgroup_stat *stat, struct recording *seen)
{
    struct error error = {0};
    struct cgroup_root *root = NULL;
    struct cgroup *experiment = NULL, *group = NULL;
    struct cgroup_applied applied[CGROUP_APPLIED_MAX];
    struct child child;
    struct cgroup_settings settings = {.cpu_quota_us = quota_us,
                                       .cpu_period_us = PERIOD_US,
                                       .memory_max = CGROUP_UNSET,
                                       .memory_high = CGROUP_UNSET,
                                       .memory_low = CGROUP_UNSET,
                                       .memory_swap_max = CGROUP_UNSET,
                                       .pids_max = CGROUP_UNSET};
    if (cgroup_root_open(NULL, false, &root, &error) < 0)
        cr_skip("no control groups: %s", error.text);
    cr_assert_geq(cgroup_open_experiment(root, "observer-test", &experiment, &error), 0, "%s", error.text);
    cr_assert_geq(cgroup_create(experiment, "spinner", &group, &error), 0, "%s", error.text);
    cr_assert_geq(cgroup_apply(group, &settings, NULL, applied, &error), 0, "%s", error.text);
    struct observer *observer = observer_for_test(RING, true, false);
    struct group observed = {.id = cgroup_id(group), .level = cgroup_level(group)};
    child_start(&child, NULL, spin, group);
    cr_expect_eq(observe_child(observer, &observed, &child, seen), 0);
    cr_expect_eq(cgroup_read_stat(group, stat), 0);
    observer_close(observer);
    cr_expect_eq(cgroup_destroy(group, &error), 0, "%s", error.text);
    cgroup_destroy(experiment, &error);
    cgroup_root_close(root);
}

/* One task leaves its CPU at most once a throttled period; where it had been preempted just before the quota
   ran out, it was off already, and where a late tick let it use up several periods' quota, it stays off for
   them. */
static bool flagged_as_counted(void)
{
    struct cgroup_stat stat;
    struct recording limited = {0};
    observe_spinner(PERIOD_US / 4, &stat, &limited);
    size_t flagged = throttled_switches(&limited);
    recording_free(&limited);
    cr_log_info("%zu flagged, %llu throttled periods", flagged, (unsigned long long)stat.throttled_periods);
    cr_expect_gt(stat.throttled_periods, 5);
    cr_expect_leq(flagged, stat.throttled_periods + 1);
    return 2 * flagged >= stat.throttled_periods;
}

Test(observer_throttle, a_switch_out_at_the_quota_is_flagged_and_no_other)
{
    struct cgroup_stat stat;
    struct recording unlimited = {0};
    bool flagged = false;
    for (int tries = 0; tries < TRIES && !flagged; tries++)
        flagged = flagged_as_counted();
    cr_expect(flagged);
    observe_spinner(CGROUP_MAX, &stat, &unlimited);
    cr_expect_eq(throttled_switches(&unlimited), 0);
    cr_expect_gt(unlimited.total, 0);
    recording_free(&unlimited);
}
