/*
 * Inside of the library: the v2 group below which groups are made. cgroup-v2.rst, "Controlling Controllers":
 * a group other than the real root passes memory and io on to its children only while it holds no process, so
 * runner leaves its own group for a leaf of it.
 */
#ifndef CGROUP_BASE_H
#define CGROUP_BASE_H

#include "cgroup/root.h"

/* Fills base.dir[TREE_V2], trees[TREE_V2], level and leaf of `root`. `v2` is our entry of the table; `path`
   may be NULL: the own group where it can be used, else the nearest group above it that passes the
   controllers on already, else the top of the mount (the real root, or that of our cgroup namespace).
   `needed`: controllers that v2 must provide. */
int base_open(struct cgroup_root *root, const struct hierarchy *v2, const char *path, unsigned needed,
              struct error *error);
/* Goes back from the leaf where that is possible. */
void base_leave(struct cgroup_root *root);

#endif
