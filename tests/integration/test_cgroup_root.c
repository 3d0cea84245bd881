#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "tests/integration/test_cgroup_fixture.h"

/* Writes the reader's own /proc/self/cgroup to the pipe. */
static int tell_groups(int fd)
{
    AUTO_FREE char *text = NULL;
    size_t size;
    return fd_read_file(AT_FDCWD, "/proc/self/cgroup", 65536, &text, &size) < 0 ||
           fd_write_all(fd, text, size) < 0;
}

static unsigned lines_with(const char *text, const char *end)
{
    unsigned count = 0;
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n");
        count += length > strlen(end) && memcmp(line + length - strlen(end), end, strlen(end)) == 0;
    }
    return count;
}

Test(cgroup, a_process_enters_every_hierarchy)
{
    struct fixture f;
    struct error error = {0};
    int fds[CGROUP_HIERARCHIES];
    int told[2];
    char text[4096] = "";
    fixture_open(&f);
    cr_assert_eq(pipe(told), 0);
    cr_expect_eq(fixture_wait(fixture_spawn(f.group, tell_groups, told[1])), 0);
    cr_assert_gt(read(told[0], text, sizeof text - 1), 0);
    cr_expect_eq(lines_with(text, "/demo"), (unsigned)cgroup_entry_fds(f.group, fds, &error), "%s", text);
    const char *v2 = strstr(text, "0::/");
    uint32_t level = 0;
    for (const char *at = v2 + 3; *at && *at != '\n'; at++)
        level += *at == '/';
    cr_expect_eq(cgroup_level(f.group), level, "%s", text);
    fixture_close(&f);
}

Test(cgroup, usage_and_pressure_are_counted_by_v2_everywhere)
{
    struct fixture f;
    struct cgroup_stat stat;
    int told[2];
    fixture_open(&f);
    cr_assert_eq(pipe(told), 0);
    cr_expect_eq(fixture_wait(fixture_spawn(f.group, tell_groups, told[1])), 0);
    cr_assert_eq(cgroup_read_stat(f.group, &stat), 0);
    cr_expect_gt(stat.usage_us, 0, "a process of one millisecond used some");
    cr_expect_leq(stat.user_us + stat.system_us, stat.usage_us + 2);
    if (access("/proc/pressure/cpu", R_OK) == 0)
        cr_expect_neq(stat.psi_cpu.some_us, UINT64_MAX);
    fixture_close(&f);
}

Test(cgroup, slices_that_are_empty_are_removed)
{
    struct fixture f;
    struct stat stat;
    char above[128];
    fixture_open(&f);
    AUTO_FD base = openat(cgroup_v2_fd(f.experiment), "../../..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    snprintf(above, sizeof above, "%.*s", (int)strcspn(f.slice, "/"), f.slice);
    cr_expect_eq(fstatat(base, above, &stat, 0), 0);
    fixture_close(&f);
    cr_expect_eq(fstatat(base, above, &stat, 0), -1);
}

Test(cgroup, requiring_v2_names_the_controller_that_is_not)
{
    struct cgroup_root *root = fixture_root();
    enum cgroup_mode mode = cgroup_root_mode(root);
    struct error error = {0};
    char text[1024];
    cgroup_root_describe(root, text, sizeof text);
    cgroup_root_close(root);
    int result = cgroup_root_open(NULL, true, &root, &error);
    if (mode == CGROUP_V2) {
        cr_assert_eq(result, 0, "%s", error.text);
        cr_expect_eq(strncmp(text, "v2 at /", 7), 0, "%s", text);
        cgroup_root_close(root);
    } else {
        cr_expect_lt(result, 0);
        cr_expect_eq(error.class, ERROR_HOST);
        cr_expect_not_null(strstr(error.text, "v1 hierarchy at /"), "%s", error.text);
        cr_expect_not_null(strstr(error.text, "unified_cgroup_hierarchy"), "%s", error.text);
        cr_expect_eq(strncmp(text, "hybrid: v2 identity at /", 24), 0, "%s", text);
        cr_expect_not_null(strstr(text, "v1 memory at /"), "%s", text);
    }
}

Test(cgroup, a_root_that_is_no_group_is_refused)
{
    struct error error = {0};
    struct cgroup_root *root = fixture_root();
    cgroup_root_close(root);
    cr_expect_lt(cgroup_root_open("/proc", false, &root, &error), 0);
    cr_expect_eq(error.class, ERROR_USAGE);
    cr_expect_not_null(strstr(error.text, "--cgroup-root"), "%s", error.text);
    cr_expect_eq(cgroup_root_open("/nowhere", false, &root, &error), -ENOENT);
    cr_expect_eq(error.class, ERROR_USAGE);
}

Test(cgroup, names_cannot_lead_out_of_the_slice)
{
    static const char *const names[] = {"", ".", "..", "a/b", "a\nb"};
    static const char *const slices[] = {"", "..", "/x", "a//b", "a/../..", "x\n"};
    struct fixture f;
    struct cgroup *group;
    struct error error = {0};
    fixture_open(&f);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cr_expect_eq(cgroup_create(f.experiment, names[i], &group, &error), -EINVAL, "%s", names[i]);
        cr_expect_eq(error.class, ERROR_USAGE);
    }
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++)
        cr_expect_eq(cgroup_open_experiment(f.root, slices[i], &group, &error), -EINVAL, "%s", slices[i]);
    cr_expect_eq(cgroup_create(f.experiment, "demo", &group, &error), -EEXIST);
    fixture_close(&f);
}

/* In a delegated group that holds nothing but us: leaves it for a leaf, makes groups, comes back. */
static int use_own_group(int fd)
{
    struct cgroup_root *root;
    struct cgroup *experiment = NULL;
    struct cgroup *group = NULL;
    struct error error = {0};
    struct cgroup_applied applied[CGROUP_APPLIED_MAX];
    struct cgroup_settings settings = fixture_unset;
    char text[1024];
    settings.memory_max = 64 << 20;
    int result = cgroup_root_open(NULL, true, &root, &error);
    if (result == 0)
        result = cgroup_open_experiment(root, "inner", &experiment, &error);
    if (result == 0)
        result = cgroup_create(experiment, "demo", &group, &error);
    if (result == 0)
        result = cgroup_apply(group, &settings, "", applied, &error);
    if (result < 0)
        return dprintf(fd, "%s", error.text), 1;
    cgroup_root_describe(root, text, sizeof text);
    dprintf(fd, "%s;", text);
    result = cgroup_destroy(group, &error) < 0 || cgroup_destroy(experiment, &error) < 0;
    if (tell_groups(fd) != 0)
        return 2;
    cgroup_root_close(root);
    return result ? 3 : tell_groups(fd);
}

Test(cgroup, a_delegated_group_is_used_from_a_leaf_of_it)
{
    struct fixture f;
    int told[2];
    char text[4096] = "";
    fixture_open(&f);
    if (cgroup_root_mode(f.root) != CGROUP_V2) {
        fixture_close(&f);
        cr_skip("the controllers of this host are bound to v1 hierarchies");
    }
    cr_assert_eq(pipe(told), 0);
    int status = fixture_wait(fixture_spawn(f.group, use_own_group, told[1]));
    close(told[1]);
    cr_assert_eq(fd_write_all(told[0], "", 0), 0);
    size_t used = 0;
    for (ssize_t n; (n = read(told[0], text + used, sizeof text - 1 - used)) > 0;)
        used += (size_t)n;
    cr_expect_eq(status, 0, "%s", text);
    const char *groups = strchr(text, ';');
    cr_assert_not_null(groups);
    cr_expect_eq(memcmp(groups - 5, "/demo", 5), 0, "the base is the own group: %s", text);
    cr_expect_not_null(strstr(groups, "/demo/runner-self-"), "%s", text);
    cr_expect_eq(lines_with(groups, "/demo"), 1, "and back again: %s", text);
    struct stat stat;
    cr_expect_eq(fstat(cgroup_v2_fd(f.group), &stat), 0);
    cr_expect_eq(stat.st_nlink, 2, "the leaf is gone");
    fixture_close(&f);
}
