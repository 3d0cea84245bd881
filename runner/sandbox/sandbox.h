/*
 * A demo in a box. Theory of operation:
 *
 * sandbox_prepare() makes runner's own init by one clone3: pid 1 of new PID, mount, IPC and UTS namespaces,
 * born in a helper group beside the trial's. Init makes the mounts as real root while runner makes the
 * network namespace. So all these belong to the host's user namespace: no capability inside the sandbox has
 * any power over them. Where namespaces were made ahead (struct sandbox_spare), init enters them instead, and
 * only the binds and /proc are left to do.
 *
 * Init makes the demo's process as a vfork child (one address space until execve: no second copy of runner's
 * page tables, and the kernel's OOM killer passes over a process that is in vfork, so a memory limit that is
 * too small makes execve fail instead of killing init). It is born in the trial's v2 group: moving there
 * would wait for a grace period of RCU in percpu_down_write(&cgroup_threadgroup_rwsem), 5 to 15 ms, and only
 * real root may do either. That process becomes the demo's user, enters a user namespace in which nobody else
 * exists, empties the bounding set, sets no_new_privs, installs the seccomp filter, and stops at the barrier;
 * that is 0.3 ms in the v2 group, to be left out by reading its counters at the barrier. sandbox_release()
 * opens it; what is left to do then: enter the v1 groups by writing "0" to each, unshare the cgroup
 * namespace, give up the last capability, execve. Init becomes the demo's user too, without any capability,
 * once the demo runs.
 *
 * One socket pair joins runner and init: requests one way (release, signal), records the other way (barrier
 * reached, started, failed, ended). Only runner holds the far end: when it closes, init exits, and the PID
 * namespace dies with init. Init also has a parent-death signal; that follows the thread that called
 * sandbox_prepare(), which must therefore live as long as the sandbox.
 *
 * Inside: a read-only tmpfs as root with the binds; /dev/{null,zero,full,random,urandom,shm,fd,std*}; /tmp;
 * a read-only /proc of the own PID namespace with the telling parts masked; passwd, group, hosts and
 * nsswitch.conf in /etc; of /sys only the size of a huge page, which the Go runtime reads when it starts
 * (runtime/os_linux.go, getHugePageSize). Sources: namespaces(7), user_namespaces(7), pid_namespaces(7),
 * pivot_root(2), mount_setattr(2), Documentation/admin-guide/cgroup-v2.rst.
 */
#ifndef RUNNER_SANDBOX_SANDBOX_H
#define RUNNER_SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runner/support/error.h"

/* A compiled seccomp profile, to be compiled once and used for every sandbox of an experiment.
 *
 * The default profile lets a Go program live (1.19 to the newest, net/http, cgo) and answers EPERM to what
 * no demo needs: key rings, socket families besides UNIX, INET, INET6 and NETLINK, io_uring, BPF, perf
 * events, kexec, modules, mounts, new namespaces, ptrace and its kin, userfaultfd, TIOCSTI, personality
 * changes, limits of other processes. clone3 is ENOSYS (its flags are behind a pointer that a filter cannot
 * read; glibc then uses clone), and so is every call that is newer than mseal (6.10), and any foreign ABI.
 *
 * A profile file changes the default one; each line is one of
 *     deny NAME     the system call fails with EPERM
 *     allow NAME    the system call is allowed, whatever the default profile says of it or its arguments
 *     # comment     (or an empty line)
 * A later line wins over an earlier one. Faults are ERROR_USAGE with file:line. */
struct sandbox_filter;
/* `path` NULL: the default profile. Takes about 0.2 ms. */
int sandbox_filter_compile(const char *path, struct sandbox_filter **filter, struct error *error);
void sandbox_filter_free(struct sandbox_filter *filter);

/* Namespaces of the next sandbox, all but the PID one, with the ground of its root built and loopback up:
 * made ahead, by a thread of its own, while runner does other work between two trials. Making a network
 * namespace takes 0.7 ms, and while somebody does, whoever unmounts waits 1 ms more for the kernel's RCU.
 * Each sandbox gets fresh ones, in which nobody has run before. Not meant for threads: one caller. */
struct sandbox_spare;
struct sandbox_spare_settings { /* as in struct sandbox_spec; a sandbox that wants others makes its own */
    const char *user;
    uint64_t tmp_bytes;
    bool network_host;
};
/* Makes nothing yet. */
int sandbox_spare_create(const struct sandbox_spare_settings *settings, struct sandbox_spare **spare,
                         struct error *error);
/* Begins to make namespaces where none stand ready, and returns at once. sandbox_prepare() takes them, and
   waits until they are made, so nothing of this runs beside a demo whose runner calls this only between
   demos. Where they cannot be made, sandbox_prepare() makes them itself, and says why it cannot. NULL is
   fine. */
void sandbox_spare_refill(struct sandbox_spare *spare);
/* Waits for those that are under way. The time that making them took, in ns; 0: none stand ready. */
uint64_t sandbox_spare_wait(struct sandbox_spare *spare);
void sandbox_spare_free(struct sandbox_spare *spare);

struct sandbox_bind {
    const char *source; /* host path, its last part no symbolic link; or NULL with source_fd */
    int source_fd;      /* looked at when source is NULL: a file or directory on a mounted file system */
    const char *target; /* absolute path inside, without links, "." and ".." */
    bool writable;
};

struct sandbox_spec {
    const char *const *argv;          /* argv[0] is what the demo sees; NULL-terminated */
    const char *const *envp;          /* the whole environment */
    const char *executable;           /* absolute path inside the sandbox */
    const char *cwd;                  /* inside; "/tmp" when NULL */
    const struct sandbox_bind *binds; /* in this order, after the base system; recursive, nosuid, nodev */
    size_t bind_count;
    bool system_libraries; /* bind /usr, /lib*, /bin, /sbin, ld.so.cache read-only (dynamic programs, builds)
                            */
    uint64_t tmp_bytes;    /* size of /tmp, and of /dev/shm; 0: 64 MiB */
    bool network_host; /* with the host's resolv.conf and certificates; else loopback alone, no name server */
    bool aslr;
    const struct sandbox_filter *filter; /* NULL: compiled from seccomp_path for this sandbox alone */
    const char *seccomp_path;            /* NULL: the default profile; looked at when filter is NULL */
    const char *user;                    /* name in the host's user database; NULL: "nobody" */
    struct sandbox_spare *spare;         /* namespaces made ahead; NULL: made by sandbox_prepare() */
    int stdin_fd, stdout_fd, stderr_fd;  /* become 0, 1, 2 of the demo; still owned by the caller */
    int helper_group_fd;                 /* v2 directory descriptor for init (CLONE_INTO_CGROUP), -1: stay */
    int group_fd; /* v2 directory descriptor of the trial's group: the demo's process is born in it; 0, -1:
                     none */
    const int *entry_fds; /* cgroup_entry_fds() of the trial's group: "0" is written at the barrier, but not
                             to those of v2 when there is a group_fd */
    size_t entry_count;
};

/* The steps of a start, for `start_failed` and its evidence. */
enum sandbox_step {
    SANDBOX_STEP_NONE,
    SANDBOX_STEP_NAMESPACES,
    SANDBOX_STEP_MOUNTS,
    SANDBOX_STEP_NETWORK,
    SANDBOX_STEP_USER,
    SANDBOX_STEP_GROUPS,
    SANDBOX_STEP_PRIVILEGES,
    SANDBOX_STEP_SECCOMP,
    SANDBOX_STEP_EXEC,
};
const char *sandbox_step_name(enum sandbox_step step);

struct sandbox;

/* What sandbox_read_status() tells. */
struct sandbox_status {
    enum { SANDBOX_RUNNING, SANDBOX_START_FAILED, SANDBOX_ENDED, SANDBOX_LOST } state; /* LOST: init died */
    enum sandbox_step step;                                                            /* START_FAILED */
    int number;              /* START_FAILED: errno of the failed step; 0 when killed before execve */
    char what[256];          /* START_FAILED: which path or call */
    char text[512];          /* START_FAILED, LOST: one sentence for a person */
    int wait_status;         /* ENDED: as wait(2) has it */
    uint64_t end_ns;         /* ENDED: CLOCK_MONOTONIC, when init saw the end of the demo's first process */
    uint32_t orphans_reaped; /* ENDED: processes that ended before it without a living parent */
    uint32_t left_behind;    /* ENDED: processes that were alive after it; init has killed them */
};

/* Starts init and the demo's process up to the barrier; returns when the barrier is reached or a step failed
   (within 10 s). The caller keeps all descriptors and memory of `spec`, and may release them afterwards.
   Errors are ERROR_HOST where this host cannot do a step, ERROR_USAGE for a bad profile, user or bind, else
   ERROR_INTERNAL. */
int sandbox_prepare(const struct sandbox_spec *spec, struct sandbox **sandbox, struct error *error);
/* Opens the barrier; waits for execve (at most 10 s). 0: look at the status, RUNNING or START_FAILED (also of
   a process that its memory limit kept from reaching the barrier).
   Negative: init is lost or silent. A demo that was killed between barrier and execve is RUNNING here, and
   START_FAILED in sandbox_read_status(). `exec_ns` (may be NULL) gets the CLOCK_MONOTONIC time of the
   release. */
int sandbox_release(struct sandbox *sandbox, uint64_t *exec_ns, struct sandbox_status *status,
                    struct error *error);
/* The demo's first process, in runner's PID namespace, and init's. */
pid_t sandbox_demo_pid(const struct sandbox *sandbox);
pid_t sandbox_init_pid(const struct sandbox *sandbox);
/* pidfd of the demo's first process, for epoll and signals; -1 where the kernel has no pidfd_open. Owned by
   the sandbox. */
int sandbox_demo_pidfd(const struct sandbox *sandbox);
/* Readable when there is a status to read; for epoll. Stays readable after the last one: stop watching it
   when the state is no longer RUNNING. */
int sandbox_status_fd(const struct sandbox *sandbox);
/* Does not block: RUNNING when there is no news. The last state is told again. Returns 0. */
int sandbox_read_status(struct sandbox *sandbox, struct sandbox_status *status);
/* Sends a signal to the demo's first process by way of init. -ESRCH before release and after the end. */
int sandbox_signal(struct sandbox *sandbox, int signal);
/* Network namespace of the demo for the load driver; -1 with network_host. Owned by the sandbox. */
int sandbox_network_fd(const struct sandbox *sandbox);
/* Kills init, and so everything in the PID namespace; reaps; frees. NULL is fine. */
void sandbox_destroy(struct sandbox *sandbox);

#endif
