/*
 * mount_setattr(AT_RECURSIVE) for kernels that have none (before 5.12): the mounts below a place are taken
 * from /proc/self/mountinfo and remounted one by one. There is a time in which they are writable; nothing of
 * a stranger runs then.
 */
#ifndef RUNNER_SANDBOX_REMOUNT_H
#define RUNNER_SANDBOX_REMOUNT_H

#include <stdbool.h>

/* nosuid, nodev and, unless writable, read-only for the mount at `place` and all below; private. `proc` is a
   /proc that knows the caller: there may be none below its root yet. Keeps other flags. Does not allocate. 0,
   or -1 with errno. */
int remount_tree(int proc, const char *place, bool writable);

#endif
