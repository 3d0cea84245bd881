#include "tests/integration/test_cgroup_fixture.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

const struct cgroup_settings fixture_unset = {
    .cpu_quota_us = CGROUP_UNSET,
    .cpu_period_us = CGROUP_UNSET,
    .memory_max = CGROUP_UNSET,
    .memory_high = CGROUP_UNSET,
    .memory_low = CGROUP_UNSET,
    .memory_swap_max = CGROUP_UNSET,
    .pids_max = CGROUP_UNSET,
};

struct cgroup_root *fixture_root(void)
{
    struct error error = {0};
    struct cgroup_root *root = NULL;
    if (geteuid() != 0)
        cr_skip("only root makes groups here");
    cr_assert_eq(cgroup_root_open(NULL, false, &root, &error), 0, "%s", error.text);
    return root;
}

void fixture_open(struct fixture *fixture)
{
    struct error error = {0};
    *fixture = (struct fixture){.root = fixture_root()};
    snprintf(fixture->slice, sizeof fixture->slice, "runner-test-%d/inner", getpid());
    cr_assert_eq(cgroup_open_experiment(fixture->root, fixture->slice, &fixture->experiment, &error), 0, "%s",
                 error.text);
    cr_assert_eq(cgroup_create(fixture->experiment, "demo", &fixture->group, &error), 0, "%s", error.text);
}

void fixture_close(struct fixture *fixture)
{
    struct error error = {0};
    cr_expect_eq(cgroup_destroy(fixture->group, &error), 0, "%s", error.text);
    cr_expect_eq(cgroup_destroy(fixture->experiment, &error), 0, "%s", error.text);
    cgroup_root_close(fixture->root);
}

int fixture_apply(struct cgroup *group, const struct cgroup_settings *settings,
                  struct cgroup_applied applied[CGROUP_APPLIED_MAX])
{
    struct error error = {0};
    int count = cgroup_apply(group, settings, "", applied, &error);
    cr_assert_geq(count, 0, "%s", error.text);
    return count;
}

pid_t fixture_spawn(struct cgroup *group, int (*work)(int fd), int fd)
{
    int fds[CGROUP_HIERARCHIES];
    struct error error = {0};
    int count = cgroup_entry_fds(group, fds, &error);
    cr_assert_gt(count, 0, "%s", error.text);
    pid_t pid = fork();
    cr_assert_geq(pid, 0);
    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int i = 0; i < count; i++)
        if (write(fds[i], "0", 1) != 1)
            _exit(99);
    _exit(work(fd));
}

int fixture_wait(pid_t pid)
{
    int status = -1;
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return status;
}
