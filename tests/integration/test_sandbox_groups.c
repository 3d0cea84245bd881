/*
 * Sandboxes with real groups.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup/cgroup.h"
#include "runner/support/fd.h"
#include "sandboxed.h"

struct groups {
    struct cgroup_root *root;
    struct cgroup *experiment, *helper, *trial;
    int entries[CGROUP_HIERARCHIES];
    int entry_count;
};

static const struct cgroup_settings unlimited = {
    .cpu_quota_us = CGROUP_UNSET,
    .cpu_period_us = CGROUP_UNSET,
    .memory_max = CGROUP_UNSET,
    .memory_high = CGROUP_UNSET,
    .memory_low = CGROUP_UNSET,
    .memory_swap_max = CGROUP_UNSET,
    .pids_max = CGROUP_UNSET,
};

static void open_groups(struct groups *groups, const struct cgroup_settings *settings)
{
    struct error error = {0};
    struct cgroup_applied applied[CGROUP_APPLIED_MAX];
    sandboxed_need_root();
    if (cgroup_root_open(NULL, false, &groups->root, &error) < 0)
        cr_skip("%s", error.text);
    cr_assert_eq(cgroup_open_experiment(groups->root, "runner-test-sandbox", &groups->experiment, &error), 0,
                 "%s", error.text);
    cr_assert_eq(cgroup_create(groups->experiment, "helper", &groups->helper, &error), 0, "%s", error.text);
    cr_assert_eq(cgroup_create(groups->experiment, "trial", &groups->trial, &error), 0, "%s", error.text);
    cr_assert(cgroup_apply(groups->trial, settings, "", applied, &error) >= 0, "%s", error.text);
    groups->entry_count = cgroup_entry_fds(groups->trial, groups->entries, &error);
    cr_assert(groups->entry_count > 0, "%s", error.text);
}

static void close_groups(struct groups *groups)
{
    struct error error = {0};
    cr_expect_eq(cgroup_destroy(groups->trial, &error), 0, "%s", error.text);
    cr_expect_eq(cgroup_destroy(groups->helper, &error), 0, "%s", error.text);
    cr_expect_eq(cgroup_destroy(groups->experiment, &error), 0, "%s", error.text);
    cgroup_root_close(groups->root);
}

static struct sandbox_spec grouped_spec(const struct groups *groups, const char *argv[4], const char *script)
{
    struct sandbox_spec spec = sandboxed_spec(argv, script);
    spec.helper_group_fd = cgroup_v2_fd(groups->helper);
    spec.group_fd = cgroup_v2_fd(groups->trial);
    spec.entry_fds = groups->entries;
    spec.entry_count = (size_t)groups->entry_count;
    return spec;
}

static unsigned lines_with(pid_t pid, const char *end)
{
    char path[48];
    char text[4096];
    snprintf(path, sizeof path, "/proc/%d/cgroup", pid);
    cr_assert_eq(fd_read_text(AT_FDCWD, path, text, sizeof text), 0);
    unsigned count = 0;
    char *rest = text;
    const char *line;
    while ((line = strsep(&rest, "\n"))) {
        size_t length = strlen(line);
        count += length >= strlen(end) && strcmp(line + length - strlen(end), end) == 0;
    }
    return count;
}

Test(sandbox_groups, hold_the_demo_and_not_init)
{
    struct groups groups = {0};
    open_groups(&groups, &unlimited);
    const char *argv[4];
    struct sandbox_spec spec = grouped_spec(&groups, argv, "exec sleep 1000");
    AUTO_FD null = open("/dev/null", O_RDWR | O_CLOEXEC);
    spec.stdin_fd = spec.stdout_fd = spec.stderr_fd = null;
    struct sandbox *sandbox;
    struct sandbox_status status;
    struct error error = {0};
    cr_assert_eq(sandbox_prepare(&spec, &sandbox, &error), 0, "%s", error.text);
    cr_expect_eq(lines_with(sandbox_demo_pid(sandbox), "/trial"), 1, "born in the v2 group alone");
    cr_assert_eq(sandbox_release(sandbox, NULL, &status, &error), 0, "%s", error.text);
    cr_expect_eq(lines_with(sandbox_demo_pid(sandbox), "/trial"), (unsigned)groups.entry_count);
    cr_expect_eq(lines_with(sandbox_init_pid(sandbox), "/trial"), 0);
    cr_expect_eq(lines_with(sandbox_init_pid(sandbox), "/helper"), 1);
    sandbox_destroy(sandbox);
    cr_expect_not(cgroup_populated(groups.trial));
    close_groups(&groups);
}

Test(sandbox_groups, are_hidden_from_the_demo)
{
    struct groups groups = {0};
    open_groups(&groups, &unlimited);
    const char *argv[4];
    struct sandbox_spec spec = grouped_spec(&groups, argv, "cut -d: -f3 /proc/self/cgroup | sort -u");
    struct sandboxed result;
    sandboxed_run(&spec, &result);
    close_groups(&groups);
    cr_assert_str_eq(result.output, "/\n");
}

Test(sandbox_groups, with_too_little_memory_to_start_do_not_kill_init)
{
    struct groups groups = {0};
    struct cgroup_settings settings = unlimited;
    settings.memory_max = 16384;
    open_groups(&groups, &settings);
    const char *argv[4];
    struct sandbox_spec spec = grouped_spec(&groups, argv, "echo started");
    struct sandboxed result;
    sandboxed_run(&spec, &result);
    close_groups(&groups);
    /* Where the kernel charges the new program's first pages decides which of the two it is. */
    bool killed = result.status.state == SANDBOX_ENDED && WIFSIGNALED(result.status.wait_status) &&
                  WTERMSIG(result.status.wait_status) == SIGKILL;
    cr_assert(killed || result.status.state == SANDBOX_START_FAILED, "state %d: %s", (int)result.status.state,
              result.status.text);
    cr_assert(killed || strstr(result.status.text, "memory.max is too small"), "%s", result.status.text);
    cr_assert_str_eq(result.output, "");
}
