/*
 * Groups of runners that died: found by the owner in their names, killed, removed.
 *
 * The dead runner's own v1 groups need not be ours (a container runtime gives each session a memory group),
 * so its groups are looked for by name in the whole of each v1 hierarchy. That takes a dead runner to be
 * found in v2, where its group is made first and removed last.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup/group.h"
#include "cgroup/tree.h"
#include "runner/support/fd.h"

static bool left_behind(const char *name, const char *prefix, const struct owner *self)
{
    struct owner owner;
    return owner_parse(name, prefix, &owner) && owner_is_dead(&owner, self);
}

#define DEPTH_MAX 64

/* What is looked for below a v1 mount, and which slice stands above it. */
struct search {
    const char *slice;
    const char *name;
    struct error *error;
};

static bool is_group(const struct dirent *entry)
{
    return entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static DIR *list(int dir)
{
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);
    if (!listing && fd >= 0)
        close(fd);
    return listing;
}

/* Removes slice/name below `dir`, where it is, and the slice where it is empty then. 1: it was there. */
static int remove_at(int dir, const struct search *search)
{
    AUTO_FREE char *slice = strdup(search->slice);
    AUTO_FD above = slice ? openat(dir, slice, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (above < 0 || faccessat(above, search->name, F_OK, 0) < 0)
        return 0;
    int result = tree_remove(above, search->name, false, search->error);
    for (char *slash = slice; result == 0 && slash;) {
        if (unlinkat(dir, slice, AT_REMOVEDIR) < 0)
            break;
        slash = strrchr(slice, '/');
        if (slash)
            *slash = 0;
    }
    return result < 0 ? result : 1;
}

static int search_v1(int dir, int depth, const struct search *search)
{
    int result = remove_at(dir, search);
    DIR *listing = result != 0 || depth == DEPTH_MAX ? NULL : list(dir);
    if (!listing)
        return result;
    for (struct dirent *entry; result == 0 && (entry = readdir(listing));) {
        if (!is_group(entry))
            continue;
        AUTO_FD child = openat(dir, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (child >= 0)
            result = search_v1(child, depth + 1, search);
    }
    closedir(listing);
    return result;
}

/* v2 kills everything at once, the v1 groups go, and v2 last: until then the next runner finds it again. */
static int remove_everywhere(const struct cgroup *above, const char *name, struct error *error)
{
    const struct cgroup_root *root = above->root;
    const struct search search = {above->path, name, error};
    AUTO_FD dir = openat(above->dir[TREE_V2], name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    AUTO_FD events = dir < 0 ? -1 : openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
    int result = events < 0 ? 0 : tree_kill_v2(dir, events, name, error);
    for (int tree = 1; tree < root->tree_count && result >= 0; tree++) {
        AUTO_FD top = open(root->trees[tree].mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        result = top < 0 ? 0 : search_v1(top, 0, &search);
    }
    return result < 0 ? result : tree_remove(above->dir[TREE_V2], name, true, error);
}

/* Looks through the v2 directory of `above`. Returns how many groups were removed. */
static int sweep(const struct cgroup *above, const char *prefix, struct error *error)
{
    DIR *listing = list(above->dir[TREE_V2]);
    if (!listing)
        return errno == ENOENT ? 0
                               : error_set(error, ERROR_INTERNAL, errno, "list cgroup %s/%s",
                                           above->root->trees[TREE_V2].path, above->path);
    int count = 0;
    for (struct dirent *entry; count >= 0 && (entry = readdir(listing));) {
        if (!is_group(entry) || !left_behind(entry->d_name, prefix, &above->root->self))
            continue;
        int result = remove_everywhere(above, entry->d_name, error);
        count = result < 0 ? result : count + 1;
    }
    closedir(listing);
    return count;
}

int cgroup_remove_leftovers(struct cgroup_root *root, const char *slice, struct error *error)
{
    int leaves = sweep(&root->base, OWNER_LEAF, error);
    if (leaves < 0)
        return leaves;
    struct cgroup *above;
    int result = cgroup_make_slice(root, slice, GROUP_FIND, &above, error);
    if (result < 0)
        return result == -ENOENT ? leaves : result;
    result = above->dir[TREE_V2] < 0 ? 0 : sweep(above, OWNER_GROUP, error);
    cgroup_leave_slices(above);
    return result < 0 ? result : leaves + result;
}
