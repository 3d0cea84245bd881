#include <criterion/criterion.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "tests/integration/test_cgroup_fixture.h"

#define MIB (1024u * 1024u)

static const struct cgroup_applied *row_of(const struct cgroup_applied *rows, int count, const char *key)
{
    for (int i = 0; i < count; i++)
        if (strcmp(rows[i].key, key) == 0)
            return &rows[i];
    return NULL;
}

static uint64_t cpu_time_ns(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

/* Uses up 60 ms of CPU time: six periods' worth at a tenth of a CPU. */
static int spin(int fd)
{
    (void)fd;
    for (uint64_t start = cpu_time_ns(); cpu_time_ns() - start < 60000000;)
        ;
    return 0;
}

Test(cgroup, cpu_max_throttles_a_busy_process)
{
    struct fixture f;
    struct cgroup_applied applied[CGROUP_APPLIED_MAX];
    struct cgroup_settings settings = fixture_unset;
    struct cgroup_stat stat;
    fixture_open(&f);
    settings.cpu_quota_us = 10000; /* little, for a machine that others keep busy */
    int count = fixture_apply(f.group, &settings, applied);
    cr_assert_eq(count, 1);
    cr_expect_str_eq(applied[0].read_back, "10000 100000");
    cr_expect_not_null(applied[0].enforced_by);

    uint64_t start = clock_monotonic_ns();
    cr_expect_eq(fixture_wait(fixture_spawn(f.group, spin, -1)), 0);
    uint64_t wall_us = (clock_monotonic_ns() - start) / 1000;
    cr_assert_eq(cgroup_read_stat(f.group, &stat), 0);
    cr_expect_geq(stat.usage_us, 55000);
    cr_expect_leq(stat.usage_us, wall_us / 2, "far from a whole CPU, however late the ticks are");
    cr_expect_gt(stat.periods, 0);
    cr_expect_gt(stat.throttled_periods, 0);
    cr_expect_leq(stat.throttled_periods, stat.periods);
    cr_expect_gt(stat.throttled_us, 0);
    cr_expect_lt(stat.throttled_us, wall_us * 2, "microseconds, not nanoseconds");
    fixture_close(&f);
}

static int allocate(int fd)
{
    (void)fd;
    char *memory = mmap(NULL, 256 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(memory, 1, 256 * MIB);
    return memory[MIB];
}

Test(cgroup, memory_max_kills_at_the_limit)
{
    struct fixture f;
    struct cgroup_applied applied[CGROUP_APPLIED_MAX];
    struct cgroup_settings settings = fixture_unset;
    struct cgroup_stat stat;
    fixture_open(&f);
    settings.memory_max = 32 * MIB;
    settings.memory_swap_max = 0;
    int count = fixture_apply(f.group, &settings, applied);
    cr_expect_str_eq(row_of(applied, count, "memory.max")->read_back, "33554432");
    cr_expect_str_eq(row_of(applied, count, "memory.swap.max")->read_back, "0");
    cr_expect_not_null(row_of(applied, count, "memory.swap.max")->enforced_by);

    int status = fixture_wait(fixture_spawn(f.group, allocate, -1));
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    cr_assert_eq(cgroup_read_stat(f.group, &stat), 0);
    cr_expect_eq(stat.oom_kill, 1);
    cr_expect_gt(stat.memory_max_hits, 0);
    cr_expect_leq(stat.memory_peak, 32 * MIB + 64 * 4096, "a killed task may still take some pages");
    if (!stat.memory_peak_sampled)
        cr_expect_gt(stat.memory_peak, 24 * MIB);
    fixture_close(&f);
}

static int hold_memory(int fd)
{
    char *memory = mmap(NULL, 16 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(memory, 1, 16 * MIB);
    if (write(fd, "x", 1) != 1)
        return 1;
    pause();
    return 0;
}

Test(cgroup, memory_is_split_while_the_process_runs)
{
    struct fixture f;
    struct cgroup_stat stat;
    int ready[2];
    char byte;
    fixture_open(&f);
    cr_assert_eq(pipe(ready), 0);
    pid_t pid = fixture_spawn(f.group, hold_memory, ready[1]);
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    cr_assert_eq(cgroup_read_memory(f.group, &stat), 0);
    cr_expect_geq(stat.memory_current, 16 * MIB);
    cr_expect_lt(stat.memory_current, 64 * MIB);
    cr_expect_neq(stat.memory_anon, UINT64_MAX);
    cr_expect_neq(stat.memory_file, UINT64_MAX);
    cr_expect_neq(stat.memory_kernel, UINT64_MAX);
    cr_assert_eq(cgroup_kill(f.group, NULL), 0);
    fixture_wait(pid);
    cr_assert_eq(cgroup_read_stat(f.group, &stat), 0);
    cr_expect_geq(stat.memory_peak, 16 * MIB, "also where it is sampled only");
    fixture_close(&f);
}

/* Forks until it can't; tells errno and waits. */
static int fork_until_refused(int fd)
{
    for (;;) {
        pid_t pid = fork();
        if (pid == 0)
            pause();
        if (pid > 0)
            continue;
        int number = errno;
        return write(fd, &number, sizeof number) == sizeof number ? pause() : 1;
    }
}

Test(cgroup, pids_max_refuses_another_process)
{
    struct fixture f;
    struct cgroup_applied applied[CGROUP_APPLIED_MAX];
    struct cgroup_settings settings = fixture_unset;
    struct cgroup_stat stat;
    int told[2];
    int number = 0;
    fixture_open(&f);
    settings.pids_max = 8;
    fixture_apply(f.group, &settings, applied);
    cr_expect_str_eq(applied[0].read_back, "8");
    cr_assert_eq(pipe(told), 0);
    pid_t pid = fixture_spawn(f.group, fork_until_refused, told[1]);
    cr_assert_eq(read(told[0], &number, sizeof number), (ssize_t)sizeof number);
    cr_expect_eq(number, EAGAIN);
    cr_assert_eq(cgroup_read_stat(f.group, &stat), 0);
    cr_expect_eq(stat.pids_current, 8);
    cr_expect_eq(stat.pids_peak, 8);
    cr_expect_eq(stat.pids_max_hits, 1);
    cr_expect(cgroup_populated(f.group));
    cr_expect_eq(cgroup_kill(f.group, NULL), 0);
    cr_expect_not(cgroup_populated(f.group));
    fixture_wait(pid);
    fixture_close(&f);
}

static int on_cpu_0_only(int fd)
{
    cpu_set_t set;
    (void)fd;
    sched_getaffinity(0, sizeof set, &set);
    return !(CPU_COUNT(&set) == 1 && CPU_ISSET(0, &set));
}

Test(cgroup, cpuset_confines_to_its_cpus)
{
    struct fixture f;
    struct cgroup_applied applied[CGROUP_APPLIED_MAX];
    struct cgroup_settings settings = fixture_unset;
    struct error error = {0};
    fixture_open(&f);
    settings.cpuset = "0";
    cr_assert_eq(fixture_apply(f.group, &settings, applied), 1);
    cr_expect_str_eq(applied[0].read_back, "0");
    cr_expect_eq(fixture_wait(fixture_spawn(f.group, on_cpu_0_only, -1)), 0);

    struct cgroup *second;
    settings.cpuset = "0,4000";
    cr_assert_eq(cgroup_create(f.experiment, "second", &second, &error), 0, "%s", error.text);
    cr_expect_lt(cgroup_apply(second, &settings, "", applied, &error), 0);
    cr_expect_eq(error.class, ERROR_HOST);
    cr_expect_not_null(strstr(error.text, "cpuset.cpus"), "%s", error.text);
    cr_expect_eq(cgroup_destroy(second, &error), 0, "%s", error.text);
    fixture_close(&f);
}

Test(cgroup, a_limit_without_means_is_an_error_unless_optional)
{
    struct fixture f;
    struct cgroup_applied applied[CGROUP_APPLIED_MAX];
    struct cgroup_settings settings = fixture_unset;
    struct error error = {0};
    fixture_open(&f);
    settings.memory_low = 4096;
    settings.memory_high = CGROUP_MAX;
    int result = cgroup_apply(f.group, &settings, "", applied, &error);
    int count = cgroup_apply(f.group, &settings, "memory.low", applied, NULL);
    cr_assert_eq(count, 2);
    const struct cgroup_applied *low = row_of(applied, count, "memory.low");
    cr_expect_not_null(row_of(applied, count, "memory.high")->enforced_by, "no limit holds everywhere");
    if (cgroup_root_mode(f.root) == CGROUP_V2) {
        cr_expect_eq(result, 2);
        cr_expect_str_eq(low->enforced_by, "v2");
    } else {
        cr_expect_lt(result, 0);
        cr_expect_eq(error.class, ERROR_HOST);
        cr_expect_not_null(strstr(error.text, "memory.low"), "%s", error.text);
        cr_expect_not_null(strstr(error.text, "/memory"), "where it is bound: %s", error.text);
        cr_expect_null(low->enforced_by);
        cr_expect_str_neq(low->reason, "");
    }
    fixture_close(&f);
}

Test(cgroup, limits_that_the_kernel_refuses_are_named)
{
    struct fixture f;
    struct cgroup_applied applied[CGROUP_APPLIED_MAX];
    struct cgroup_settings settings = fixture_unset;
    struct error error = {0};
    fixture_open(&f);
    settings.cpu_quota_us = 1; /* sched-bwc.rst: at least 1 ms */
    cr_expect_lt(cgroup_apply(f.group, &settings, "", applied, &error), 0);
    cr_expect_not_null(strstr(error.text, "cpu.max"), "%s", error.text);
    cr_expect_not_null(strstr(error.text, "Invalid argument"), "%s", error.text);
    fixture_close(&f);
}
