/*
 * One clone for all: namespaces, the helper group, a pidfd.
 */
#ifndef RUNNER_SANDBOX_SPAWN_H
#define RUNNER_SANDBOX_SPAWN_H

#include <stdint.h>
#include <sys/types.h>

/* Like fork(): 0 in the child, its pid in the parent, with *pidfd; negative errno. The child is a process
   that only wait calls with __WALL see and that sends no SIGCHLD, so that nobody else's waitpid(-1) takes it.
   `group`: descriptor of a cgroup v2 directory, or -1. clone3 is Linux 5.3; where it is missing (or a filter
   refuses it), clone(2) does, and the child enters the group by writing to its cgroup.procs. */
pid_t spawn(uint64_t namespaces, int group, int *pidfd);

/* Like vfork(): a child that shares the caller's memory and runs `body` while the caller sleeps until the
   child has called execve or ended. The child never returns from here; the value of `body` is its exit
   status. SIGCHLD tells of its end. `group` as above. */
pid_t spawn_suspended(int (*body)(void *), void *argument, int group);

#endif
