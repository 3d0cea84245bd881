#include "cgroup/group.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup/attribute.h"
#include "cgroup/tree.h"
#include "runner/support/fd.h"

/* A slice that another runner removes between our mkdir for it and the next below it. */
#define SLICE_ATTEMPTS 16

void cgroup_free(struct cgroup *group)
{
    for (int tree = 0; tree < CGROUP_HIERARCHIES; tree++) {
        fd_close(&group->dir[tree]);
        fd_close(&group->entry[tree]);
    }
    fd_close(&group->events);
    free(group->name);
    free(group->path);
    free(group);
}

static struct cgroup *group_new(struct cgroup *parent, const char *name)
{
    struct cgroup *group = calloc(1, sizeof *group);
    if (!group)
        return NULL;
    group->root = parent->root;
    group->parent = parent;
    group->events = -1;
    for (int tree = 0; tree < CGROUP_HIERARCHIES; tree++)
        group->dir[tree] = group->entry[tree] = -1;
    group->name = strdup(name);
    if (!group->name || asprintf(&group->path, "%s%s%s", parent->path, *parent->path ? "/" : "", name) < 0) {
        group->path = NULL;
        cgroup_free(group);
        return NULL;
    }
    return group;
}

/* cpusets.rst: a new v1 cpuset is empty, and nothing may enter before it has CPUs and memory nodes. */
static int inherit_cpuset(int parent, int dir)
{
    static const char *const files[] = {"cpuset.cpus", "cpuset.mems"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char text[1024];
        int result = attribute_read(dir, files[i], text, sizeof text);
        if (result == 0 && *text == 0)
            result = attribute_read(parent, files[i], text, sizeof text);
        else if (result == 0)
            continue;
        if (result == 0)
            result = attribute_write(dir, files[i], text);
        if (result < 0)
            return result;
    }
    return 0;
}

int cgroup_join(struct cgroup *group, int tree, enum group_make how, struct error *error)
{
    const struct cgroup_tree *in = &group->root->trees[tree];
    struct cgroup *parent = group->parent;
    if (group->dir[tree] >= 0)
        return 0;
    if (parent->dir[tree] < 0) {
        int result = how == GROUP_FIND ? -ENOENT : cgroup_join(parent, tree, GROUP_SHARED, error);
        if (result < 0)
            return result;
    }
    bool made = how != GROUP_FIND && mkdirat(parent->dir[tree], group->name, 0755) == 0;
    if (!made && how != GROUP_FIND && !(how == GROUP_SHARED && errno == EEXIST))
        return error_mend(error, errno == EEXIST ? ERROR_INTERNAL : ERROR_HOST, errno,
                          errno == EEXIST ? "Another runner uses this name, or it was left behind"
                                          : "Run as root, or in a group that was delegated to you",
                          "make cgroup %s/%s", in->path, group->path);
    group->dir[tree] = openat(parent->dir[tree], group->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (group->dir[tree] < 0) {
        if (how == GROUP_FIND && errno == ENOENT)
            return -ENOENT;
        return error_set(error, ERROR_INTERNAL, errno, "open cgroup %s/%s", in->path, group->path);
    }
    if (tree != TREE_V2 && how != GROUP_FIND && (in->controllers & CONTROLLER_BIT(CONTROLLER_CPUSET))) {
        int result = inherit_cpuset(parent->dir[tree], group->dir[tree]);
        if (result < 0)
            return error_set(error, ERROR_HOST, -result, "give cgroup %s/%s the CPUs of its parent", in->path,
                             group->path);
    }
    return 0;
}

/* A tree that serves nothing but cpuset is joined by the group whose limits ask for it. */
static bool joined_late(const struct cgroup_root *root, int tree)
{
    return tree != TREE_V2 && (root->trees[tree].controllers & ~CONTROLLERS_LATE) == 0;
}

/* Removes what an attempt to make the group left, in reverse; a group with anything in it stays. */
static void unmake(struct cgroup *group)
{
    for (int tree = group->root->tree_count - 1; tree >= 0; tree--)
        if (group->dir[tree] >= 0)
            unlinkat(group->parent->dir[tree], group->name, AT_REMOVEDIR);
    cgroup_free(group);
}

static bool name_is_good(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > 255 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return false;
    for (const char *at = name; *at; at++)
        if (*at == '/' || (unsigned char)*at < ' ' || *at == 127)
            return false;
    return true;
}

int cgroup_make(struct cgroup *parent, const char *name, enum group_make how, struct cgroup **group,
                struct error *error)
{
    if (!name_is_good(name))
        return error_set(error, ERROR_USAGE, EINVAL, "\"%s\" cannot be the name of a cgroup", name);
    struct cgroup *made = group_new(parent, name);
    if (!made)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "make cgroup %s", name);
    int result = 0;
    bool found = how != GROUP_FIND;
    for (int tree = 0; tree < made->root->tree_count; tree++) {
        if (how != GROUP_FIND && joined_late(made->root, tree))
            continue;
        result = cgroup_join(made, tree, how, error);
        if (result == -ENOENT && how == GROUP_FIND)
            result = 0;
        else if (result == 0)
            found = true;
        if (result < 0)
            break;
    }
    if (result == 0 && made->dir[TREE_V2] >= 0) {
        made->events = openat(made->dir[TREE_V2], "cgroup.events", O_RDONLY | O_CLOEXEC);
        if (made->events < 0)
            result = error_set(error, ERROR_INTERNAL, errno, "open cgroup.events of cgroup %s", made->path);
    }
    if (result == 0 && !found)
        result = -ENOENT;
    if (result < 0) {
        how == GROUP_FIND ? cgroup_free(made) : unmake(made);
        return result;
    }
    made->shared = how != GROUP_NEW;
    *group = made;
    return 0;
}

int cgroup_enable(struct cgroup *group, unsigned controllers, struct error *error)
{
    controllers &= group->root->trees[TREE_V2].controllers & ~group->enabled;
    if (!controllers)
        return 0;
    if (group->parent) {
        int result = cgroup_enable(group->parent, controllers, error);
        if (result < 0)
            return result;
    }
    char text[128];
    controllers_format(controllers, '+', text, sizeof text);
    int result = attribute_write(group->dir[TREE_V2], "cgroup.subtree_control", text);
    if (result < 0)
        return error_mend(error, ERROR_HOST, -result,
                          "A group with processes in it cannot pass controllers on to its children",
                          "write \"%s\" to cgroup.subtree_control of %s/%s", text,
                          group->root->trees[TREE_V2].path, group->path);
    group->enabled |= controllers;
    return 0;
}

void cgroup_leave_slices(struct cgroup *group)
{
    while (group && group->parent) {
        struct cgroup *parent = group->parent;
        for (int tree = group->root->tree_count - 1; tree >= 0; tree--)
            if (group->dir[tree] >= 0)
                unlinkat(parent->dir[tree], group->name, AT_REMOVEDIR);
        cgroup_free(group);
        group = parent;
    }
}

static int make_slice_once(struct cgroup_root *root, const char *slice, enum group_make how,
                           struct cgroup **group, struct error *error)
{
    AUTO_FREE char *copy = strdup(slice);
    if (!copy)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "make slice %s", slice);
    struct cgroup *at = &root->base;
    char *rest = copy;
    for (char *name; (name = strsep(&rest, "/"));) {
        struct cgroup *child = NULL;
        int result = cgroup_make(at, name, how, &child, error);
        if (result == 0)
            at = child;
        if (result == 0 && how != GROUP_FIND)
            result = cgroup_enable(at, CONTROLLERS_NEEDED | CONTROLLER_BIT(CONTROLLER_IO), error);
        if (result < 0) {
            cgroup_leave_slices(at);
            return result;
        }
    }
    *group = at;
    return 0;
}

/* ENOENT and ENODEV from a group that was removed under us. */
static bool went_away(int result)
{
    return result == -ENOENT || result == -ENODEV;
}

int cgroup_make_slice(struct cgroup_root *root, const char *slice, enum group_make how, struct cgroup **group,
                      struct error *error)
{
    int result = 0;
    for (int attempt = 0; attempt < SLICE_ATTEMPTS; attempt++) {
        result = make_slice_once(root, slice, how, group, error);
        if (!went_away(result) || how == GROUP_FIND)
            break;
    }
    return result;
}

int cgroup_open_experiment(struct cgroup_root *root, const char *slice, struct cgroup **experiment,
                           struct error *error)
{
    char name[OWNER_NAME_MAX];
    owner_format(&root->self, OWNER_GROUP, name);
    for (int attempt = 0;; attempt++) {
        struct cgroup *above = NULL;
        int result = cgroup_make_slice(root, slice, GROUP_SHARED, &above, error);
        if (result < 0 || !above)
            return result;
        result = cgroup_make(above, name, GROUP_NEW, experiment, error);
        if (result < 0) {
            cgroup_leave_slices(above);
            if (went_away(result) && attempt < SLICE_ATTEMPTS)
                continue;
            return result;
        }
        result = cgroup_enable(*experiment, CONTROLLERS_NEEDED | CONTROLLER_BIT(CONTROLLER_IO), error);
        if (result < 0)
            cgroup_destroy(*experiment, NULL);
        return result;
    }
}

int cgroup_create(struct cgroup *parent, const char *name, struct cgroup **group, struct error *error)
{
    return cgroup_make(parent, name, GROUP_NEW, group, error);
}

int cgroup_entry_fds(struct cgroup *group, int fds[CGROUP_HIERARCHIES], struct error *error)
{
    int count = 0;
    for (int tree = 0; tree < group->root->tree_count; tree++) {
        if (group->dir[tree] < 0)
            continue;
        /* v1 cgroup.procs moves a thread group and waits for a grace period where it is idle; `tasks` does
         * not. */
        const char *file = tree == TREE_V2 ? "cgroup.procs" : "tasks";
        if (group->entry[tree] < 0)
            group->entry[tree] = openat(group->dir[tree], file, O_WRONLY | O_CLOEXEC);
        if (group->entry[tree] < 0)
            return error_set(error, ERROR_INTERNAL, errno, "open %s of cgroup %s/%s", file,
                             group->root->trees[tree].path, group->path);
        fds[count++] = group->entry[tree];
    }
    return count;
}

int cgroup_v2_fd(const struct cgroup *group)
{
    return group->dir[TREE_V2];
}

/* On 64-bit machines the inode number of a cgroup's directory is its id: kernfs_ino() in linux/kernfs.h. */
uint64_t cgroup_id(const struct cgroup *group)
{
    struct stat stat;
    return fstat(group->dir[TREE_V2], &stat) < 0 ? 0 : stat.st_ino;
}

uint32_t cgroup_level(const struct cgroup *group)
{
    uint32_t level = group->root->level;
    for (; group->parent; group = group->parent)
        level++;
    return level;
}

bool cgroup_populated(struct cgroup *group)
{
    char text[256];
    ssize_t n = pread(group->events, text, sizeof text - 1, 0);
    text[n < 0 ? 0 : n] = 0;
    return tree_parse_populated(text) == 1;
}

int cgroup_kill(struct cgroup *group, struct error *error)
{
    return tree_kill_v2(group->dir[TREE_V2], group->events, group->path, error);
}

int cgroup_destroy(struct cgroup *group, struct error *error)
{
    if (!group)
        return 0;
    /* v2 kills everything at once and goes last: what a runner that dies here leaves is found by it. */
    int result = cgroup_kill(group, error);
    for (int tree = group->root->tree_count - 1; tree >= 0; tree--) {
        if (group->dir[tree] < 0)
            continue;
        int removed =
            tree_remove(group->parent->dir[tree], group->name, tree == TREE_V2, result < 0 ? NULL : error);
        result = result < 0 ? result : removed;
    }
    struct cgroup *above = group->parent;
    cgroup_free(group);
    if (above->shared)
        cgroup_leave_slices(above);
    return result;
}
