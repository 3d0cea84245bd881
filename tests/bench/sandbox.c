/*
 * Starting and ending a trial against bubblewrap, interleaved, on the same static program.
 *
 * Ours: groups (made, limited, entered, destroyed; where this process may make them), sandbox, execve, end,
 * clean-up, as in an experiment: with the seccomp filter compiled before, and with namespaces made ahead, one
 * set for each trial. An experiment makes them while it evaluates the trial before; here nothing runs beside
 * it, and it has a line of its own and a ratio that includes it. bubblewrap: vfork, execve of bwrap, wait.
 * Its two forms: `bwrap` has what a demo needs (own /dev and /proc), `least` is the fewest arguments with
 * which it starts anything. It has no groups, no limits, no seccomp filter. Prints medians in microseconds
 * and ratios; fails when the ratio to `bwrap` is above the target.
 *
 *     build/bench/sandbox [ROUNDS] [PROGRAM]
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup/cgroup.h"
#include "runner/sandbox/sandbox.h"
#include "runner/support/fd.h"

#define ROUNDS 50
#define TARGET 0.5

enum series { GROUPS, PREPARE, RELEASE, RUN, UNGROUP, DESTROY, OURS, AHEAD, BWRAP, LEAST, SPAWN, SERIES };
static const char *const series_names[SERIES] = {
    [GROUPS] = "  make and limit groups",
    [PREPARE] = "  prepare",
    [RELEASE] = "  release to execve",
    [RUN] = "  execve to end reported",
    [DESTROY] = "  destroy",
    [UNGROUP] = "  destroy groups",
    [OURS] = "runner, all of it",
    [BWRAP] = "bwrap",
    [LEAST] = "bwrap, least",
    [SPAWN] = "posix_spawn alone",
    [AHEAD] = "between two: namespaces",
};

struct bench {
    const char *program;
    struct sandbox_filter *filter;
    struct sandbox_spare *spare;
    struct cgroup *experiment, *helper; /* both NULL: this host lets us make none */
    int null;
    size_t rounds;
    double *samples[SERIES];
};

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* What a trial does with its group, which ends here. */
static int run_sandbox(const struct bench *bench, struct cgroup *group, const int *entries,
                       size_t entry_count, double samples[SERIES], struct error *error)
{
    static const char *const argv[] = {"true", NULL};
    static const char *const envp[] = {NULL};
    const struct sandbox_bind bind = {.source = bench->program, .target = "/demo"};
    const struct sandbox_spec spec = {
        .argv = argv,
        .envp = envp,
        .executable = "/demo",
        .binds = &bind,
        .bind_count = 1,
        .filter = bench->filter,
        .spare = bench->spare,
        .stdin_fd = bench->null,
        .stdout_fd = bench->null,
        .stderr_fd = bench->null,
        .helper_group_fd = bench->helper ? cgroup_v2_fd(bench->helper) : -1,
        .group_fd = group ? cgroup_v2_fd(group) : -1,
        .entry_fds = entries,
        .entry_count = entry_count,
    };
    struct sandbox *sandbox;
    struct sandbox_status status = {0};
    uint64_t at[6] = {clock_monotonic_ns()};
    int result = sandbox_prepare(&spec, &sandbox, error);
    if (result < 0) {
        cgroup_destroy(group, NULL);
        return result;
    }
    at[1] = clock_monotonic_ns();
    result = sandbox_release(sandbox, NULL, &status, error);
    at[2] = clock_monotonic_ns();
    struct pollfd watched = {.fd = sandbox_status_fd(sandbox), .events = POLLIN};
    while (!result && status.state == SANDBOX_RUNNING) {
        poll(&watched, 1, -1);
        sandbox_read_status(sandbox, &status);
    }
    at[3] = clock_monotonic_ns();
    /* The end is reported when every process but init is dead: init goes while we remove the groups. */
    int destroyed = cgroup_destroy(group, error);
    at[4] = clock_monotonic_ns();
    sandbox_destroy(sandbox);
    at[5] = clock_monotonic_ns();
    if (!result)
        result = destroyed;
    if (!result && (status.state != SANDBOX_ENDED || status.wait_status))
        return error_set(error, ERROR_DEMO, 0, "%s did not end well: %s", bench->program, status.text);
    for (int i = 0; i < 5; i++)
        samples[PREPARE + i] = (double)(at[i + 1] - at[i]) / 1e3;
    return result;
}

static int run_ours(const struct bench *bench, double samples[SERIES], struct error *error)
{
    const struct cgroup_settings settings = {
        .cpu_quota_us = 100000,
        .cpu_period_us = 100000,
        .memory_max = 256 << 20,
        .memory_high = CGROUP_UNSET,
        .memory_low = CGROUP_UNSET,
        .memory_swap_max = CGROUP_UNSET,
        .pids_max = 128,
    };
    struct cgroup_applied applied[CGROUP_APPLIED_MAX];
    struct cgroup *group = NULL;
    int entries[CGROUP_HIERARCHIES];
    int count = 0;
    uint64_t start = clock_monotonic_ns();
    if (bench->experiment) {
        int result = cgroup_create(bench->experiment, "trial", &group, error);
        if (result < 0)
            return result;
        result = cgroup_apply(group, &settings, "", applied, error);
        if (result >= 0)
            result = count = cgroup_entry_fds(group, entries, error);
        if (result < 0) {
            cgroup_destroy(group, NULL);
            return result;
        }
    }
    samples[GROUPS] = (double)(clock_monotonic_ns() - start) / 1e3;
    int result = run_sandbox(bench, group, entries, (size_t)count, samples, error);
    uint64_t now = clock_monotonic_ns();
    samples[OURS] = (double)(now - start) / 1e3;
    return result;
}

static int run_command(const char *const *argv, double *sample, struct error *error)
{
    uint64_t start = clock_monotonic_ns();
    pid_t pid;
    int number = posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)argv, environ);
    if (number)
        return error_set(error, ERROR_HOST, number, "start %s", argv[0]);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    *sample = (double)(clock_monotonic_ns() - start) / 1e3;
    return status ? error_set(error, ERROR_HOST, 0, "%s ended with status %#x", argv[0], (unsigned)status)
                  : 0;
}

static int run_round(const struct bench *bench, double samples[SERIES], struct error *error)
{
    const char *const bwrap[] = {
        "bwrap",  "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev",
        "--proc", "/proc",         bench->program,      "true",      NULL};
    const char *const least[] = {
        "bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", bench->program, "true", NULL};
    const char *const alone[] = {bench->program, "true", NULL};
    sandbox_spare_refill(bench->spare);
    samples[AHEAD] = (double)sandbox_spare_wait(bench->spare) / 1e3;
    int result = run_ours(bench, samples, error);
    if (!result)
        result = run_command(bwrap, &samples[BWRAP], error);
    if (!result)
        result = run_command(least, &samples[LEAST], error);
    if (!result)
        result = run_command(alone, &samples[SPAWN], error);
    return result;
}

static int run_all(struct bench *bench, struct error *error)
{
    double samples[SERIES];
    int result = run_round(bench, samples, error); /* warms the page cache */
    for (size_t round = 0; !result && round < bench->rounds; round++) {
        result = run_round(bench, samples, error);
        for (int i = 0; i < SERIES; i++)
            bench->samples[i][round] = samples[i];
    }
    return result;
}

static bool print(const struct bench *bench)
{
    double medians[SERIES];
    printf("%-26s %10s %10s\n", "", "median us", "least us");
    for (int i = 0; i < SERIES; i++) {
        medians[i] = median(bench->samples[i], bench->rounds);
        printf("%-26s %10.0f %10.0f\n", series_names[i], medians[i], bench->samples[i][0]);
    }
    double ratio = medians[OURS] / medians[BWRAP];
    printf("runner / bwrap         %.2f (target: at most %.1f)\n", ratio, TARGET);
    printf("runner / bwrap, least  %.2f\n", medians[OURS] / medians[LEAST]);
    printf("with namespaces / bwrap %.2f\n", (medians[OURS] + medians[AHEAD]) / medians[BWRAP]);
    return ratio <= TARGET;
}

static void open_groups(struct bench *bench, struct cgroup_root **root)
{
    struct error error = {0};
    if (cgroup_root_open(NULL, false, root, &error) < 0 ||
        cgroup_open_experiment(*root, "runner-bench", &bench->experiment, &error) < 0 ||
        cgroup_create(bench->experiment, "helper", &bench->helper, &error) < 0)
        printf("without groups: %s\n", error.text);
    if (!bench->helper) {
        cgroup_destroy(bench->experiment, NULL);
        bench->experiment = NULL;
    }
}

int main(int argc, char **argv)
{
    struct error error = {0};
    struct bench bench = {.program = argc > 2 ? argv[2] : "/usr/bin/busybox", .rounds = ROUNDS};
    struct cgroup_root *root = NULL;
    if (argc > 1)
        bench.rounds = strtoul(argv[1], NULL, 10);
    if (!bench.rounds)
        bench.rounds = ROUNDS;
    bench.null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; i < SERIES; i++) {
        bench.samples[i] = calloc(bench.rounds, sizeof *bench.samples[i]);
        if (!bench.samples[i])
            return ERROR_INTERNAL;
    }
    open_groups(&bench, &root);
    const struct sandbox_spare_settings settings = {0};
    int result = sandbox_filter_compile(NULL, &bench.filter, &error);
    if (!result)
        result = sandbox_spare_create(&settings, &bench.spare, &error);
    if (!result)
        result = run_all(&bench, &error);
    bool met = !result && print(&bench);
    if (result)
        fprintf(stderr, "sandbox bench: %s\n", error.text);
    cgroup_destroy(bench.helper, NULL);
    cgroup_destroy(bench.experiment, NULL);
    if (root)
        cgroup_root_close(root);
    for (int i = 0; i < SERIES; i++)
        free(bench.samples[i]);
    sandbox_spare_free(bench.spare);
    sandbox_filter_free(bench.filter);
    close(bench.null);
    return result ? (int)error.class : !met;
}
