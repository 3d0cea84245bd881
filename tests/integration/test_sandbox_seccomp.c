/*
 * What the seccomp profile denies, tried from inside a sandbox by perl's syscall().
 */
#include <asm/ioctls.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "sandboxed.h"

#define NEWEST 462 /* mseal */

struct attempt {
    const char *name;
    long number, first, second;
    int error; /* 0: allowed */
};

static const struct attempt attempts[] = {
    {"keyctl", SYS_keyctl, 0, 0, EPERM},
    {"add_key", SYS_add_key, 0, 0, EPERM},
    {"request_key", SYS_request_key, 0, 0, EPERM},
    {"socket VSOCK", SYS_socket, AF_VSOCK, SOCK_STREAM, EPERM},
    {"socket PACKET", SYS_socket, AF_PACKET, SOCK_RAW, EPERM},
    {"socket ALG", SYS_socket, AF_ALG, SOCK_SEQPACKET, EPERM},
    {"socket AX25", SYS_socket, AF_AX25, SOCK_STREAM, EPERM},
    {"socket VSOCK with high bits", SYS_socket, (1L << 32) | AF_VSOCK, SOCK_STREAM, EPERM},
    {"socket UNIX", SYS_socket, AF_UNIX, SOCK_STREAM, 0},
    {"socket INET", SYS_socket, AF_INET, SOCK_STREAM, 0},
    {"socket INET6", SYS_socket, AF_INET6, SOCK_STREAM, 0},
    {"socket NETLINK", SYS_socket, AF_NETLINK, SOCK_RAW, 0},
    {"io_uring_setup", SYS_io_uring_setup, 1, 0, EPERM},
    {"bpf", SYS_bpf, 0, 0, EPERM},
    {"perf_event_open", SYS_perf_event_open, 0, 0, EPERM},
    {"userfaultfd", SYS_userfaultfd, 0, 0, EPERM},
    {"kexec_load", SYS_kexec_load, 0, 0, EPERM},
    {"init_module", SYS_init_module, 0, 0, EPERM},
    {"finit_module", SYS_finit_module, 0, 0, EPERM},
    {"mount", SYS_mount, 0, 0, EPERM},
    {"umount2", SYS_umount2, 0, 0, EPERM},
    {"open_tree", SYS_open_tree, 0, 0, EPERM},
    {"fsopen", SYS_fsopen, 0, 0, EPERM},
    {"mount_setattr", SYS_mount_setattr, 0, 0, EPERM},
    {"pivot_root", SYS_pivot_root, 0, 0, EPERM},
    {"chroot", SYS_chroot, 0, 0, EPERM},
    {"unshare user", SYS_unshare, CLONE_NEWUSER, 0, EPERM},
    {"unshare cgroup", SYS_unshare, CLONE_NEWCGROUP, 0, EPERM},
    {"unshare files", SYS_unshare, CLONE_FILES, 0, EPERM},
    {"setns", SYS_setns, 0, 0, EPERM},
    {"clone with a user namespace", SYS_clone, CLONE_NEWUSER, 0, EPERM},
    {"clone with a net namespace", SYS_clone, CLONE_NEWNET, 0, EPERM},
    {"clone3", SYS_clone3, 0, 0, ENOSYS},
    {"ptrace", SYS_ptrace, 0, 0, EPERM},
    {"process_vm_readv", SYS_process_vm_readv, 1, 0, EPERM},
    {"pidfd_getfd", SYS_pidfd_getfd, 0, 0, EPERM},
    {"prlimit64 of init", SYS_prlimit64, 1, 0, EPERM},
    {"prlimit64 of itself", SYS_prlimit64, 0, 0, 0},
    {"personality change", SYS_personality, 0x40000, 0, EPERM},
    {"personality change with high bits", SYS_personality, (1L << 32) | 0x40000, 0, EPERM},
    {"personality question", SYS_personality, 0xffffffff, 0, 0},
    {"TIOCSTI", SYS_ioctl, 0, TIOCSTI, EPERM},
    {"TIOCSTI with high bits", SYS_ioctl, 0, (1L << 32) | TIOCSTI, EPERM},
    {"TIOCSCTTY", SYS_ioctl, 0, TIOCSCTTY, EPERM},
    {"a call of the future", NEWEST + 1, 0, 0, ENOSYS},
    {"an x32 call", 0x40000000 | SYS_getpid, 0, 0, ENOSYS},
    {"getpid", SYS_getpid, 0, 0, 0},
};

Test(sandbox_seccomp, answers_with_an_errno_and_not_with_death)
{
    static char script[16384];
    size_t used = (size_t)snprintf(script, sizeof script, INSIDE_ONLY "perl -e '$0 = \"probe\";\n");
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++)
        used += (size_t)snprintf(
            script + used, sizeof script - used,
            "$! = 0; $r = syscall(%ld, %ld, %ld, 0, 0, 0, 0); print $r < 0 ? $! + 0 : 0, \"\\n\";\n",
            attempts[i].number, attempts[i].first, attempts[i].second);
    cr_assert(used + 2 < sizeof script);
    memcpy(script + used, "'", 2);
    struct sandboxed result;
    sandboxed_shell(script, &result);
    cr_assert_eq((int)result.status.state, (int)SANDBOX_ENDED);
    cr_assert_eq(result.status.wait_status, 0, "%#x %s", (unsigned)result.status.wait_status, result.output);
    char *rest = result.output;
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        const char *line = strsep(&rest, "\n");
        cr_assert_not_null(rest, "no answer to %s", attempts[i].name);
        cr_expect_eq(atoi(line), attempts[i].error, "%s: errno %s instead of %d", attempts[i].name, line,
                     attempts[i].error);
    }
}

static void run_with_profile(const char *profile, const char *script, struct sandboxed *result)
{
    char path[] = "/tmp/runner-profile-XXXXXX";
    AUTO_FD fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert_eq(fd_write_all(fd, profile, strlen(profile)), 0);
    const char *argv[4];
    struct sandbox_spec spec = sandboxed_spec(argv, script);
    spec.seccomp_path = path;
    sandboxed_run(&spec, result);
    cr_expect_eq(unlink(path), 0);
}

Test(sandbox_seccomp, follows_a_profile_file)
{
    struct sandboxed result;
    char script[256];
    snprintf(script, sizeof script,
             "perl -e 'for (%d, %d) { $! = 0; syscall($_, 0, 0, 0, 0, 0); print $! + 0, \"\\n\" }'",
             SYS_ptrace, SYS_getpriority);
    run_with_profile("deny getpriority\n", script, &result);
    cr_expect_str_eq(result.output, "1\n1\n");
    /* PTRACE_TRACEME: the kernel itself lets that pass */
    run_with_profile("# traces itself\n\nallow ptrace\n", script, &result);
    cr_expect_str_eq(result.output, "0\n0\n");
}

Test(sandbox_seccomp, starts_under_a_profile_that_denies_what_the_start_needs)
{
    struct sandboxed result;
    run_with_profile("deny unshare\ndeny capset\ndeny recvmsg\n", "echo started", &result);
    cr_assert_str_eq(result.output, "started\n");
}

/* An older kernel is one that does not have some calls. */
static void take_away(const char *const *names)
{
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
    cr_assert_not_null(context);
    for (; *names; names++)
        cr_assert_eq(
            seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), seccomp_syscall_resolve_name(*names), 0), 0);
    cr_assert_eq(seccomp_attr_set(context, SCMP_FLTATR_CTL_NNP, 0), 0);
    cr_assert_eq(seccomp_load(context), 0);
    seccomp_release(context);
}

static void check_on_old_kernel(struct sandbox_spare *spare)
{
    const char *argv[4];
    /* Of several mounts at one place the last one is what a path leads to. */
    struct sandbox_spec spec = sandboxed_spec(
        argv, INSIDE_ONLY "(echo x > /usr/x) 2>&1; echo /proc/$$/fd/*;"
                          "perl -lane '$o{$F[4]} = $F[5] if $F[4] =~ m{^/host}; END {"
                          "print join \",\", map { /^ro,/ ? 1 : 0 } values %o }' /proc/self/mountinfo");
    const struct sandbox_bind bind = {.source = "/dev", .target = "/host/a b"}; /* has mounts below it */
    spec.binds = &bind;
    spec.bind_count = 1;
    spec.spare = spare;
    struct sandboxed result;
    sandboxed_run(&spec, &result);
    cr_assert_eq((int)result.status.state, (int)SANDBOX_ENDED, "%s", result.status.text);
    cr_expect_not_null(strstr(result.output, "/usr/x: Read-only file system"), "%s", result.output);
    cr_expect_null(strstr(result.output, "/fd/4"), "%s", result.output);
    const char *read_only = strrchr(result.output, '/');
    cr_assert_not_null(read_only);
    read_only = strchr(read_only, '\n');
    cr_assert(read_only && read_only[1] == '1', "%s", result.output);
    cr_expect_null(strchr(read_only, '0'), "%s", result.output);
}

static struct sandbox_spare *spare_on_old_kernel(const char *const *names)
{
    const char *argv[4];
    struct sandbox_spec spec = sandboxed_spec(argv, ":");
    sandboxed_need_root();
    take_away(names);
    return sandboxed_spare(&spec);
}

Test(sandbox_seccomp, works_without_mount_setattr)
{
    static const char *const missing[] = {"mount_setattr", NULL};
    struct sandbox_spare *spare = spare_on_old_kernel(missing);
    check_on_old_kernel(NULL);
    check_on_old_kernel(spare);
    cr_expect_eq(sandbox_spare_wait(spare), 0, "it was not taken");
    sandbox_spare_free(spare);
}

/* Without the new calls a bind is found by its path, which must not lie in /tmp: that is covered by then. The
   path of a chroot's files begins outside of it. */
static bool root_is_a_mount(void)
{
    struct statx root;
    return statx(AT_FDCWD, "/", AT_NO_AUTOMOUNT, STATX_TYPE, &root) == 0 &&
           (root.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

Test(sandbox_seccomp, works_without_clone3_close_range_openat2_and_the_new_mount_calls)
{
    if (!root_is_a_mount())
        cr_skip("a chroot whose tree may lie in /tmp");
    static const char *const missing[] = {"clone3",     "close_range",   "openat2",    "open_tree",
                                          "move_mount", "mount_setattr", "pidfd_open", NULL};
    struct sandbox_spare *spare = spare_on_old_kernel(missing);
    check_on_old_kernel(spare);
    cr_expect(sandbox_spare_wait(spare) > 0, "the host's tree is out of reach in it");
    sandbox_spare_free(spare);
}
