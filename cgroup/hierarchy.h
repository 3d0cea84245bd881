/*
 * Which cgroup hierarchies this process lives in, from the text of /proc/self/cgroup (proc(5), cgroups(7))
 * and /proc/self/mountinfo (Documentation/filesystems/proc.rst 3.5). Pure: texts in, a table out.
 */
#ifndef CGROUP_HIERARCHY_H
#define CGROUP_HIERARCHY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum controller {
    CONTROLLER_CPU,
    CONTROLLER_MEMORY,
    CONTROLLER_PIDS,
    CONTROLLER_CPUSET,
    CONTROLLER_IO, /* "blkio" in v1 */
    CONTROLLER_COUNT,
};
#define CONTROLLER_BIT(controller) (1u << (controller))

/* "cpu", "memory", ... as cgroup.controllers names them. */
const char *controller_name(enum controller controller);
/* Bits of the controllers that a list names; `separators` are the characters between them. Names that we
   don't use count for nothing. v1 and v2 names are both known. */
unsigned controllers_parse(const char *text, const char *separators);
/* "+cpu +memory" for cgroup.subtree_control; sign '-' disables. Returns text. */
char *controllers_format(unsigned controllers, char sign, char *text, size_t size);

struct hierarchy {
    bool v2;
    unsigned controllers; /* v1: bits; v2: 0, its cgroup.controllers tells */
    char *own;            /* our group as /proc/self/cgroup has it */
    char *mount;          /* a mount point; NULL: not mounted here */
    char *root;           /* what of the hierarchy that mount shows: "/" or a group */
    char *directory;      /* our group's directory; NULL: no mount shows it */
    bool read_only;       /* the mount is */
};

#define HIERARCHY_MAX 16
struct hierarchy_list {
    struct hierarchy items[HIERARCHY_MAX];
    size_t count;
};

/* Fills `list` with v2, where there is one, and each v1 hierarchy that binds a controller we use. 0 or
   -ENOMEM. Free it with hierarchy_list_free() in either case. */
int hierarchy_parse(const char *self_cgroup, const char *mountinfo, struct hierarchy_list *list);
void hierarchy_list_free(struct hierarchy_list *list);
/* The v2 entry, or NULL. */
const struct hierarchy *hierarchy_v2(const struct hierarchy_list *list);
/* The v1 entry that binds the controller, or NULL. */
const struct hierarchy *hierarchy_v1(const struct hierarchy_list *list, enum controller controller);

#endif
