/*
 * Inside of the library: making one group in the hierarchies of its root.
 */
#ifndef CGROUP_GROUP_H
#define CGROUP_GROUP_H

#include "cgroup/root.h"

enum group_make {
    GROUP_NEW,    /* must not exist */
    GROUP_SHARED, /* may exist */
    GROUP_FIND,   /* never made: a hierarchy without it has no descriptor */
};

/* Makes or opens the group `name` below `parent`. -ENOENT without a text: GROUP_FIND, and nothing is there.
 */
int cgroup_make(struct cgroup *parent, const char *name, enum group_make how, struct cgroup **group,
                struct error *error);
/* The same for each component of a slice ("a" or "a/b"). The result's parents belong to it. */
int cgroup_make_slice(struct cgroup_root *root, const char *slice, enum group_make how, struct cgroup **group,
                      struct error *error);

/* Enables v2 controllers for the children of `group`, and of its parents before it. */
int cgroup_enable(struct cgroup *group, unsigned controllers, struct error *error);
/* Makes the group in a tree that it was not made in (cpuset), its parents first. */
int cgroup_join(struct cgroup *group, int tree, enum group_make how, struct error *error);

/* Closes descriptors and frees; removes nothing. */
void cgroup_free(struct cgroup *group);
/* Removes slices from `group` upwards as long as they are empty; frees them. */
void cgroup_leave_slices(struct cgroup *group);

#endif
