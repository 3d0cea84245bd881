/*
 * Becoming nobody: identity, user namespace, capabilities, no_new_privs. The demo's process calls
 * privileges_enter_user_namespace() and privileges_reduce() before the barrier, privileges_drop() behind it.
 * Init calls privileges_retire() once the demo runs.
 */
#ifndef RUNNER_SANDBOX_PRIVILEGES_H
#define RUNNER_SANDBOX_PRIVILEGES_H

#include <sys/capability.h>
#include <sys/types.h>

#include "runner/sandbox/protocol.h"

/* Takes on uid and gid without supplementary groups, and enters a new user namespace that maps these two to
   themselves and nothing else. `proc_self`: descriptor of the caller's folder in a writable /proc. Raw system
   calls: the C library's setresuid() would signal threads that exist in runner, not here. */
int privileges_enter_user_namespace(uid_t uid, gid_t gid, int proc, struct failure *failure);

/* Empties the bounding and the ambient set, locks the secure bits, sets no_new_privs, leaves no more than
   `last` (CAP_SYS_ADMIN of the own namespace, which unshare(CLONE_NEWCGROUP) needs). No core files. */
int privileges_reduce(cap_t last, struct failure *failure);

/* Takes on uid and gid without supplementary groups, gives up every capability, sets no_new_privs. */
int privileges_retire(uid_t uid, gid_t gid, cap_t none, struct failure *failure);

/* Gives up every capability. */
int privileges_drop(cap_t none, struct failure *failure);

#endif
