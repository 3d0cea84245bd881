/* Real builds of real modules in real sandboxes. */
#include "runner/build/build.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/build/toolchain.h"
#include "runner/support/fd.h"

#define TIMEOUT_NS 280000000000u

static char folder[] = "/tmp/runner-test-build-XXXXXX";
static char staging[64], module[64], cache[PATH_MAX];
static int top = -1;

static void write_file(const char *path, const char *text)
{
    AUTO_FD fd = openat(top, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    cr_assert_geq(fd, 0, "%s", path);
    cr_assert_eq(fd_write_all(fd, text, strlen(text)), 0);
}

/* The cache stays in the build folder, so that only the first test compiles the standard library. */
static void find_cache(void)
{
    const char *build = getenv("RUNNER_TEST_BIN");
    char *path = NULL;
    cr_assert_gt(asprintf(&path, "%s/sandbox-go-cache", build ? build : "build"), 0);
    if (fd_make_path(AT_FDCWD, path) < 0 || access(path, W_OK) < 0)
        snprintf(cache, sizeof cache, "%s/cache", folder);
    else
        cr_assert_not_null(realpath(path, cache));
    free(path);
}

static void set_up(void)
{
    struct toolchain toolchain;
    if (geteuid() != 0)
        cr_skip("the sandbox of builds needs root");
    if (toolchain_find(0, &toolchain, NULL) < 0)
        cr_skip("there is no Go toolchain on this host");
    toolchain_free(&toolchain);
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chmod(folder, 0711), 0);
    top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    find_cache();
    snprintf(staging, sizeof staging, "%s/staging", folder);
    snprintf(module, sizeof module, "%s/module", folder);
    cr_assert_eq(mkdir(staging, 0711), 0);
    cr_assert_eq(fd_make_path(top, "module"), 0);
    write_file("module/go.mod", "module example.org/demo\n\ngo 1.19\n");
    write_file("module/main.go", "package main\n\nfunc main() { println(\"ok\") }\n");
}

static void tear_down(void)
{
    if (top < 0)
        return;
    close(top);
    fd_remove_tree(AT_FDCWD, folder);
}

TestSuite(build, .init = set_up, .fini = tear_down, .timeout = 300);

static int run_with(const struct build_options *options, const char *below, const char *package,
                    struct build *build, struct error *error)
{
    char go_dir[128];
    snprintf(go_dir, sizeof go_dir, "%s%s", module, below);
    struct demo demo = {.name = "demo", .go_dir = go_dir, .package = (char *)package};
    return build_demo(&demo, options, build, error);
}

static int run(const char *below, const char *package, struct build *build, struct error *error)
{
    struct build_options options = {
        .staging = staging, .cache = cache, .timeout_ns = TIMEOUT_NS, .cancel_fd = -1};
    return run_with(&options, below, package, build, error);
}

static void expect_success(const char *below, const char *package, struct build *build)
{
    struct error error = {0};
    cr_assert_eq(run(below, package, build, &error), 0, "%s\n%s", error.text, build->log ? build->log : "");
}

/* In a process of its own: what the program prints to stderr, as println does. */
static void expect_output(const char *program, const char *expected)
{
    int ends[2];
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        execl(program, program, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    char text[64] = {0};
    cr_assert_geq(read(ends[0], text, sizeof text - 1), 0);
    close(ends[0]);
    waitpid(child, NULL, 0);
    cr_assert_str_eq(text, expected);
}

Test(build, a_module_becomes_two_executables_with_their_facts)
{
    struct build build;
    expect_success("", ".", &build);
    struct stat bare;
    struct stat observed;
    cr_assert_eq(stat(build.executable_bare, &bare), 0);
    cr_assert_eq(stat(build.executable_observed, &observed), 0);
    cr_assert_neq(bare.st_ino, observed.st_ino);
    cr_assert_eq(bare.st_size, observed.st_size);
    cr_assert_eq(bare.st_mode & 07777, 0555u);
    expect_output(build.executable_bare, "ok\n");
    cr_assert_str_eq(build.inside, "/demo/demo");
    cr_assert_str_eq(build.go_line, "1.19");
    cr_assert_not_null(strstr(build.toolchain, "/bin/go"));
    cr_assert_not_null(strstr(build.environment, "GOPROXY=off"));
    cr_assert_not_null(strstr(build.environment, "GOFLAGS=-mod=mod"));
    cr_assert_eq(strlen(build.source_sha256), 64u);
    cr_assert_gt(build.build_ns, 0u);
    cr_assert(gobin_is_static(build.binary));
    cr_assert_str_eq(gobin_main_path(build.binary), "example.org/demo");
    struct probe_plan plan;
    cr_assert_eq(gobin_plan_probes(build.binary, GO_CORE, &plan, NULL), 0);
    gobin_plan_free(&plan);
    build_free(&build);
}

Test(build, nothing_but_the_copies_stays_in_the_staging_folder)
{
    struct build build;
    expect_success("", ".", &build);
    char path[128];
    snprintf(path, sizeof path, "%s/demo", staging);
    cr_assert_lt(access(path, F_OK), 0);
    build_free(&build);
}

Test(build, a_package_below_a_parent_module_is_built)
{
    cr_assert_eq(fd_make_path(top, "module/cmd/inner/deep"), 0);
    cr_assert_eq(fd_make_path(top, "module/lib"), 0);
    write_file("module/lib/lib.go", "package lib\n\nconst Word = \"inner\"\n");
    write_file("module/cmd/inner/deep/main.go",
               "package main\n\nimport \"example.org/demo/lib\"\n\nfunc main() { println(lib.Word) }\n");
    struct build build;
    expect_success("/cmd/inner", "./deep", &build);
    expect_output(build.executable_observed, "inner\n");
    build_free(&build);
}

Test(build, a_vendored_module_is_built_offline)
{
    cr_assert_eq(fd_make_path(top, "module/vendor/example.com/dep"), 0);
    write_file("module/go.mod", "module example.org/demo\n\ngo 1.19\n\nrequire example.com/dep v1.0.0\n");
    write_file("module/vendor/modules.txt", "# example.com/dep v1.0.0\n## explicit\nexample.com/dep\n");
    write_file("module/vendor/example.com/dep/dep.go", "package dep\n\nconst Word = \"vendored\"\n");
    write_file("module/main.go",
               "package main\n\nimport \"example.com/dep\"\n\nfunc main() { println(dep.Word) }\n");
    struct build build;
    expect_success("", ".", &build);
    cr_assert_not_null(strstr(build.environment, "GOFLAGS=-mod=vendor"));
    expect_output(build.executable_bare, "vendored\n");
    build_free(&build);
}

static void expect_failure(const char *package, const char *says)
{
    struct build build;
    struct error error = {0};
    cr_assert_lt(run("", package, &build, &error), 0);
    cr_assert_eq(error.class, ERROR_DEMO, "%s", error.text);
    cr_assert_not_null(strstr(error.text, says), "%s", error.text);
    cr_assert_null(build.executable_bare);
    build_free(&build);
}

Test(build, a_compile_error_is_the_demo_s_and_its_first_line_is_told)
{
    write_file("module/main.go", "package main\n\nfunc main() { nothing() }\n");
    struct build build;
    struct error error = {0};
    cr_assert_lt(run("", ".", &build, &error), 0);
    cr_assert_eq(error.class, ERROR_DEMO);
    cr_assert_str_eq(error.text, "demo demo does not build: ./main.go:3:15: undefined: nothing");
    cr_assert_not_null(strstr(build.log, "# example.org/demo\n"));
    build_free(&build);
}

Test(build, what_is_missing_is_not_fetched)
{
    write_file("module/main.go", "package main\n\nimport _ \"example.com/absent\"\n\nfunc main() {}\n");
    expect_failure(".", "example.com/absent");
}

Test(build, a_package_without_main_is_refused)
{
    cr_assert_eq(fd_make_path(top, "module/lib"), 0);
    write_file("module/lib/lib.go", "package lib\n");
    expect_failure("./lib", "its package is not main");
    expect_failure("./absent", "absent");
}

Test(build, a_package_name_is_never_a_flag)
{
    expect_failure("-toolexec=/bin/false", "malformed import path");
}

Test(build, files_outside_cannot_be_embedded)
{
    write_file("secret", "not yours\n");
    cr_assert_eq(symlinkat("../secret", top, "module/secret"), 0);
    write_file("module/main.go", "package main\n\nimport _ \"embed\"\n\n//go:embed secret\nvar s string\n\n"
                                 "func main() { println(s) }\n");
    struct build build;
    struct error error = {0};
    cr_assert_lt(run("", ".", &build, &error), 0);
    cr_assert_eq(error.class, ERROR_DEMO);
    cr_assert_not_null(strstr(build.log, "left out: secret (a link that leads out of the module)"));
    build_free(&build);
}

Test(build, the_time_out_ends_a_build)
{
    char fresh[128];
    snprintf(fresh, sizeof fresh, "%s/empty-cache", folder);
    struct build_options options = {
        .staging = staging, .cache = fresh, .timeout_ns = 100000000, .cancel_fd = -1};
    struct build build;
    struct error error = {0};
    cr_assert_lt(run_with(&options, "", ".", &build, &error), 0);
    cr_assert_eq(error.class, ERROR_DEMO);
    cr_assert_not_null(strstr(error.text, "was not done after 0.1 s"), "%s", error.text);
    build_free(&build);
}

Test(build, the_operator_ends_a_build)
{
    char fresh[128];
    snprintf(fresh, sizeof fresh, "%s/empty-cache", folder);
    AUTO_FD cancel = eventfd(1, EFD_CLOEXEC);
    struct build_options options = {
        .staging = staging, .cache = fresh, .timeout_ns = TIMEOUT_NS, .cancel_fd = cancel};
    struct build build;
    struct error error = {0};
    cr_assert_eq(run_with(&options, "", ".", &build, &error), -ECANCELED);
    build_free(&build);
}

/* --- the memory limit ------------------------------------------------------------------------------------
 */

static struct cgroup *open_group(struct cgroup_root **root)
{
    struct error error = {0};
    struct cgroup *group;
    if (cgroup_root_open(NULL, false, root, &error) < 0)
        cr_skip("no control groups here: %s", error.text);
    cr_assert_eq(cgroup_open_experiment(*root, "runner-test-build", &group, &error), 0, "%s", error.text);
    return group;
}

Test(build, the_memory_limit_ends_a_build)
{
    struct cgroup_root *root;
    struct cgroup *group = open_group(&root);
    char fresh[128];
    snprintf(fresh, sizeof fresh, "%s/empty-cache", folder);
    struct build_options options = {.staging = staging,
                                    .cache = fresh,
                                    .group = group,
                                    .timeout_ns = TIMEOUT_NS,
                                    .memory_max = (uint64_t)16 << 20,
                                    .cancel_fd = -1};
    struct build build;
    struct error error = {0};
    int result = run_with(&options, "", ".", &build, &error);
    bool limited = !build.log || !strstr(build.log, "is not enforced");
    struct error left = {0};
    cr_assert_eq(cgroup_destroy(group, &left), 0, "%s", left.text);
    cgroup_root_close(root);
    if (!limited)
        cr_skip("this host has no memory controller for us");
    cr_assert_lt(result, 0);
    cr_assert_eq(error.class, ERROR_DEMO);
    cr_assert_not_null(strstr(error.text, "needed more than its limit of 16 MiB"), "%s", error.text);
    build_free(&build);
}
