#include "runner/sandbox/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/sandbox/ground.h"
#include "runner/sandbox/remount.h"
#include "runner/support/fd.h"

int mounts_detach(int source, bool writable, struct blueprint_bind *bind)
{
    struct stat status;
    if (fstat(source, &status) < 0)
        return -errno;
    bind->directory = S_ISDIR(status.st_mode);
    bind->writable = writable;
    bind->fd = open_tree(source, "", AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (bind->fd < 0 && errno != ENOSYS && errno != EPERM)
        return -errno;
    bind->detached = bind->fd >= 0;
    if (!bind->detached) {
        bind->fd = fcntl(source, F_DUPFD_CLOEXEC, 3);
        return bind->fd < 0 ? -errno : 0;
    }
    struct mount_attr attributes = {
        .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (writable ? 0 : MOUNT_ATTR_RDONLY),
        .propagation = MS_PRIVATE,
    };
    bind->finished =
        mount_setattr(bind->fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) == 0;
    if (bind->finished || errno == ENOSYS || errno == EPERM)
        return 0;
    int result = -errno;
    fd_close(&bind->fd);
    return result;
}

/* What tells of the host or has power over it. Most of it is closed to the demo's user by its mode, and /proc
   is read-only as a whole; what a kernel does not have is passed over. */
static const struct {
    const char *path;
    bool directory;
} masks[] = {{"proc/acpi", true},          {"proc/asound", true},       {"proc/scsi", true},
             {"proc/kcore", false},        {"proc/keys", false},        {"proc/key-users", false},
             {"proc/kallsyms", false},     {"proc/kmsg", false},        {"proc/latency_stats", false},
             {"proc/timer_list", false},   {"proc/timer_stats", false}, {"proc/sched_debug", false},
             {"proc/sysrq-trigger", false}};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Opens (O_PATH) an absolute path below `root`, one part at a time, never through a symbolic link; makes what
   is missing. */
static int open_target(int root, const char *path, bool directory)
{
    AUTO_FD at = fcntl(root, F_DUPFD_CLOEXEC, 3);
    while (at >= 0) {
        path += strspn(path, "/");
        size_t length = strcspn(path, "/");
        if (!length)
            return fd_take(&at);
        char name[NAME_MAX + 1];
        if (length > NAME_MAX) {
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(name, path, length);
        name[length] = 0;
        path += length;
        bool is_directory = directory || path[strspn(path, "/")];
        int made = is_directory ? mkdirat(at, name, 0755) : mknodat(at, name, S_IFREG | 0644, 0);
        /* A read-only file system says EROFS before EEXIST; openat below tells what is true. */
        if (made < 0 && errno != EEXIST && errno != EROFS)
            return -1;
        int next = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        struct stat status;
        if (next >= 0 && fstat(next, &status) == 0 && S_ISLNK(status.st_mode)) {
            fd_close(&next);
            errno = ELOOP;
        }
        fd_close(&at);
        at = next;
    }
    return -1;
}

/* The mount at `bind->fd` appears at `target`. */
static int attach(const struct blueprint_bind *bind, int target)
{
    if (bind->detached &&
        move_mount(bind->fd, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0)
        return 0;
    if (bind->detached)
        return -1;
    /* The descriptor belongs to a mount of runner's namespace; the same place of ours has the same path. */
    char link[32];
    char source[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", bind->fd);
    ssize_t length = readlink(link, source, sizeof source - 1);
    if (length < 0)
        return -1;
    source[length] = 0;
    struct stat meant;
    struct stat found;
    if (fstat(bind->fd, &meant) < 0 || stat(source, &found) < 0)
        return -1;
    if (meant.st_dev != found.st_dev || meant.st_ino != found.st_ino) {
        errno = ESTALE;
        return -1;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", target);
    return mount(source, link, NULL, MS_BIND | MS_REC, NULL);
}

static int make_binds(int root, const struct blueprint *blueprint, const char *ground,
                      struct failure *failure)
{
    for (size_t i = 0; i < blueprint->bind_count; i++) {
        const struct blueprint_bind *bind = &blueprint->binds[i];
        AUTO_FD target = open_target(root, bind->target, bind->directory);
        if (target < 0)
            return ground_fail(failure, "make the place for the bind", bind->target);
        if (attach(bind, target) < 0)
            return ground_fail(failure, "bind", bind->target);
        if (bind->finished)
            continue;
        char place[PATH_MAX];
        snprintf(place, sizeof place, "%s%s", ground, bind->target);
        if (remount_tree(blueprint->proc, place, bind->writable) < 0)
            return ground_fail(failure, "make unwritable", bind->target);
    }
    return 0;
}

static int make_proc(struct failure *failure)
{
    if (mount("proc", "proc", "proc", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
        return ground_fail(failure, "mount", "/proc");
    for (size_t i = 0; i < COUNT(masks); i++) {
        const char *cover = masks[i].directory ? "var/empty" : "dev/null";
        if (mount(cover, masks[i].path, NULL, MS_BIND, NULL) < 0 && errno != ENOENT)
            return ground_fail(failure, "mask", masks[i].path);
    }
    return 0;
}

/* Read-only for the mount that is the root: what hangs below keeps its own flags. */
static int close_root(struct failure *failure)
{
    if (mount(NULL, ".", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID, NULL) < 0)
        return ground_fail(failure, "make read-only", "/");
    return 0;
}

/* System libraries of a merged /usr. */
static int make_links(const struct blueprint *blueprint, struct failure *failure)
{
    for (size_t i = 0; i < blueprint->link_count; i++)
        if (symlink(blueprint->links[i].target, blueprint->links[i].path + 1) < 0)
            return ground_fail(failure, "link", blueprint->links[i].path);
    return 0;
}

/* Into the ground, which is the working directory and has the path `place`. */
static int furnish(const struct blueprint *blueprint, const char *place, struct failure *failure)
{
    AUTO_FD root = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return ground_fail(failure, "open", place);
    int result = make_links(blueprint, failure);
    if (!result)
        result = make_binds(root, blueprint, place, failure);
    if (!result)
        result = close_root(failure);
    return result ? result : make_proc(failure);
}

int mounts_make(const struct blueprint *blueprint, struct failure *failure)
{
    if (blueprint->is_ahead)
        return furnish(blueprint, "", failure);
    int result = ground_build(&blueprint->ground, failure);
    if (!result)
        result = furnish(blueprint, GROUND_SCAFFOLD, failure);
    return result ? result : ground_enter(failure);
}
