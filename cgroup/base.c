#include "cgroup/base.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "cgroup/attribute.h"
#include "runner/support/fd.h"

#define DELEGATE                                                                                             \
    "Start it with `systemd-run --scope -p Delegate=yes runner ...`, or make a group, pass the controllers " \
    "on "                                                                                                    \
    "to it, and name it with --cgroup-root"

/* A group that could be the base. */
struct candidate {
    int dir;
    bool own;          /* our process is in it */
    unsigned provided; /* cgroup.controllers */
    unsigned enabled;  /* cgroup.subtree_control */
    char path[512];
};

static bool is_cgroup2(int dir)
{
    struct statfs stat;
    return fstatfs(dir, &stat) == 0 && stat.f_type == CGROUP2_SUPER_MAGIC;
}

static unsigned read_controllers(int dir, const char *file)
{
    char text[512];
    return attribute_read(dir, file, text, sizeof text) < 0 ? 0 : controllers_parse(text, " ");
}

static void look_at(struct candidate *candidate, int own)
{
    char link[64];
    struct stat here;
    struct stat there;
    snprintf(link, sizeof link, "/proc/self/fd/%d", candidate->dir);
    ssize_t n = readlink(link, candidate->path, sizeof candidate->path - 1);
    candidate->path[n < 0 ? 0 : n] = 0;
    candidate->own = own >= 0 && fstat(own, &here) == 0 && fstat(candidate->dir, &there) == 0 &&
                     here.st_ino == there.st_ino && here.st_dev == there.st_dev;
    candidate->provided = read_controllers(candidate->dir, "cgroup.controllers");
    candidate->enabled = read_controllers(candidate->dir, "cgroup.subtree_control");
}

static int enable(const struct candidate *candidate, unsigned controllers)
{
    char text[128];
    return attribute_write(candidate->dir, "cgroup.subtree_control",
                           controllers_format(controllers, '+', text, sizeof text));
}

/* "0" stands for the whole writing process. */
static int enter(int dir)
{
    return attribute_write(dir, "cgroup.procs", "0");
}

static int enter_leaf(struct cgroup_root *root, const struct candidate *candidate)
{
    owner_format(&root->self, OWNER_LEAF, root->leaf);
    if (mkdirat(candidate->dir, root->leaf, 0755) < 0 && errno != EEXIST)
        return -errno;
    AUTO_FD leaf = openat(candidate->dir, root->leaf, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return leaf < 0 ? -errno : enter(leaf);
}

static void leave_leaf(struct cgroup_root *root, int base)
{
    enter(base);
    unlinkat(base, root->leaf, AT_REMOVEDIR);
    root->leaf[0] = 0;
}

/* Passes `controllers` on to the children of the candidate; out of the way where we are what hinders it. */
static int enable_or_move(struct cgroup_root *root, const struct candidate *candidate, unsigned controllers)
{
    int result = enable(candidate, controllers);
    if (result != -EBUSY || !candidate->own)
        return result;
    result = enter_leaf(root, candidate);
    if (result == 0)
        result = enable(candidate, controllers);
    if (result < 0)
        leave_leaf(root, candidate->dir);
    return result;
}

/* Whether the candidate can be the base; makes it one. */
static int try(struct cgroup_root *root, const struct candidate *candidate, unsigned needed,
               struct error *error)
{
    unsigned missing = needed & ~candidate->provided;
    char list[128];
    if (missing)
        return error_mend(error, ERROR_HOST, ENOTSUP, DELEGATE, "cgroup %s has no controllers \"%s\"",
                          candidate->path, controllers_format(missing, '+', list, sizeof list));
    if (faccessat(candidate->dir, "cgroup.procs", W_OK, 0) < 0)
        return error_mend(error, ERROR_HOST, errno,
                          errno == EROFS
                              ? "Mount cgroupfs read-write (in a container: give it its own cgroup "
                                "namespace and write access)"
                              : "Run as root, or " DELEGATE,
                          "write to cgroup %s", candidate->path);
    unsigned lacking = needed & ~candidate->enabled;
    int result = lacking ? enable_or_move(root, candidate, lacking) : 0;
    if (result < 0)
        return error_mend(error, ERROR_HOST, -result,
                          result == -EBUSY ? "Other processes are in this group. " DELEGATE
                                           : "A real-time task in the root group or a parent that does not "
                                             "pass them on can be the cause; " DELEGATE,
                          "pass controllers \"%s\" on to the children of cgroup %s",
                          controllers_format(lacking, '+', list, sizeof list), candidate->path);
    unsigned welcome = CONTROLLER_BIT(CONTROLLER_IO) & candidate->provided & ~candidate->enabled;
    if (needed && welcome)
        enable(candidate, welcome);
    return 0;
}

/* The group above, or -1 at the top of the mount: at the real root, or that of our cgroup namespace. */
static int open_above(int dir)
{
    AUTO_FD above = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return above >= 0 && is_cgroup2(above) ? fd_take(&above) : -1;
}

/* Number of groups between this one and the top of the mount. */
static uint32_t depth(int dir)
{
    uint32_t level = 0;
    AUTO_FD at = open_above(dir);
    while (at >= 0) {
        level++;
        int above = open_above(at);
        fd_close(&at);
        at = above;
    }
    return level;
}

static uint32_t components(const char *path)
{
    uint32_t count = 0;
    for (; *path; path++)
        count += path[0] == '/' && path[1] != 0 && path[1] != '/';
    return count;
}

static int take(struct cgroup_root *root, const struct hierarchy *v2, struct candidate *candidate,
                unsigned needed, struct error *error)
{
    struct cgroup_tree *tree = &root->trees[TREE_V2];
    tree->path = strdup(candidate->path);
    if (!tree->path)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "open cgroup %s", candidate->path);
    /* What v1 binds, v2 does not list. cpuset is passed on when a limit asks for it. */
    root->base.enabled = read_controllers(candidate->dir, "cgroup.subtree_control");
    tree->controllers = needed ? candidate->provided & (root->base.enabled | CONTROLLERS_LATE) : 0;
    root->level = depth(candidate->dir) + components(v2->root);
    root->base.dir[TREE_V2] = fd_take(&candidate->dir);
    return 0;
}

/* The own group failed with `why`: the nearest group above it that passes on what we need, else the top, to
   whose children we may pass anything. */
static int climb(struct cgroup_root *root, struct candidate *candidate, unsigned needed,
                 const struct error *why, struct error *error)
{
    AUTO_FD above = open_above(candidate->dir);
    while (above >= 0) {
        fd_close(&candidate->dir);
        candidate->dir = fd_take(&above);
        look_at(candidate, -1);
        above = open_above(candidate->dir);
        bool passes = (needed & ~candidate->enabled) == 0;
        if ((passes || above < 0) && try(root, candidate, needed, NULL) == 0)
            return 0;
    }
    if (error)
        *error = *why;
    return why->number ? -why->number : -EINVAL;
}

int base_open(struct cgroup_root *root, const struct hierarchy *v2, const char *path, unsigned needed,
              struct error *error)
{
    const char *start = path ? path : v2->directory;
    AUTO_FD own = v2->directory ? open(v2->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    AUTO_FD chosen = start ? open(start, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (chosen < 0)
        return error_mend(error, path ? ERROR_USAGE : ERROR_HOST, errno,
                          "Give --cgroup-root the directory of a cgroup v2 group that you may write to",
                          "open cgroup %s", start ? start : v2->own);
    if (!is_cgroup2(chosen))
        return error_mend(error, path ? ERROR_USAGE : ERROR_HOST, 0,
                          "Give --cgroup-root the directory of a cgroup v2 group, as /proc/self/mountinfo "
                          "shows them with type cgroup2",
                          "%s is no group of cgroup v2", start);
    struct candidate candidate = {.dir = fd_take(&chosen)};
    struct error why = {0};
    look_at(&candidate, own);
    int result = try(root, &candidate, needed, &why);
    if (result < 0 && !path)
        result = climb(root, &candidate, needed, &why, error);
    else if (result < 0 && error)
        *error = why;
    if (result == 0)
        result = take(root, v2, &candidate, needed, error);
    fd_close(&candidate.dir);
    return result;
}

void base_leave(struct cgroup_root *root)
{
    if (!root->leaf[0])
        return;
    /* EBUSY where another runner's groups use the controllers: then we stay, and the leaf is a leftover that
       the next one removes. */
    char text[128];
    int base = root->base.dir[TREE_V2];
    unsigned enabled = read_controllers(base, "cgroup.subtree_control");
    controllers_format(enabled, '-', text, sizeof text);
    if (!enabled || attribute_write(base, "cgroup.subtree_control", text) == 0)
        leave_leaf(root, base);
}
