#include "runner/sandbox/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "runner/sandbox/remount.h"
#include "runner/support/chroot.h"
#include "runner/support/fd.h"

/* Where the new root hangs until pivot_root; exists on every host (FHS). */
#define SCAFFOLD "/tmp"

static int fail(struct failure *failure, const char *doing, const char *path)
{
    return failure_set(failure, SANDBOX_STEP_MOUNTS, errno, "%s %s", doing, path);
}

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

static const char *const directories[] = {
    "proc",
    "tmp",
    "etc",
    "dev",
    "dev/shm",
    "var",
    "var/empty",
    "sys",
    "sys/kernel",
    "sys/kernel/mm",
    "sys/kernel/mm/transparent_hugepage",
};

static const struct {
    const char *path;
    unsigned minor; /* of major 1: Documentation/admin-guide/devices.txt */
} devices[] = {{"dev/null", 3}, {"dev/zero", 5}, {"dev/full", 7}, {"dev/random", 8}, {"dev/urandom", 9}};

static const struct {
    const char *path, *target;
} links[] = {{"dev/fd", "/proc/self/fd"},
             {"dev/stdin", "/proc/self/fd/0"},
             {"dev/stdout", "/proc/self/fd/1"},
             {"dev/stderr", "/proc/self/fd/2"}};

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

/* Into the fresh root, where nobody else has made links yet: paths will do. */
static int write_files(const struct blueprint *blueprint, struct failure *failure)
{
    for (size_t i = 0; i < blueprint->file_count; i++) {
        const struct blueprint_file *file = &blueprint->files[i];
        const char *path = file->path + 1;
        AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0 || fd_write_all(fd, file->content, strlen(file->content)) < 0)
            return fail(failure, "write", file->path);
    }
    return 0;
}

static int make_base(const struct blueprint *blueprint, struct failure *failure)
{
    umask(0);
    for (size_t i = 0; i < COUNT(directories); i++)
        if (mkdir(directories[i], 0755) < 0)
            return fail(failure, "make", directories[i]);
    for (size_t i = 0; i < COUNT(links); i++)
        if (symlink(links[i].target, links[i].path) < 0)
            return fail(failure, "link", links[i].path);
    for (size_t i = 0; i < blueprint->link_count; i++)
        if (symlink(blueprint->links[i].target, blueprint->links[i].path + 1) < 0)
            return fail(failure, "link", blueprint->links[i].path);
    for (size_t i = 0; i < COUNT(devices); i++) {
        if (mknod(devices[i].path, S_IFCHR | 0666, makedev(1, devices[i].minor)) == 0)
            continue;
        if (errno != EPERM)
            return fail(failure, "make", devices[i].path);
        /* No device nodes in somebody's user namespace: bind the host's. */
        char source[32];
        snprintf(source, sizeof source, "/%s", devices[i].path);
        if (mknod(devices[i].path, S_IFREG | 0666, 0) < 0 ||
            mount(source, devices[i].path, NULL, MS_BIND, NULL) < 0)
            return fail(failure, "bind", source);
    }
    if (mount("tmpfs", "tmp", "tmpfs", MS_NOSUID | MS_NODEV, blueprint->tmp_options) < 0)
        return fail(failure, "mount a tmpfs of", "/tmp");
    if (mount("tmpfs", "dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, blueprint->tmp_options) < 0)
        return fail(failure, "mount a tmpfs of", "/dev/shm");
    return 0;
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

static int make_binds(int root, const struct blueprint *blueprint, struct failure *failure)
{
    for (size_t i = 0; i < blueprint->bind_count; i++) {
        const struct blueprint_bind *bind = &blueprint->binds[i];
        AUTO_FD target = open_target(root, bind->target, bind->directory);
        if (target < 0)
            return fail(failure, "make the place for the bind", bind->target);
        if (attach(bind, target) < 0)
            return fail(failure, "bind", bind->target);
        if (bind->finished)
            continue;
        char place[PATH_MAX];
        snprintf(place, sizeof place, SCAFFOLD "%s", bind->target);
        if (remount_tree(place, bind->writable) < 0)
            return fail(failure, "make unwritable", bind->target);
    }
    return 0;
}

static int make_proc(struct failure *failure)
{
    if (mount("proc", "proc", "proc", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
        return fail(failure, "mount", "/proc");
    for (size_t i = 0; i < COUNT(masks); i++) {
        const char *cover = masks[i].directory ? "var/empty" : "dev/null";
        if (mount(cover, masks[i].path, NULL, MS_BIND, NULL) < 0 && errno != ENOENT)
            return fail(failure, "mask", masks[i].path);
    }
    return 0;
}

/* Read-only for the mount that is the root: what hangs below keeps its own flags. */
static int close_root(struct failure *failure)
{
    if (mount(NULL, ".", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID, NULL) < 0)
        return fail(failure, "make read-only", "/");
    return 0;
}

int mounts_make(const struct blueprint *blueprint, struct failure *failure)
{
    int left = chroot_leave(SCAFFOLD);
    if (left < 0)
        return failure_set(failure, SANDBOX_STEP_MOUNTS, -left, "leave a chroot");
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return fail(failure, "make private", "/");
    if (mount("tmpfs", SCAFFOLD, "tmpfs", MS_NOSUID, "mode=755,size=2m,nr_inodes=4096") < 0)
        return fail(failure, "mount a tmpfs at", SCAFFOLD);
    if (chdir(SCAFFOLD) < 0)
        return fail(failure, "enter", SCAFFOLD);
    AUTO_FD root = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return fail(failure, "open", SCAFFOLD);
    int result = make_base(blueprint, failure);
    if (!result)
        result = write_files(blueprint, failure);
    if (!result)
        result = make_binds(root, blueprint, failure);
    if (!result)
        result = close_root(failure);
    if (!result)
        result = make_proc(failure);
    if (result)
        return result;
    /* pivot_root(2), "pivot_root(".", ".")": the old root ends up below the new one at the same place. */
    if (syscall(SYS_pivot_root, ".", ".") < 0)
        return fail(failure, "make the new root", "/");
    if (umount2(".", MNT_DETACH) < 0)
        return fail(failure, "detach", "the old root");
    if (chdir("/") < 0)
        return fail(failure, "enter", "/");
    return 0;
}
