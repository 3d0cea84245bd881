/*
 * The root of a sandbox: the ground (ground.h), and on it what belongs to one demo, the binds and /proc.
 */
#ifndef RUNNER_SANDBOX_MOUNTS_H
#define RUNNER_SANDBOX_MOUNTS_H

#include <stdbool.h>

#include "runner/sandbox/blueprint.h"

/* Runner's part, before the clone, in the mount namespace that the sources belong to: makes a detached
   recursive copy of the mount at `source` (O_PATH) with nosuid, nodev and, unless writable, read-only, on
   everything mounted below too, private. Fills `bind` and owns the descriptor there. Where the kernel cannot
   (open_tree before 5.2, mount_setattr before 5.12, or a filter): what is left is done by mounts_make().
   0 or a negative errno. */
int mounts_detach(int source, bool writable, struct blueprint_bind *bind);

/* Init's part, in its own mount namespace, as real root: builds the root and makes it the root. A namespace
   that was made ahead has its ground already. */
int mounts_make(const struct blueprint *blueprint, struct failure *failure);

#endif
