#include "runner/sandbox/spawn.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/support/fd.h"

static pid_t spawn_old(uint64_t namespaces, int group, int *pidfd)
{
    /* Order of the raw call's arguments on x86-64 and aarch64 alike for these: clone(2), "C library/kernel
       differences". */
    pid_t pid = (pid_t)syscall(SYS_clone, namespaces | CLONE_PIDFD, NULL, pidfd, NULL, NULL);
    if (pid < 0)
        return -errno;
    if (pid > 0)
        return pid;
    if (group >= 0 && fd_write_text(group, "cgroup.procs", "0") < 0)
        _exit(1);
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            (void)signal(number, SIG_DFL); /* refused for SIGKILL and SIGSTOP, which have no handlers */
    }
    return 0;
}

pid_t spawn(uint64_t namespaces, int group, int *pidfd)
{
    struct clone_args arguments = {
        .flags = namespaces | CLONE_PIDFD | CLONE_CLEAR_SIGHAND | (group >= 0 ? CLONE_INTO_CGROUP : 0),
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .cgroup = group >= 0 ? (uint64_t)group : 0,
    };
    pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    if (pid >= 0)
        return pid;
    return errno == ENOSYS ? spawn_old(namespaces, group, pidfd) : -errno;
}

/* clone3 without a call around it: the child goes on with the same stack, and would overwrite the return
   address of a wrapper like syscall(). */
static inline long bare_clone3(struct clone_args *arguments)
{
#if defined(__x86_64__)
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(SYS_clone3), "D"(arguments), "S"(sizeof *arguments)
                     : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long result __asm__("x0") = (long)arguments;
    register long size __asm__("x1") = sizeof *arguments;
    register long number __asm__("x8") = SYS_clone3;
    __asm__ volatile("svc 0" : "+r"(result) : "r"(size), "r"(number) : "memory");
    return result;
#else
#error "the instruction of a system call is not known for this architecture"
#endif
}

/* Not inlined, and with nothing that lives on behind the clone but its result: the child may use every slot
   of this frame, and the parent goes on with the same frame later. */
static long __attribute__((noinline)) clone3_suspended(int (*body)(void *), void *argument, int group)
{
    struct clone_args arguments = {
        .flags = CLONE_VM | CLONE_VFORK | (group >= 0 ? CLONE_INTO_CGROUP : 0),
        .exit_signal = SIGCHLD,
        .cgroup = group >= 0 ? (uint64_t)group : 0,
    };
    long pid = bare_clone3(&arguments);
    if (pid == 0)
        _exit(body(argument));
    return pid;
}

struct old_child {
    int (*body)(void *);
    void *argument;
    int group;
};

static int run_old_child(void *argument)
{
    const struct old_child *child = argument;
    if (child->group >= 0 && fd_write_text(child->group, "cgroup.procs", "0") < 0)
        return 127;
    return child->body(child->argument);
}

pid_t spawn_suspended(int (*body)(void *), void *argument, int group)
{
    long pid = clone3_suspended(body, argument, group);
    if (pid != -ENOSYS)
        return (pid_t)pid;
    struct old_child child = {body, argument, group};
    _Alignas(16) char stack[128 * 1024];
    pid = clone(run_old_child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &child);
    return pid < 0 ? -errno : (pid_t)pid;
}
