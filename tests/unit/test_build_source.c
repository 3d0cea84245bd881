#include "runner/build/source.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/support/fd.h"

static char folder[] = "/tmp/runner-test-source-XXXXXX";
static int top;

static void write_file(const char *path, const char *text)
{
    AUTO_FD fd = openat(top, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    cr_assert_eq(fd_write_all(fd, text, strlen(text)), 0);
}

static void set_up(void)
{
    cr_assert_not_null(mkdtemp(folder));
    top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_eq(fd_make_path(top, "module/cmd/x"), 0);
    write_file("module/cmd/x/main.go", "package main\n");
}

static void tear_down(void)
{
    close(top);
    fd_remove_tree(AT_FDCWD, folder);
}

TestSuite(build_source, .init = set_up, .fini = tear_down);

static int stage(const char *below, struct source *source, struct error *error)
{
    char from[256];
    char to[256];
    snprintf(from, sizeof from, "%s/%s", folder, below);
    snprintf(to, sizeof to, "%s/copy", folder);
    return source_stage(from, to, (uid_t)-1, (gid_t)-1, source, error);
}

Test(build_source, a_parent_with_go_mod_is_the_module)
{
    write_file("module/go.mod", "module m\n\n\tgo 1.21 // loop variables\n");
    struct source source;
    struct error error = {0};
    cr_assert_eq(stage("module/cmd/x", &source, &error), 0, "%s", error.text);
    cr_assert_str_eq(source.below, "/cmd/x");
    cr_assert_str_eq(source.go_line, "1.21");
    cr_assert_not(source.vendored);
    cr_assert_eq(strlen(source.facts.sha256), 64u);
    cr_assert_eq(faccessat(top, "copy/cmd/x/main.go", F_OK, 0), 0);
    source_free(&source);
}

Test(build_source, the_nearest_go_mod_counts)
{
    write_file("module/go.mod", "module m\n");
    write_file("module/cmd/x/go.mod", "module x\ngodebug default=go1.21\ngo 1.23.0\n");
    struct source source;
    struct error error = {0};
    cr_assert_eq(stage("module/cmd/x", &source, &error), 0, "%s", error.text);
    cr_assert_str_eq(source.below, "");
    cr_assert_str_eq(source.go_line, "1.23.0");
    source_free(&source);
}

Test(build_source, a_vendored_module_is_recognized)
{
    write_file("module/go.mod", "module m\n");
    cr_assert_eq(fd_make_path(top, "module/vendor"), 0);
    write_file("module/vendor/modules.txt", "# x\n");
    struct source source;
    struct error error = {0};
    cr_assert_eq(stage("module", &source, &error), 0, "%s", error.text);
    cr_assert(source.vendored);
    cr_assert_null(source.go_line);
    source_free(&source);
}

Test(build_source, a_folder_without_module_is_refused_with_the_mend)
{
    struct source source;
    struct error error = {0};
    cr_assert_lt(stage("module/cmd/x", &source, &error), 0);
    cr_assert_eq(error.class, ERROR_DEMO);
    cr_assert_not_null(strstr(error.text, "there is no go.mod"));
    cr_assert_not_null(strstr(error.text, "go mod init"));
    source_free(&source);
}

Test(build_source, a_missing_folder_is_named)
{
    struct source source;
    struct error error = {0};
    cr_assert_lt(stage("nowhere", &source, &error), 0);
    cr_assert_eq(error.class, ERROR_DEMO);
    cr_assert_not_null(strstr(error.text, "nowhere: No such file"));
    source_free(&source);
}
