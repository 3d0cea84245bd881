/*
 * What a demo sees and may do, asked from inside by a shell.
 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "sandboxed.h"

#define CONTAINS(result, text)                                                                               \
    cr_assert_not_null(strstr((result).output, text), "\"%s\" is not in:\n%s", text, (result).output)
#define LACKS(result, text)                                                                                  \
    cr_assert_null(strstr((result).output, text), "\"%s\" is in:\n%s", text, (result).output)

static void assert_ended_well(const struct sandboxed *result)
{
    cr_assert_eq((int)result->status.state, (int)SANDBOX_ENDED, "%s", result->status.text);
    cr_assert_eq(result->status.wait_status, 0, "status %#x:\n%s", (unsigned)result->status.wait_status,
                 result->output);
}

Test(sandbox, sees_only_its_own_processes)
{
    struct sandboxed result;
    sandboxed_shell("cd /proc; for p in [0-9]*; do [ -d $p ] && echo pid $p; done; :", &result);
    assert_ended_well(&result);
    cr_assert_str_eq(result.output, "pid 1\npid 2\n");
}

Test(sandbox, has_no_privileges)
{
    struct sandboxed result;
    sandboxed_shell(
        "grep -E '^(Cap|No|Seccomp:|Sig)' /proc/self/status; cat /proc/self/setgroups; id -u; id -G",
        &result);
    assert_ended_well(&result);
    CONTAINS(result, "CapInh:\t0000000000000000");
    CONTAINS(result, "CapPrm:\t0000000000000000");
    CONTAINS(result, "CapEff:\t0000000000000000");
    CONTAINS(result, "CapBnd:\t0000000000000000");
    CONTAINS(result, "CapAmb:\t0000000000000000");
    CONTAINS(result, "NoNewPrivs:\t1");
    CONTAINS(result, "Seccomp:\t2");
    CONTAINS(result, "SigIgn:\t0000000000000000");
    CONTAINS(result, "SigBlk:\t0000000000000000");
    CONTAINS(result, "deny\n65534\n65534\n");
}

Test(sandbox, makes_its_first_process_undumpable_and_unreachable)
{
    struct sandboxed result;
    sandboxed_shell(INSIDE_ONLY "ls /proc/1/root /proc/1/fd /proc/1/cwd/ 2>&1; cat /proc/1/mem 2>&1; kill -9 "
                                "1 2>/dev/null; kill -TERM 1 2>/dev/null;"
                                "echo alive",
                    &result);
    CONTAINS(result, "/proc/1/fd': Permission denied");
    CONTAINS(result, "/proc/1/mem: Permission denied");
    CONTAINS(result, "alive");
    cr_assert_eq((int)result.status.state, (int)SANDBOX_ENDED);
}

Test(sandbox, has_a_loopback_and_nothing_else)
{
    struct sandboxed result;
    sandboxed_shell(
        "cat /proc/net/dev; perl -MIO::Socket::INET -e '"
        "my $l = IO::Socket::INET->new(Listen => 1, LocalAddr => \"127.0.0.1\") or die \"listen $!\";"
        "my $c = IO::Socket::INET->new(PeerAddr => \"127.0.0.1\", PeerPort => $l->sockport) or die \"connect "
        "$!\";"
        "print \"loopback works\\n\";"
        "my $o = IO::Socket::INET->new(PeerAddr => \"192.0.2.1\", PeerPort => 80, Timeout => 5);"
        "print \"outward: \", ($o ? \"open\" : $!), \"\\n\";"
        "print \"name: \", (gethostbyname(\"example.org\") ? \"found\" : \"unknown\"), \"\\n\";'",
        &result);
    assert_ended_well(&result);
    CONTAINS(result, "loopback works\noutward: Network is unreachable\nname: unknown\n");
    LACKS(result, "eth0");
}

Test(sandbox, bounds_its_temporary_folders)
{
    struct sandboxed result;
    sandboxed_shell(
        INSIDE_ONLY
        "for d in /tmp /dev/shm; do head -c 8388608 /dev/zero 2>/dev/null > $d/fill || echo $d full;"
        " wc -c < $d/fill; done; cd /tmp; rm fill; i=0;"
        "while [ $i -lt 3000 ] && true 2>/dev/null > f$i; do i=$((i+1)); done; echo made $i",
        &result);
    CONTAINS(result, "/tmp full\n4194304\n/dev/shm full\n4194304\n");
    CONTAINS(result, "made ");
    LACKS(result, "made 3000");
}

Test(sandbox, cannot_write_to_its_root_or_to_system_files)
{
    struct sandboxed result;
    sandboxed_shell(INSIDE_ONLY
                    "for f in /x /etc/passwd /usr/x /dev/x /proc/sys/kernel/hostname /var/empty/x;"
                    "do (echo x > $f) 2>&1; done; mkdir /tmp/ok && echo tmp works",
                    &result);
    CONTAINS(result, "/x: Read-only file system");
    CONTAINS(result, "/etc/passwd: Read-only file system");
    CONTAINS(result, "/usr/x: Read-only file system");
    CONTAINS(result, "/proc/sys/kernel/hostname: Read-only file system");
    CONTAINS(result, "tmp works");
}

Test(sandbox, masks_what_tells_of_the_host)
{
    struct sandboxed result;
    sandboxed_shell("cat /proc/keys /proc/key-users /proc/timer_list /proc/kallsyms 2>&1 | wc -c;"
                    "ls /proc/acpi /proc/scsi 2>/dev/null; [ -e /sys/class ] && echo sysfs; hostname; ls /",
                    &result);
    CONTAINS(result, "runner\n");
    LACKS(result, "sysfs");
    LACKS(result, "work");
    cr_assert_eq(strncmp(result.output, "0\n", 2), 0, "%s", result.output);
}

Test(sandbox, inherits_no_descriptors)
{
    int strange = open("/", O_RDONLY); /* without O_CLOEXEC */
    cr_assert(strange >= 0);
    cr_assert(fcntl(strange, F_DUPFD, 200) >= 200);
    struct sandboxed result;
    sandboxed_shell("echo /proc/$$/fd/*", &result);
    /* the shell's glob has a descriptor of its own open: 3 */
    assert_ended_well(&result);
    CONTAINS(result, "/fd/0 ");
    LACKS(result, "/fd/4");
    LACKS(result, "/fd/200");
}

Test(sandbox, works_where_the_standard_descriptors_are_closed)
{
    sandboxed_need_root();
    pid_t child = fork();
    if (child == 0) {
        close(0);
        close(1);
        close(2);
        struct sandboxed result;
        sandboxed_shell("echo out; echo err >&2; echo /proc/$$/fd/*", &result);
        bool right = result.status.state == SANDBOX_ENDED && strncmp(result.output, "out\nerr\n", 8) == 0 &&
                     !strstr(result.output, "/fd/4");
        _exit(right ? 0 : 1);
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
}

Test(sandbox, keeps_read_only_binds_read_only)
{
    char folder[] = "/tmp/runner-sandbox-XXXXXX";
    sandboxed_need_root();
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chmod(folder, 0777), 0);
    const struct sandbox_bind binds[] = {{.source = folder, .target = "/in"},
                                         {.source = folder, .target = "/out/deep", .writable = true}};
    const char *argv[4];
    struct sandbox_spec spec =
        sandboxed_spec(argv, INSIDE_ONLY "echo x > /out/deep/file; cat /in/file; (echo y > /in/file) 2>&1;"
                                         "(echo y > /in/other) 2>&1; cat /in/file");
    spec.binds = binds;
    spec.bind_count = 2;
    struct sandboxed result;
    sandboxed_run(&spec, &result);
    cr_expect_eq(fd_remove_tree(AT_FDCWD, folder), 0);
    CONTAINS(result, "/in/file: Read-only file system");
    CONTAINS(result, "/in/other: Read-only file system");
    cr_assert_eq(strncmp(result.output, "x\n", 2), 0);
}

Test(sandbox, is_not_seen_in_the_mounts_of_the_host)
{
    AUTO_FREE char *before = NULL;
    AUTO_FREE char *after = NULL;
    size_t size;
    cr_assert_eq(fd_read_file(AT_FDCWD, "/proc/self/mountinfo", 1 << 20, &before, &size), 0);
    const char *argv[4];
    const struct sandbox_bind bind = {.source = "/etc", .target = "/usr/share/doc"}; /* a mount in a mount */
    struct sandbox_spec spec = sandboxed_spec(argv, "ls /usr/share/doc/hostname");
    spec.binds = &bind;
    spec.bind_count = 1;
    struct sandboxed result;
    sandboxed_run(&spec, &result);
    assert_ended_well(&result);
    cr_assert_eq(fd_read_file(AT_FDCWD, "/proc/self/mountinfo", 1 << 20, &after, &size), 0);
    cr_assert_str_eq(before, after);
}

Test(sandbox, refuses_links_as_sources_and_links_on_the_way_to_a_target)
{
    char folder[] = "/tmp/runner-sandbox-XXXXXX";
    char link[64];
    sandboxed_need_root();
    cr_assert_not_null(mkdtemp(folder));
    snprintf(link, sizeof link, "%s/link", folder);
    cr_assert_eq(symlink("/etc", link), 0);
    const struct sandbox_bind rows[][2] = {
        {{.source = link, .target = "/a"}, {.source = "/etc", .target = "/b"}},
        {{.source = "/proc/self/fd/0", .target = "/a"}, {.source = "/etc", .target = "/b"}},
        {{.source = folder, .target = "/a"}, {.source = "/usr", .target = "/a/link"}},
        {{.source = folder, .target = "/a"}, {.source = "/usr", .target = "/a/../b"}}};
    for (size_t i = 0; i < 4; i++) {
        const char *argv[4];
        struct sandbox_spec spec = sandboxed_spec(argv, ":");
        spec.binds = rows[i];
        spec.bind_count = 2;
        spec.stdout_fd = spec.stderr_fd = 2;
        spec.stdin_fd = 2;
        struct sandbox *sandbox = NULL;
        struct error error = {0};
        cr_expect(sandbox_prepare(&spec, &sandbox, &error) < 0, "row %zu", i);
        cr_expect(strlen(error.text) > 0);
        sandbox_destroy(sandbox);
    }
    cr_expect_eq(fd_remove_tree(AT_FDCWD, folder), 0);
}

Test(sandbox, switches_address_randomisation_as_asked)
{
    for (int aslr = 0; aslr < 2; aslr++) {
        struct sandboxed result;
        const char *argv[4];
        struct sandbox_spec spec = sandboxed_spec(argv, "cat /proc/self/personality");
        spec.aslr = aslr;
        sandboxed_run(&spec, &result);
        cr_assert_str_eq(result.output, aslr ? "00000000\n" : "00040000\n");
    }
}

Test(sandbox, enters_groups_and_hides_what_is_above_them)
{
    sandboxed_need_root();
    /* Any file takes the writes of "0": what is shown is when and by whom it is written. */
    char path[] = "/tmp/runner-sandbox-XXXXXX";
    AUTO_FD entry = mkstemp(path);
    cr_assert(entry >= 0);
    cr_assert_eq(unlink(path), 0);
    const int entries[] = {entry, entry};
    const char *argv[4];
    struct sandbox_spec spec = sandboxed_spec(argv, "cut -d: -f3 /proc/self/cgroup | sort -u");
    spec.entry_fds = entries;
    spec.entry_count = 2;
    struct sandboxed result;
    sandboxed_run(&spec, &result);
    assert_ended_well(&result);
    cr_assert_str_eq(result.output, "/\n");
    char text[8] = "";
    cr_assert_eq(pread(entry, text, sizeof text, 0), 2);
    cr_assert_str_eq(text, "00");
}
