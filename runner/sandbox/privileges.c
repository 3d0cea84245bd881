#include "runner/sandbox/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/securebits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/support/fd.h"

/* user_namespaces(7): a process may map its own effective ids, one each, when setgroups is denied first. */
static int write_maps(uid_t uid, gid_t gid, int proc, struct failure *failure)
{
    char uid_map[48];
    char gid_map[48];
    snprintf(uid_map, sizeof uid_map, "%u %u 1", uid, uid);
    snprintf(gid_map, sizeof gid_map, "%u %u 1", gid, gid);
    const struct {
        const char *file, *text;
    } rows[] = {{"self/setgroups", "deny"}, {"self/uid_map", uid_map}, {"self/gid_map", gid_map}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int result = fd_write_text(proc, rows[i].file, rows[i].text);
        if (result < 0)
            return failure_set(failure, SANDBOX_STEP_USER, -result, "write \"%s\" to /proc/%s", rows[i].text,
                               rows[i].file);
    }
    return 0;
}

/* Raw calls: see the header. */
static int take_ids(uid_t uid, gid_t gid, struct failure *failure)
{
    if (syscall(SYS_setgroups, 0, NULL) < 0)
        return failure_set(failure, SANDBOX_STEP_USER, errno, "clear the supplementary groups");
    if (syscall(SYS_setresgid, gid, gid, gid) < 0)
        return failure_set(failure, SANDBOX_STEP_USER, errno, "become group %u", gid);
    if (syscall(SYS_setresuid, uid, uid, uid) < 0)
        return failure_set(failure, SANDBOX_STEP_USER, errno, "become user %u", uid);
    return 0;
}

int privileges_enter_user_namespace(uid_t uid, gid_t gid, int proc, struct failure *failure)
{
    /* The capabilities are kept across setresuid so that unshare() is a privileged one: hosts that
       restrict unprivileged user namespaces (AppArmor, kernel.unprivileged_userns_clone) let it pass. */
    if (cap_set_secbits(SECBIT_NO_SETUID_FIXUP | SECBIT_KEEP_CAPS) < 0)
        return failure_set(failure, SANDBOX_STEP_USER, errno, "keep the capabilities for a change of user");
    if (take_ids(uid, gid, failure) < 0)
        return -1;
    if (unshare(CLONE_NEWUSER) < 0)
        return failure_set(failure, SANDBOX_STEP_USER, errno, "make a user namespace");
    /* The change of user has made the process undumpable, and its /proc files root's: writable again for as
       long as the maps are written. Undumpable from then on: nobody else with this uid may look into init. */
    if (prctl(PR_SET_DUMPABLE, 1) < 0)
        return failure_set(failure, SANDBOX_STEP_USER, errno, "make the process dumpable");
    int result = write_maps(uid, gid, proc, failure);
    if (result < 0)
        return result;
    if (prctl(PR_SET_DUMPABLE, 0) < 0)
        return failure_set(failure, SANDBOX_STEP_USER, errno, "make the process undumpable");
    return 0;
}

int privileges_reduce(cap_t last, struct failure *failure)
{
    cap_value_t capability = 0;
    while (cap_drop_bound(capability) == 0)
        capability++;
    if (errno != EINVAL || capability <= CAP_SYS_ADMIN) /* EINVAL: beyond the last one of this kernel */
        return failure_set(failure, SANDBOX_STEP_PRIVILEGES, errno,
                           "drop capability %d from the bounding set", capability);
    /* cap_reset_ambient() asks for each one first */
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        return failure_set(failure, SANDBOX_STEP_PRIVILEGES, errno, "clear the ambient capabilities");
    const unsigned bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                          SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                          SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
    if (cap_set_secbits(bits) < 0)
        return failure_set(failure, SANDBOX_STEP_PRIVILEGES, errno, "lock the secure bits");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return failure_set(failure, SANDBOX_STEP_PRIVILEGES, errno, "set no_new_privs");
    if (setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}) < 0)
        return failure_set(failure, SANDBOX_STEP_PRIVILEGES, errno, "forbid core files");
    if (cap_set_proc(last) < 0)
        return failure_set(failure, SANDBOX_STEP_PRIVILEGES, errno, "reduce the capabilities");
    return 0;
}

int privileges_drop(cap_t none, struct failure *failure)
{
    if (cap_set_proc(none) < 0)
        return failure_set(failure, SANDBOX_STEP_PRIVILEGES, errno, "drop all capabilities");
    return 0;
}

int privileges_retire(uid_t uid, gid_t gid, cap_t none, struct failure *failure)
{
    int result = take_ids(uid, gid, failure);
    if (!result)
        result = privileges_drop(none, failure);
    if (!result && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        result = failure_set(failure, SANDBOX_STEP_PRIVILEGES, errno, "set no_new_privs");
    return result;
}
