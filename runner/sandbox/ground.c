#include "runner/sandbox/ground.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "runner/support/chroot.h"
#include "runner/support/fd.h"

#define TMP_DEFAULT_BYTES (64ULL << 20)
#define HUGE_PAGE_SIZE    "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size"
#define COUNT(table)      (sizeof(table) / sizeof((table)[0]))

static int add_file(struct ground *ground, const char *path, char *content, struct error *error)
{
    if (!content)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "plan the sandbox's %s", path);
    ground->files[ground->file_count++] = (struct ground_file){path, content};
    return 0;
}

static int add_copy(struct ground *ground, const char *path, struct error *error)
{
    char *content = NULL;
    size_t size = 0;
    if (fd_read_file(AT_FDCWD, path, 65536, &content, &size) < 0)
        return 0; /* a host without it runs programs without it */
    return add_file(ground, path, content, error);
}

static char *format(const char *text, ...) __attribute__((format(printf, 1, 2)));
static char *format(const char *text, ...)
{
    char *made = NULL;
    va_list arguments;
    va_start(arguments, text);
    int length = vasprintf(&made, text, arguments);
    va_end(arguments);
    return length < 0 ? NULL : made;
}

static int add_files(const struct ground_user *user, bool network_host, struct ground *ground,
                     struct error *error)
{
    int result = add_file(ground, "/etc/passwd",
                          format("%s:x:%u:%u::/tmp:/bin/sh\n", user->name, user->uid, user->gid), error);
    if (!result)
        result = add_file(ground, "/etc/group", format("%s:x:%u:\n", user->name, user->gid), error);
    if (!result)
        result = add_file(ground, "/etc/hosts", format("127.0.0.1 localhost\n::1 localhost\n"), error);
    if (!result)
        result = add_file(ground, "/etc/nsswitch.conf",
                          format("passwd: files\ngroup: files\nhosts: files%s\n", network_host ? " dns" : ""),
                          error);
    if (!result && network_host)
        result = add_copy(ground, "/etc/resolv.conf", error);
    return result ? result : add_copy(ground, HUGE_PAGE_SIZE, error);
}

int ground_plan(const struct ground_user *user, uint64_t tmp_bytes, bool network_host, struct ground *ground,
                struct error *error)
{
    *ground = (struct ground){0};
    /* An inode is some 1 KiB of the kernel's memory that size= does not count. */
    uint64_t bytes = tmp_bytes ? tmp_bytes : TMP_DEFAULT_BYTES;
    uint64_t inodes = bytes / 4096;
    inodes = inodes < 1024 ? 1024 : inodes > 262144 ? 262144 : inodes;
    snprintf(ground->tmp_options, sizeof ground->tmp_options, "mode=1777,size=%llu,nr_inodes=%llu",
             (unsigned long long)bytes, (unsigned long long)inodes);
    return add_files(user, network_host, ground, error);
}

void ground_free(struct ground *ground)
{
    for (size_t i = 0; i < ground->file_count; i++)
        free(ground->files[i].content);
    ground->file_count = 0;
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

int ground_fail(struct failure *failure, const char *doing, const char *path)
{
    return failure_set(failure, SANDBOX_STEP_MOUNTS, errno, "%s %s", doing, path);
}

/* Into the fresh root, where nobody else has made links yet: paths will do. */
static int write_files(const struct ground *ground, struct failure *failure)
{
    for (size_t i = 0; i < ground->file_count; i++) {
        const struct ground_file *file = &ground->files[i];
        const char *path = file->path + 1;
        AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd < 0 || fd_write_all(fd, file->content, strlen(file->content)) < 0)
            return ground_fail(failure, "write", file->path);
    }
    return 0;
}

static int make_base(const struct ground *ground, struct failure *failure)
{
    umask(0);
    for (size_t i = 0; i < COUNT(directories); i++)
        if (mkdir(directories[i], 0755) < 0)
            return ground_fail(failure, "make", directories[i]);
    for (size_t i = 0; i < COUNT(links); i++)
        if (symlink(links[i].target, links[i].path) < 0)
            return ground_fail(failure, "link", links[i].path);
    for (size_t i = 0; i < COUNT(devices); i++) {
        if (mknod(devices[i].path, S_IFCHR | 0666, makedev(1, devices[i].minor)) == 0)
            continue;
        if (errno != EPERM)
            return ground_fail(failure, "make", devices[i].path);
        /* No device nodes in somebody's user namespace: bind the host's. */
        char source[32];
        snprintf(source, sizeof source, "/%s", devices[i].path);
        if (mknod(devices[i].path, S_IFREG | 0666, 0) < 0 ||
            mount(source, devices[i].path, NULL, MS_BIND, NULL) < 0)
            return ground_fail(failure, "bind", source);
    }
    if (mount("tmpfs", "tmp", "tmpfs", MS_NOSUID | MS_NODEV, ground->tmp_options) < 0)
        return ground_fail(failure, "mount a tmpfs of", "/tmp");
    if (mount("tmpfs", "dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, ground->tmp_options) < 0)
        return ground_fail(failure, "mount a tmpfs of", "/dev/shm");
    return 0;
}

int ground_build(const struct ground *ground, struct failure *failure)
{
    int left = chroot_leave(GROUND_SCAFFOLD);
    if (left < 0)
        return failure_set(failure, SANDBOX_STEP_MOUNTS, -left, "leave a chroot");
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return ground_fail(failure, "make private", "/");
    if (mount("tmpfs", GROUND_SCAFFOLD, "tmpfs", MS_NOSUID, "mode=755,size=2m,nr_inodes=4096") < 0)
        return ground_fail(failure, "mount a tmpfs at", GROUND_SCAFFOLD);
    if (chdir(GROUND_SCAFFOLD) < 0)
        return ground_fail(failure, "enter", GROUND_SCAFFOLD);
    int result = make_base(ground, failure);
    return result ? result : write_files(ground, failure);
}

int ground_enter(struct failure *failure)
{
    /* pivot_root(2), "pivot_root(".", ".")": the old root ends up below the new one at the same place. */
    if (syscall(SYS_pivot_root, ".", ".") < 0)
        return ground_fail(failure, "make the new root", "/");
    if (umount2(".", MNT_DETACH) < 0)
        return ground_fail(failure, "detach", "the old root");
    if (chdir("/") < 0)
        return ground_fail(failure, "enter", "/");
    return 0;
}
