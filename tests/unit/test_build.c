/* exec: demos and toolchains; builds are in tests/integration/test_build.c, they need a sandbox. */
#include "runner/build/build.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/build/toolchain.h"
#include "runner/support/fd.h"

static char staging[] = "/tmp/runner-test-build-XXXXXX";

static void set_up(void)
{
    cr_assert_not_null(mkdtemp(staging));
}

static void tear_down(void)
{
    fd_remove_tree(AT_FDCWD, staging);
}

TestSuite(build, .init = set_up, .fini = tear_down);

static char *write_program(const char *name, const char *text, mode_t mode)
{
    char *path;
    cr_assert_gt(asprintf(&path, "%s/%s", staging, name), 0);
    AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    cr_assert_eq(fd_write_all(fd, text, strlen(text)), 0);
    cr_assert_eq(fchmod(fd, mode), 0);
    return path;
}

static int take(const char *program, struct build *build, struct error *error)
{
    char *argv[] = {(char *)program};
    struct demo demo = {.name = "d", .exec = {argv, 1}};
    struct build_options options = {.staging = staging, .cancel_fd = -1};
    return build_demo(&demo, &options, build, error);
}

static void check_copy(const char *path, const char *other, const char *original)
{
    struct stat status;
    struct stat other_status;
    char *text;
    char *expected;
    size_t size;
    size_t expected_size;
    cr_assert_eq(stat(path, &status), 0);
    cr_assert_eq(stat(other, &other_status), 0);
    cr_assert_neq(status.st_ino, other_status.st_ino);
    cr_assert_eq(status.st_mode & 07777, 0555u);
    cr_assert_eq(fd_read_file(AT_FDCWD, path, 1 << 30, &text, &size), 0);
    cr_assert_eq(fd_read_file(AT_FDCWD, original, 1 << 30, &expected, &expected_size), 0);
    cr_assert_eq(size, expected_size);
    cr_assert_eq(memcmp(text, expected, size), 0);
    free(text);
    free(expected);
}

Test(build, a_program_is_copied_twice)
{
    struct build build;
    struct error error = {0};
    cr_assert_eq(take("/proc/self/exe", &build, &error), 0, "%s", error.text);
    check_copy(build.executable_bare, build.executable_observed, "/proc/self/exe");
    check_copy(build.executable_observed, build.executable_bare, "/proc/self/exe");
    cr_assert_str_eq(build.inside, "/demo/unit-tests");
    cr_assert_not_null(build.binary);
    cr_assert_eq(strlen(build.sha256), 64u);
    cr_assert_null(build.toolchain);
    cr_assert_str_empty(build.source_sha256);
    build_free(&build);
}

Test(build, a_name_is_looked_up_in_path)
{
    struct build build;
    struct error error = {0};
    cr_assert_eq(take("true", &build, &error), 0, "%s", error.text);
    cr_assert_str_eq(strrchr(build.inside, '/'), "/true");
    build_free(&build);
}

Test(build, a_script_has_no_binary)
{
    AUTO_FREE char *path = write_program("script", "#!/bin/sh\nexit 3\n", 0755);
    struct build build;
    struct error error = {0};
    cr_assert_eq(take(path, &build, &error), 0, "%s", error.text);
    cr_assert_null(build.binary);
    cr_assert_str_eq(build.inside, "/demo/script");
    build_free(&build);
}

Test(build, a_link_is_followed_to_the_real_file)
{
    AUTO_FREE char *path = write_program("real", "#!/bin/sh\n", 0755);
    char link[128];
    snprintf(link, sizeof link, "%s/link", staging);
    cr_assert_eq(symlink(path, link), 0);
    struct build build;
    struct error error = {0};
    cr_assert_eq(take(link, &build, &error), 0, "%s", error.text);
    cr_assert_str_eq(build.inside, "/demo/real");
    build_free(&build);
}

static void expect_refusal(const char *program, const char *says)
{
    struct build build;
    struct error error = {0};
    cr_assert_lt(take(program, &build, &error), 0);
    cr_assert_eq(error.class, ERROR_DEMO);
    cr_assert_not_null(strstr(error.text, says), "%s", error.text);
    build_free(&build);
}

Test(build, what_cannot_be_started_is_told_apart)
{
    AUTO_FREE char *plain = write_program("plain", "#!/bin/sh\n", 0644);
    AUTO_FREE char *text = write_program("text", "hello\n", 0755);
    expect_refusal("/nowhere/at/all", "No such file");
    expect_refusal("no-such-program-anywhere", "there is no program no-such-program-anywhere in PATH");
    expect_refusal(plain, "is not executable. Set its execute bit");
    expect_refusal(text, "is not an ELF executable");
    expect_refusal(staging, "is not a file");
    char copy[128];
    snprintf(copy, sizeof copy, "%s/d.bare", staging);
    cr_assert_lt(access(copy, F_OK), 0, "a refused program leaves no copies");
}

Test(build, the_newest_toolchain_is_found)
{
    struct toolchain older;
    struct toolchain newest;
    if (toolchain_find(19, &older, NULL) < 0 || toolchain_find(0, &newest, NULL) < 0)
        cr_skip("this host does not have Go 1.19 and another toolchain");
    cr_assert_geq(newest.minor, older.minor);
    char version[32];
    char *go = build_find_toolchain(version, NULL);
    cr_assert_str_eq(go, newest.go);
    cr_assert_str_eq(version, newest.version);
    cr_assert_eq(strncmp(newest.go, newest.root, strlen(newest.root)), 0);
    free(go);
    toolchain_free(&older);
    toolchain_free(&newest);
}

Test(build, a_toolchain_that_is_not_there_is_refused_with_the_mend)
{
    struct toolchain toolchain;
    struct error error = {0};
    cr_assert_lt(toolchain_find(999, &toolchain, &error), 0);
    cr_assert_eq(error.class, ERROR_HOST);
    cr_assert_not_null(strstr(error.text, "find a Go 1.999 toolchain"));
    cr_assert_not_null(strstr(error.text, "Install"));
}

Test(build, a_script_named_go_is_no_toolchain)
{
    AUTO_FREE char *path = write_program("go", "#!/bin/sh\necho go version go1.999\n", 0755);
    setenv("PATH", staging, 1);
    struct toolchain toolchain;
    if (toolchain_find(0, &toolchain, NULL) == 0)
        cr_assert_str_neq(toolchain.go, path);
    toolchain_free(&toolchain);
}
