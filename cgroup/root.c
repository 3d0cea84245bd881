#include "cgroup/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup/base.h"
#include "runner/support/fd.h"

#define TEXT_MAX (4 << 20)
#define BOOT_V2  "Boot with systemd.unified_cgroup_hierarchy=1 (cgroup_no_v1=all)"

static int read_hierarchies(struct hierarchy_list *list, struct error *error)
{
    AUTO_FREE char *self = NULL;
    AUTO_FREE char *mounts = NULL;
    size_t size;
    int result = fd_read_file(AT_FDCWD, "/proc/self/cgroup", TEXT_MAX, &self, &size);
    if (result < 0)
        return error_set(error, ERROR_HOST, -result, "read /proc/self/cgroup");
    result = fd_read_file(AT_FDCWD, "/proc/self/mountinfo", TEXT_MAX, &mounts, &size);
    if (result < 0)
        return error_set(error, ERROR_HOST, -result, "read /proc/self/mountinfo");
    result = hierarchy_parse(self, mounts, list);
    return result < 0 ? error_set(error, ERROR_INTERNAL, -result, "list the cgroup hierarchies") : 0;
}

/* Joins the v1 hierarchy that binds `controller`; a hierarchy that binds several is joined once. */
static int join_v1(struct cgroup_root *root, const struct hierarchy *bound, enum controller controller,
                   struct error *error)
{
    const char *name = controller_name(controller);
    if (!bound->directory)
        return error_mend(error, ERROR_HOST, 0,
                          "Mount it where runner can see it (mount -t cgroup -o NAME), or boot with "
                          "systemd.unified_cgroup_hierarchy=1",
                          "controller %s is bound to a v1 hierarchy whose group %s no mount shows%s%s", name,
                          bound->own, bound->mount ? "; it is mounted at " : "",
                          bound->mount ? bound->mount : "");
    AUTO_FD dir = open(bound->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return error_set(error, ERROR_HOST, errno, "open %s, the v1 group of controller %s", bound->directory,
                         name);
    if (faccessat(dir, "tasks", W_OK, 0) < 0)
        return error_mend(error, ERROR_HOST, errno,
                          errno == EROFS ? "Mount it read-write, or " BOOT_V2 : "Run as root, or " BOOT_V2,
                          "write to %s, the v1 group of controller %s", bound->directory, name);
    struct cgroup_tree *tree = &root->trees[root->tree_count];
    tree->path = strdup(bound->directory);
    tree->mount = strdup(bound->mount);
    if (!tree->path || !tree->mount)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "open %s", bound->directory);
    tree->controllers = bound->controllers & ~CONTROLLER_BIT(CONTROLLER_IO);
    root->base.dir[root->tree_count++] = fd_take(&dir);
    return 0;
}

static int refuse_v1(const struct hierarchy_list *list, struct error *error)
{
    for (enum controller i = 0; i < CONTROLLER_COUNT; i++) {
        const struct hierarchy *bound = hierarchy_v1(list, i);
        if (bound && (CONTROLLERS_NEEDED & CONTROLLER_BIT(i)))
            return error_mend(error, ERROR_HOST, 0, BOOT_V2 ", or leave out controls.cgroup.require: v2",
                              "cgroup v2 is required, but controller %s is bound to a v1 hierarchy at %s",
                              controller_name(i), bound->mount ? bound->mount : "(not mounted)");
    }
    return 0;
}

/* Which tree serves each controller: v2 where it can, else the v1 hierarchy that binds it. */
static int place_controllers(struct cgroup_root *root, const struct hierarchy_list *list, struct error *error)
{
    unsigned v2 = root->trees[TREE_V2].controllers;
    for (enum controller i = 0; i < CONTROLLER_COUNT; i++) {
        const struct hierarchy *bound = hierarchy_v1(list, i);
        unsigned bit = CONTROLLER_BIT(i);
        root->where[i] = NOWHERE;
        for (int tree = 0; tree < root->tree_count; tree++)
            if (root->trees[tree].controllers & bit)
                root->where[i] = tree;
        if (root->where[i] != NOWHERE || !bound || i == CONTROLLER_IO || (v2 & bit))
            continue;
        struct error why = {0};
        int result = join_v1(root, bound, i, &why);
        if (result == 0) {
            root->where[i] = root->tree_count - 1;
        } else if (CONTROLLERS_NEEDED & bit) {
            if (error)
                *error = why;
            return result;
        }
    }
    return 0;
}

static int open_trees(struct cgroup_root *root, const struct hierarchy_list *list, const char *path,
                      bool require_v2, struct error *error)
{
    const struct hierarchy *v2 = hierarchy_v2(list);
    unsigned bound = 0;
    for (size_t i = 0; i < list->count; i++)
        bound |= list->items[i].controllers;
    root->mode = bound & CONTROLLERS_NEEDED ? CGROUP_HYBRID : CGROUP_V2;
    if (require_v2 && root->mode != CGROUP_V2)
        return refuse_v1(list, error);
    if (!v2 || !v2->mount || (!v2->directory && !path))
        return error_mend(error, ERROR_HOST, 0,
                          "Mount it, e.g. mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 none "
                          "/sys/fs/cgroup/unified",
                          "no mount of cgroup v2 shows the group of this process");
    root->tree_count = 1;
    int result = base_open(root, v2, path, CONTROLLERS_NEEDED & ~bound, error);
    return result < 0 ? result : place_controllers(root, list, error);
}

int cgroup_root_open(const char *path, bool require_v2, struct cgroup_root **root, struct error *error)
{
    struct cgroup_root *opened = calloc(1, sizeof *opened);
    if (!opened)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "open the cgroup root");
    opened->base.root = opened;
    opened->base.path = strdup("");
    opened->base.events = -1;
    for (int tree = 0; tree < CGROUP_HIERARCHIES; tree++)
        opened->base.dir[tree] = opened->base.entry[tree] = -1;
    struct hierarchy_list list = {0};
    int result = opened->base.path ? owner_self(&opened->self, error) : -ENOMEM;
    if (result == 0)
        result = read_hierarchies(&list, error);
    if (result == 0)
        result = open_trees(opened, &list, path, require_v2, error);
    hierarchy_list_free(&list);
    if (result < 0) {
        cgroup_root_close(opened);
        return result;
    }
    *root = opened;
    return 0;
}

void cgroup_root_close(struct cgroup_root *root)
{
    if (!root)
        return;
    if (root->base.dir[TREE_V2] >= 0)
        base_leave(root);
    for (int tree = 0; tree < CGROUP_HIERARCHIES; tree++) {
        fd_close(&root->base.dir[tree]);
        free(root->trees[tree].path);
        free(root->trees[tree].mount);
    }
    free(root->base.path);
    free(root);
}

enum cgroup_mode cgroup_root_mode(const struct cgroup_root *root)
{
    return root->mode;
}

void cgroup_root_describe(const struct cgroup_root *root, char *text, size_t size)
{
    bool v2 = root->mode == CGROUP_V2;
    int used = snprintf(text, size, v2 ? "v2 at %s" : "hybrid: v2 identity at %s", root->trees[TREE_V2].path);
    for (int tree = 1; tree < root->tree_count && used >= 0 && (size_t)used < size; tree++) {
        char names[64] = "";
        size_t length = 0;
        for (enum controller i = 0; i < CONTROLLER_COUNT; i++)
            if (root->where[i] == tree)
                length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", length ? "," : "",
                                           controller_name(i));
        used += snprintf(text + used, size - (size_t)used, ", v1 %s at %s", names, root->trees[tree].path);
    }
}
