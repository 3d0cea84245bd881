/* Rows on what the sandbox is made of. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/host/check.h"
#include "runner/support/chroot.h"

/* A child in a new namespace: the raw call, since glibc's wants a stack. 0 or -errno; also what the child
 * returns. */
static int clone_into(unsigned long flag, int (*child)(void))
{
    int status = 0;
    long pid = syscall(SYS_clone, flag | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(-child());
    if (pid < 0)
        return -errno;
    while (waitpid((pid_t)pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
}

static int end_at_once(void)
{
    return 0;
}

/* As the sandbox does it: in a mount namespace of its own it leaves the chroot that this may be. */
static int make_user_namespace(void)
{
    int result = chroot_leave("/tmp");
    return result < 0 ? result : clone_into(CLONE_NEWUSER, end_at_once);
}

void host_look_namespace(const struct host_context *context, const struct host_check *check,
                         struct host_row *row)
{
    (void)context;
    char mend[sizeof row->mend];
    int result = check->number == CLONE_NEWUSER && geteuid() == 0
                     ? clone_into(CLONE_NEWNS, make_user_namespace)
                     : clone_into(check->number, end_at_once);
    switch (-result) {
    case 0:
        host_found(row, "can be made");
        return;
    case ENOSPC:
        snprintf(mend, sizeof mend, "sysctl %s=10000", check->word);
        break;
    case EPERM: /* of root: Debian's and Ubuntu's own switches */
        snprintf(mend, sizeof mend, "%s",
                 check->number != CLONE_NEWUSER ? "Run outside the container, or in one with --privileged"
                                                : "sysctl kernel.unprivileged_userns_clone=1 (Debian), "
                                                  "kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu)");
        break;
    default:
        snprintf(mend, sizeof mend, "A kernel with CONFIG_NAMESPACES=y and all its parts");
    }
    if (geteuid() == 0)
        host_lacks(row, HOST_MISSING, mend, "clone: %s", strerror(-result));
    else
        host_refused(row, -result, mend, "clone");
}

/* With arguments that no kernel takes: anything but ENOSYS shows that the call is there. A filter of a
   container may answer ENOSYS or EPERM for it. */
void host_look_system_call(const struct host_context *context, const struct host_check *check,
                           struct host_row *row)
{
    (void)context;
    long result = syscall((long)check->number, -1L, 0L, ~0L, 0L, 0L, 0L);
    if (result < 0 && errno == ENOSYS)
        host_lacks(row, HOST_DEGRADED, check->word,
                   "not in this kernel, or hidden by a container's filter: older calls do its work");
    else if (result < 0 && errno == EPERM && geteuid() == 0)
        host_lacks(row, HOST_DEGRADED, "Run outside the container, or with seccomp=unconfined",
                   "denied by a filter: older calls do its work");
    else
        host_found(row, "there");
}

/* seccomp(2), SECCOMP_GET_ACTION_AVAIL: asks, installs nothing. */
void host_look_seccomp(const struct host_context *context, const struct host_check *check,
                       struct host_row *row)
{
    (void)context;
    (void)check;
    const unsigned action = SECCOMP_RET_ERRNO;
    if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) < 0)
        host_refused(row, errno, "A kernel with CONFIG_SECCOMP_FILTER=y", "seccomp");
    else
        host_found(row, "filters can answer with an errno");
}
