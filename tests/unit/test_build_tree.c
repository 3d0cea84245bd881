#include "runner/build/tree.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/support/fd.h"

static char folder[] = "/tmp/runner-test-tree-XXXXXX";
static int top;

static void write_file(const char *path, const char *text, mode_t mode)
{
    AUTO_FD fd = openat(top, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    cr_assert_geq(fd, 0, "%s", path);
    cr_assert_eq(fd_write_all(fd, text, strlen(text)), 0);
}

static void set_up(void)
{
    cr_assert_not_null(mkdtemp(folder));
    top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_eq(mkdirat(top, "from", 0755), 0);
    cr_assert_eq(mkdirat(top, "from/sub", 0755), 0);
    write_file("from/main.go", "package main\n", 0644);
    write_file("from/run.sh", "#!/bin/sh\n", 0755);
    write_file("from/sub/a.go", "package sub\n", 0600);
    write_file("secret", "not yours\n", 0600);
}

static void tear_down(void)
{
    close(top);
    fd_remove_tree(AT_FDCWD, folder);
}

TestSuite(build_tree, .init = set_up, .fini = tear_down);

/* Copies "from" to a new folder; returns the result. */
static int copy(const char *to, struct tree_facts *facts, struct error *error)
{
    cr_assert_eq(mkdirat(top, to, 0755), 0);
    AUTO_FD in = openat(top, "from", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    AUTO_FD out = openat(top, to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return tree_copy(in, out, (uid_t)-1, (gid_t)-1, "from", facts, error);
}

/* The hash of "from" as it is now. */
static void hash_now(const char *to, char sha256[65])
{
    struct tree_facts facts;
    struct error error = {0};
    cr_assert_eq(copy(to, &facts, &error), 0, "%s", error.text);
    memcpy(sha256, facts.sha256, 65);
}

Test(build_tree, contents_and_execute_bits_are_copied)
{
    struct tree_facts facts;
    struct error error = {0};
    cr_assert_eq(copy("to", &facts, &error), 0, "%s", error.text);
    cr_assert_eq(facts.files, 3u);
    cr_assert_eq(facts.bytes, 35u);
    cr_assert_str_empty(facts.notes);
    char text[64];
    struct stat status;
    cr_assert_eq(fd_read_text(top, "to/sub/a.go", text, sizeof text), 0);
    cr_assert_str_eq(text, "package sub");
    cr_assert_eq(fstatat(top, "to/run.sh", &status, 0), 0);
    cr_assert(status.st_mode & S_IXUSR);
    cr_assert_eq(fstatat(top, "to/main.go", &status, 0), 0);
    cr_assert_not(status.st_mode & S_IXUSR);
}

Test(build_tree, the_hash_follows_names_contents_and_execute_bits)
{
    char first[65];
    char again[65];
    char now[65];
    hash_now("a", first);
    hash_now("b", again);
    cr_assert_str_eq(first, again);
    write_file("from/main.go", "package Main\n", 0644);
    hash_now("c", now);
    cr_assert_str_neq(first, now);
    write_file("from/main.go", "package main\n", 0644);
    hash_now("d", now);
    cr_assert_str_eq(first, now);
    cr_assert_eq(renameat(top, "from/sub/a.go", top, "from/sub/b.go"), 0);
    hash_now("e", now);
    cr_assert_str_neq(first, now);
    cr_assert_eq(renameat(top, "from/sub/b.go", top, "from/sub/a.go"), 0);
    cr_assert_eq(fchmodat(top, "from/run.sh", 0644, 0), 0);
    hash_now("f", now);
    cr_assert_str_neq(first, now);
}

Test(build_tree, history_is_no_source)
{
    char first[65];
    char now[65];
    hash_now("a", first);
    cr_assert_eq(mkdirat(top, "from/.git", 0755), 0);
    write_file("from/.git/HEAD", "ref\n", 0644);
    hash_now("b", now);
    cr_assert_str_eq(first, now);
    cr_assert_lt(faccessat(top, "b/.git", F_OK, 0), 0);
}

Test(build_tree, links_inside_are_kept_and_links_outward_left_out)
{
    cr_assert_eq(symlinkat("main.go", top, "from/inside.go"), 0);
    cr_assert_eq(symlinkat("../main.go", top, "from/sub/up.go"), 0);
    cr_assert_eq(symlinkat("../secret", top, "from/out.go"), 0);
    cr_assert_eq(symlinkat("../sub/../../secret", top, "from/sub/out.go"), 0);
    cr_assert_eq(symlinkat("/etc/passwd", top, "from/absolute"), 0);
    struct tree_facts facts;
    struct error error = {0};
    cr_assert_eq(copy("to", &facts, &error), 0, "%s", error.text);
    char target[64] = {0};
    cr_assert_gt(readlinkat(top, "to/inside.go", target, sizeof target - 1), 0);
    cr_assert_str_eq(target, "main.go");
    cr_assert_gt(readlinkat(top, "to/sub/up.go", target, sizeof target - 1), 0);
    static const char *const outward[] = {"out.go", "sub/out.go", "absolute"};
    for (size_t i = 0; i < 3; i++) {
        char path[64];
        struct stat status;
        snprintf(path, sizeof path, "to/%s", outward[i]);
        cr_assert_lt(fstatat(top, path, &status, AT_SYMLINK_NOFOLLOW), 0);
        snprintf(path, sizeof path, "left out: %s (a link that leads out", outward[i]);
        cr_assert_not_null(strstr(facts.notes, path), "%s", facts.notes);
    }
}

Test(build_tree, a_link_to_a_folder_is_not_entered)
{
    cr_assert_eq(symlinkat(".", top, "from/loop"), 0);
    struct tree_facts facts;
    struct error error = {0};
    cr_assert_eq(copy("to", &facts, &error), 0, "%s", error.text);
    cr_assert_eq(facts.files, 3u);
}

Test(build_tree, what_is_no_file_is_left_out)
{
    cr_assert_eq(mkfifoat(top, "from/pipe", 0644), 0);
    struct tree_facts facts;
    struct error error = {0};
    cr_assert_eq(copy("to", &facts, &error), 0, "%s", error.text);
    cr_assert_not_null(strstr(facts.notes, "left out: pipe (neither"));
}

Test(build_tree, a_tree_too_deep_is_refused)
{
    char path[512] = "from";
    for (size_t used = 4; used < 4 + 2 * (TREE_DEPTH_MAX + 1); used += 2) {
        snprintf(path + used, sizeof path - used, "/d");
        cr_assert_eq(mkdirat(top, path, 0755), 0);
    }
    struct tree_facts facts;
    struct error error = {0};
    cr_assert_lt(copy("to", &facts, &error), 0);
    cr_assert_eq(error.class, ERROR_DEMO);
    cr_assert_not_null(strstr(error.text, "too deep"));
}

Test(build_tree, a_tree_too_large_is_refused)
{
    AUTO_FD fd = openat(top, "from/huge", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    cr_assert_eq(ftruncate(fd, (off_t)TREE_BYTES_MAX + 1), 0); /* sparse */
    struct tree_facts facts;
    struct error error = {0};
    cr_assert_lt(copy("to", &facts, &error), 0);
    cr_assert_eq(error.class, ERROR_DEMO);
    cr_assert_not_null(strstr(error.text, "over 2 GiB"));
}
