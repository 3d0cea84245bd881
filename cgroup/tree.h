/*
 * Killing and removing groups of one hierarchy, below directory descriptors. What is to be removed may hold
 * living processes and groups that a demo made; both go, the deepest group first.
 */
#ifndef CGROUP_TREE_H
#define CGROUP_TREE_H

#include <stdbool.h>

#include "runner/support/error.h"

#define TREE_DEADLINE_MS 5000 /* a killed process that is not gone by then sits in the kernel */

/* From the text of cgroup.events: 1, 0, or -1 where the key is missing. */
int tree_parse_populated(const char *events);

/* Kills every process of the v2 group `dir` and of its descendants and waits until cgroup.events says
   `populated 0`: cgroup.kill (Linux 5.14), else cgroup.freeze and SIGKILL for each process. `events` is an
   open cgroup.events of it. */
int tree_kill_v2(int dir, int events, const char *what, struct error *error);

/* Removes the group `name` of the directory `parent` with its descendants and their processes. A missing
   group is success. Fast where it is empty: one rmdir. */
int tree_remove(int parent, const char *name, bool v2, struct error *error);

#endif
