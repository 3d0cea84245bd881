#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "tests/integration/test_cgroup_fixture.h"

/* Every process forks, gets a session of its own and forks again, for ever; the first to be refused tells. */
static int bomb(int fd)
{
    for (;;) {
        pid_t pid = fork();
        if (pid == 0)
            setsid();
        if (pid < 0 && write(fd, "x", 1) != 1)
            return 1;
    }
}

Test(cgroup, kill_ends_a_fork_bomb_of_daemons)
{
    struct fixture f;
    struct cgroup_applied applied[CGROUP_APPLIED_MAX];
    struct cgroup_settings settings = fixture_unset;
    struct error error = {0};
    int told[2];
    char byte;
    fixture_open(&f);
    settings.pids_max = 64;
    fixture_apply(f.group, &settings, applied);
    cr_assert_eq(pipe(told), 0);
    pid_t pid = fixture_spawn(f.group, bomb, told[1]);
    close(told[1]);
    cr_assert_eq(read(told[0], &byte, 1), 1);
    cr_expect_eq(cgroup_kill(f.group, &error), 0, "%s", error.text);
    cr_expect_not(cgroup_populated(f.group));
    fixture_wait(pid);
    while (read(told[0], &byte, 1) == 1)
        ; /* ends when the last one that held the pipe is gone */
    fixture_close(&f);
}

static int wait_for_ever(int fd)
{
    if (write(fd, "x", 1) != 1)
        return 1;
    for (;;)
        pause();
}

static int open_child(int dir, const char *name)
{
    cr_assert_eq(mkdirat(dir, name, 0755), 0);
    int child = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_geq(child, 0);
    return child;
}

static void move_to(int dir, pid_t pid)
{
    char text[32];
    snprintf(text, sizeof text, "%d", pid);
    cr_assert_eq(fd_write_text(dir, "cgroup.procs", text), 0);
}

Test(cgroup, destroy_removes_nested_frozen_and_closed_groups)
{
    static const char *const files[] = {"cgroup.procs", "cgroup.events", "cgroup.kill", "cgroup.freeze"};
    struct fixture f;
    struct error error = {0};
    int ready[2];
    char byte;
    fixture_open(&f);
    cr_assert_eq(pipe(ready), 0);
    pid_t pid = fixture_spawn(f.group, wait_for_ever, ready[1]);
    cr_assert_eq(read(ready[0], &byte, 1), 1);
    int a = open_child(cgroup_v2_fd(f.group), "a");
    int b = open_child(a, "b");
    int c = open_child(b, "c");
    int d = open_child(cgroup_v2_fd(f.group), "d");
    move_to(c, pid);
    cr_assert_eq(fd_write_text(b, "cgroup.freeze", "1"), 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        cr_assert(fchmodat(c, files[i], 0, 0) == 0 || errno == ENOENT, "%s", files[i]);
    cr_assert_eq(fchmod(c, 0), 0);
    cr_assert_eq(fchmod(b, 0), 0);
    uint64_t id = cgroup_id(f.group);
    cr_expect_neq(id, 0);
    cr_expect_eq(cgroup_destroy(f.group, &error), 0, "%s", error.text);
    f.group = NULL;
    int status = fixture_wait(pid);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    cr_expect_eq(faccessat(cgroup_v2_fd(f.experiment), "demo", F_OK, 0), -1);
    close(a), close(b), close(c), close(d);
    fixture_close(&f);
}

Test(cgroup, destroy_kills_what_entered_a_v1_group_only)
{
    struct fixture f;
    struct error error = {0};
    int fds[CGROUP_HIERARCHIES];
    fixture_open(&f);
    int count = cgroup_entry_fds(f.group, fds, &error);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            pause();
    }
    char text[32];
    int length = snprintf(text, sizeof text, "%d", pid);
    for (int i = 1; i < count; i++)
        cr_assert_eq(write(fds[i], text, (size_t)length), length);
    cr_expect_eq(cgroup_destroy(f.group, &error), 0, "%s", error.text);
    f.group = NULL;
    if (count == 1) /* v2: it never entered */
        kill(pid, SIGTERM);
    int status = fixture_wait(pid);
    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == (count == 1 ? SIGTERM : SIGKILL));
    fixture_close(&f);
}

/* A runner that dies with a process in its trial's group. */
static int runner_that_dies(const char *slice, int alive)
{
    struct cgroup_root *root;
    struct cgroup *experiment;
    struct cgroup *group;
    int fds[CGROUP_HIERARCHIES];
    if (cgroup_root_open(NULL, false, &root, NULL) < 0 ||
        cgroup_open_experiment(root, slice, &experiment, NULL) < 0 ||
        cgroup_create(experiment, "demo", &group, NULL) < 0)
        return 1;
    int count = cgroup_entry_fds(group, fds, NULL);
    if (fork() == 0) {
        for (int i = 0; i < count; i++)
            if (write(fds[i], "0", 1) != 1)
                _exit(1);
        wait_for_ever(alive);
    }
    return count > 0 ? 0 : 1;
}

Test(cgroup, groups_of_a_dead_runner_are_removed)
{
    struct cgroup_root *root = fixture_root();
    struct error error = {0};
    char slice[64];
    char byte;
    int alive[2];
    snprintf(slice, sizeof slice, "runner-test-%d", getpid());
    cr_expect_eq(cgroup_remove_leftovers(root, slice, &error), 0, "no such slice: %s", error.text);
    cr_assert_eq(pipe(alive), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(runner_that_dies(slice, alive[1]));
    close(alive[1]);
    cr_assert_eq(fixture_wait(pid), 0);
    cr_assert_eq(read(alive[0], &byte, 1), 1, "the demo outlives its runner");
    cr_expect_eq(cgroup_remove_leftovers(root, slice, &error), 1, "%s", error.text);
    cr_expect_eq(read(alive[0], &byte, 1), 0, "the demo is gone");
    cr_expect_eq(cgroup_remove_leftovers(root, slice, &error), 0, "%s", error.text);
    cgroup_root_close(root);
}

/* Whether `name` stands beside the file that is open. */
static bool is_beside(int file, const char *name)
{
    char link[64];
    char path[4096];
    char beside[4200];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t n = readlink(link, path, sizeof path - 1);
    cr_assert_gt(n, 0);
    path[n] = 0;
    *strrchr(path, '/') = 0;
    snprintf(beside, sizeof beside, "%s/%s", path, name);
    return access(beside, F_OK) == 0;
}

Test(cgroup, leftovers_are_found_below_other_v1_groups_too)
{
    struct fixture f;
    struct error error = {0};
    int fds[CGROUP_HIERARCHIES];
    int alive[2];
    char slice[64];
    char byte;
    fixture_open(&f);
    snprintf(slice, sizeof slice, "runner-test-%d-other", getpid());
    int count = cgroup_entry_fds(f.group, fds, &error);
    cr_assert_eq(pipe(alive), 0);
    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 1; i < count; i++)
            if (write(fds[i], "0", 1) != 1)
                _exit(1);
        _exit(runner_that_dies(slice, alive[1]));
    }
    close(alive[1]);
    cr_assert_eq(fixture_wait(pid), 0);
    cr_assert_eq(read(alive[0], &byte, 1), 1);
    for (int i = 1; i < count; i++)
        cr_expect(is_beside(fds[i], slice));
    cr_expect_eq(cgroup_remove_leftovers(f.root, slice, &error), 1, "%s", error.text);
    cr_expect_eq(read(alive[0], &byte, 1), 0);
    for (int i = 1; i < count; i++)
        cr_expect_not(is_beside(fds[i], slice));
    fixture_close(&f);
}

Test(cgroup, groups_of_a_living_runner_stay)
{
    struct fixture f;
    struct error error = {0};
    fixture_open(&f);
    cr_expect_eq(cgroup_remove_leftovers(f.root, f.slice, &error), 0, "%s", error.text);
    cr_expect_eq(faccessat(cgroup_v2_fd(f.experiment), "demo", F_OK, 0), 0);
    fixture_close(&f);
}
