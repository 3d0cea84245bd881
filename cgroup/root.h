/*
 * Inside of the library: what a root and a group consist of. Users include cgroup/cgroup.h.
 *
 * A root has one `tree` for each hierarchy in which groups are made: trees[0] is v2, the others are v1. Where
 * a controller's files are is looked up in `where`; nothing else knows of the two backends.
 */
#ifndef CGROUP_ROOT_H
#define CGROUP_ROOT_H

#include "cgroup/cgroup.h"
#include "cgroup/hierarchy.h"
#include "cgroup/owner.h"

#define TREE_V2 0
#define NOWHERE (-1)

/* What an experiment cannot do without, and what is used where it is there. cpuset joins when a limit asks
   for it. v1 blkio is not used: it charges buffered writes to the kernel's flusher, not to the writer. */
#define CONTROLLERS_NEEDED                                                                                   \
    (CONTROLLER_BIT(CONTROLLER_CPU) | CONTROLLER_BIT(CONTROLLER_MEMORY) | CONTROLLER_BIT(CONTROLLER_PIDS))
#define CONTROLLERS_LATE CONTROLLER_BIT(CONTROLLER_CPUSET)

struct cgroup {
    struct cgroup_root *root;
    struct cgroup *parent; /* NULL: the root's base, which is never made or removed */
    char *name;            /* its directory's */
    char *path;            /* below the base, for messages */
    bool shared;           /* a slice: others may be using it; it goes when it is empty */
    int dir[CGROUP_HIERARCHIES];
    int entry[CGROUP_HIERARCHIES];
    int events;         /* cgroup.events of v2 */
    unsigned enabled;   /* v2 controllers enabled for its children */
    uint64_t peak_seen; /* highest memory.current that was read, for kernels without memory.peak */
    uint64_t pids_seen;
};

struct cgroup_tree {
    char *path;           /* of the base, for messages */
    char *mount;          /* v1: where the whole hierarchy is mounted */
    unsigned controllers; /* that are served here */
};

struct cgroup_root {
    enum cgroup_mode mode;
    struct owner self;
    struct cgroup_tree trees[CGROUP_HIERARCHIES];
    int tree_count;
    int where[CONTROLLER_COUNT]; /* index of trees, or NOWHERE */
    struct cgroup base;
    uint32_t level;            /* of the base in v2 */
    char leaf[OWNER_NAME_MAX]; /* where runner moved itself, or "" */
};

#endif
