/*
 * Namespaces made ahead: fresh for each sandbox, and not to be told from those that it makes itself.
 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "sandboxed.h"

static size_t open_descriptors(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    cr_assert_not_null(folder);
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

#define NAMESPACES 4
struct identity {
    ino_t numbers[NAMESPACES]; /* mnt, ipc, uts, net */
};

static struct identity identify(pid_t pid)
{
    static const char *const names[NAMESPACES] = {"mnt", "ipc", "uts", "net"};
    struct identity identity;
    for (size_t i = 0; i < NAMESPACES; i++) {
        char path[64];
        struct stat facts;
        snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, names[i]);
        cr_assert_eq(stat(path, &facts), 0, "%s", path);
        identity.numbers[i] = facts.st_ino;
    }
    return identity;
}

static size_t shared(const struct identity *one, const struct identity *other)
{
    size_t count = 0;
    for (size_t i = 0; i < NAMESPACES; i++)
        count += one->numbers[i] == other->numbers[i];
    return count;
}

/* A sandbox that waits at its barrier. */
static struct sandbox *prepare(struct sandbox_spec spec)
{
    struct sandbox *sandbox;
    struct error error = {0};
    AUTO_FD null = open("/dev/null", O_RDWR | O_CLOEXEC);
    spec.stdin_fd = spec.stdout_fd = spec.stderr_fd = null;
    cr_assert_eq(sandbox_prepare(&spec, &sandbox, &error), 0, "%s", error.text);
    return sandbox;
}

Test(sandbox_spare, is_fresh_for_each_sandbox)
{
    const char *argv[4];
    sandboxed_need_root();
    struct sandbox_spec spec = sandboxed_spec(argv, ":");
    spec.spare = sandboxed_spare(&spec);
    struct sandbox *first = prepare(spec);
    sandbox_spare_refill(spec.spare); /* sandbox_prepare() waits for it */
    struct sandbox *second = prepare(spec);
    cr_assert_eq(sandbox_spare_wait(spec.spare), 0);
    struct identity own = identify(getpid());
    struct identity one = identify(sandbox_demo_pid(first));
    struct identity other = identify(sandbox_demo_pid(second));
    struct identity init = identify(sandbox_init_pid(second));
    cr_expect_eq(shared(&one, &other), 0);
    cr_expect_eq(shared(&own, &one), 0);
    cr_expect_eq(shared(&own, &other), 0);
    cr_expect_eq(shared(&init, &other), NAMESPACES);
    sandbox_destroy(second);
    sandbox_destroy(first);
    sandbox_spare_free(spec.spare);
}

Test(sandbox_spare, is_not_to_be_told_from_what_a_sandbox_makes_itself)
{
    /* All but the numbers of mounts, devices and peer groups: what is mounted where, with which options;
       every file of the root, with its type, mode, owner, size and content. */
    struct sandboxed result;
    sandboxed_shell(
        "cut -d' ' -f4- /proc/self/mountinfo | sort; find / -xdev -printf '%p %y %M %U %G %l\\n' | sort;"
        "find /dev -xdev -type c -exec stat -c '%n %t %T' {} + | sort;"
        "cat /etc/passwd /etc/group /etc/hosts /etc/nsswitch.conf 2>&1;"
        "cat /sys/kernel/mm/transparent_hugepage/*; stat -f -c '%b %s %c' / /tmp /dev/shm",
        &result);
    cr_assert_not_null(strstr(result.output, "/ / ro,nosuid"), "%s", result.output);
    cr_assert_not_null(strstr(result.output, "/etc/hosts f -rw-r--r-- "), "%s", result.output);
    cr_assert_lt(strlen(result.output), sizeof result.output - 1);
}

Test(sandbox_spare, leaves_nothing_of_the_host_above_its_root)
{
    struct sandboxed result;
    sandboxed_shell(INSIDE_ONLY "cd /; for i in 1 2 3; do cd ..; echo *; ls -d work root home 2>&1; done;"
                                "ls /.. /../.. /proc/1/root 2>&1; wc -l < /proc/self/mountinfo",
                    &result);
    cr_assert_not_null(strstr(result.output, "'work': No such file"), "%s", result.output);
    cr_assert_not_null(strstr(result.output, "'home': No such file"), "%s", result.output);
}

Test(sandbox_spare, takes_binds_as_others_do)
{
    char folder[] = "/tmp/runner-sandbox-XXXXXX";
    sandboxed_need_root();
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chmod(folder, 0777), 0);
    const struct sandbox_bind binds[] = {{.source = folder, .target = "/in"},
                                         {.source = folder, .target = "/out/deep", .writable = true}};
    const char *argv[4];
    struct sandbox_spec spec = sandboxed_spec(
        argv, INSIDE_ONLY "echo x > /out/deep/file; cat /in/file; (echo y > /in/file) 2>&1; mkdir /new 2>&1");
    spec.binds = binds;
    spec.bind_count = 2;
    spec.spare = sandboxed_spare(&spec);
    struct sandboxed result;
    sandboxed_run(&spec, &result);
    sandbox_spare_free(spec.spare);
    cr_expect_eq(fd_remove_tree(AT_FDCWD, folder), 0);
    cr_assert_eq(strncmp(result.output, "x\n", 2), 0, "%s", result.output);
    cr_assert_not_null(strstr(result.output, "/in/file: Read-only file system"), "%s", result.output);
    cr_assert_not_null(strstr(result.output, "'/new': Read-only file system"), "%s", result.output);
}

Test(sandbox_spare, is_left_where_a_sandbox_wants_something_else)
{
    const char *argv[4];
    struct sandboxed result;
    struct sandbox_spec spec = sandboxed_spec(argv, "stat -f -c '%b %s' /tmp; id -u");
    spec.spare = sandboxed_spare(&spec);
    spec.tmp_bytes = 8 << 20;
    sandboxed_run(&spec, &result);
    cr_assert_str_eq(result.output, "2048 4096\n65534\n");
    cr_assert(sandbox_spare_wait(spec.spare) > 0);
    spec.tmp_bytes = 4 << 20;
    spec.user = "daemon";
    sandboxed_run(&spec, &result);
    cr_assert_str_eq(result.output, "1024 4096\n1\n");
    cr_assert(sandbox_spare_wait(spec.spare) > 0);
    spec.user = NULL;
    sandboxed_run(&spec, &result);
    cr_assert_str_eq(result.output, "1024 4096\n65534\n");
    cr_assert_eq(sandbox_spare_wait(spec.spare), 0);
    sandbox_spare_free(spec.spare);
}

Test(sandbox_spare, has_the_hosts_network_where_that_is_wanted)
{
    const char *argv[4];
    sandboxed_need_root();
    struct sandbox_spec spec = sandboxed_spec(argv, ":");
    spec.network_host = true;
    spec.spare = sandboxed_spare(&spec);
    struct sandbox *sandbox = prepare(spec);
    struct identity own = identify(getpid());
    struct identity its = identify(sandbox_demo_pid(sandbox));
    cr_expect_eq(shared(&own, &its), 1);
    cr_expect_eq(own.numbers[3], its.numbers[3]);
    cr_expect_eq(sandbox_network_fd(sandbox), -1);
    sandbox_destroy(sandbox);
    sandbox_spare_free(spec.spare);
}

Test(sandbox_spare, changes_nothing_for_its_maker)
{
    AUTO_FREE char *mounts_before = NULL;
    AUTO_FREE char *mounts_after = NULL;
    size_t size;
    const char *argv[4];
    sandboxed_need_root();
    mode_t mask = umask(027);
    size_t descriptors = open_descriptors();
    struct identity before = identify(getpid());
    cr_assert_eq(fd_read_file(AT_FDCWD, "/proc/self/mountinfo", 1 << 20, &mounts_before, &size), 0);
    struct sandbox_spec spec = sandboxed_spec(argv, ":");
    struct sandbox_spare *spare = sandboxed_spare(&spec);
    sandbox_spare_refill(spare); /* one is there: nothing to do */
    struct identity after = identify(getpid());
    cr_assert_eq(fd_read_file(AT_FDCWD, "/proc/self/mountinfo", 1 << 20, &mounts_after, &size), 0);
    cr_assert_eq(shared(&before, &after), NAMESPACES);
    cr_assert_str_eq(mounts_before, mounts_after);
    cr_assert_eq(open_descriptors(), descriptors + 4);
    sandbox_spare_free(spare);
    cr_assert_eq(open_descriptors(), descriptors);
    cr_assert_eq(umask(mask), 027);
}

Test(sandbox_spare, is_freed_while_it_is_made)
{
    const char *argv[4];
    sandboxed_need_root();
    size_t descriptors = open_descriptors();
    struct sandbox_spec spec = sandboxed_spec(argv, ":");
    const struct sandbox_spare_settings settings = {.tmp_bytes = spec.tmp_bytes};
    struct sandbox_spare *spare;
    cr_assert_eq(sandbox_spare_create(&settings, &spare, NULL), 0);
    sandbox_spare_refill(spare);
    sandbox_spare_free(spare);
    cr_assert_eq(open_descriptors(), descriptors);
}

Test(sandbox_spare, does_not_hide_why_a_sandbox_cannot_be)
{
    struct error error = {0};
    struct sandbox_spare *spare = NULL;
    const struct sandbox_spare_settings settings = {.user = "nobody-of-this-name"};
    cr_assert_lt(sandbox_spare_create(&settings, &spare, &error), 0);
    cr_assert_eq((int)error.class, (int)ERROR_USAGE);
    cr_assert_null(spare);
}
