#include "runner/support/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void fd_cleanup(int *fd)
{
    fd_close(fd);
}

void free_cleanup(void *pointer)
{
    free(*(void **)pointer);
}

int fd_take(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

void fd_close(int *fd)
{
    int saved = errno;
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = saved;
}

int fd_write_all(int fd, const void *data, size_t size)
{
    const char *at = data;
    while (size) {
        ssize_t n = write(fd, at, size);
        if (n < 0) {
            if (errno == EINTR)
                continue;
            return -errno;
        }
        at += n;
        size -= (size_t)n;
    }
    return 0;
}

static int read_rest(int fd, size_t limit, char **data, size_t *size)
{
    size_t room = 4096;
    size_t used = 0;
    char *buffer = malloc(room);
    if (!buffer)
        return -ENOMEM;
    for (;;) {
        if (used + 1 >= room) {
            char *larger = realloc(buffer, room * 2);
            if (!larger) {
                free(buffer);
                return -ENOMEM;
            }
            buffer = larger;
            room *= 2;
        }
        ssize_t n = read(fd, buffer + used, room - used - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || used + (size_t)(n < 0 ? 0 : n) > limit) {
            int result = n < 0 ? -errno : -EFBIG;
            free(buffer);
            return result;
        }
        if (n == 0)
            break;
        used += (size_t)n;
    }
    buffer[used] = 0;
    *data = buffer;
    *size = used;
    return 0;
}

int fd_read_file(int dir, const char *path, size_t limit, char **data, size_t *size)
{
    AUTO_FD fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    return read_rest(fd, limit, data, size);
}

int fd_read_text(int dir, const char *path, char *text, size_t size)
{
    AUTO_FD fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    size_t used = 0;
    while (used + 1 < size) {
        ssize_t n = read(fd, text + used, size - used - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        used += (size_t)n;
    }
    if (used && text[used - 1] == '\n')
        used--;
    text[used] = 0;
    return 0;
}

int fd_write_text(int dir, const char *path, const char *text)
{
    AUTO_FD fd = openat(dir, path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t n = write(fd, text, strlen(text));
    return n < 0 ? -errno : 0;
}

static int remove_children(int dir, const char *path)
{
    int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    DIR *listing = fdopendir(fd);
    if (!listing) {
        int result = -errno;
        close(fd);
        return result;
    }
    int result = 0;
    struct dirent *entry;
    while (result == 0 && (entry = readdir(listing))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        result = fd_remove_tree(fd, entry->d_name);
    }
    closedir(listing);
    return result;
}

int fd_remove_tree(int dir, const char *path)
{
    if (unlinkat(dir, path, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return -errno;
    int result = remove_children(dir, path);
    if (result < 0)
        return result;
    return unlinkat(dir, path, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

int fd_make_path(int dir, const char *path)
{
    AUTO_FREE char *copy = strdup(path);
    if (!copy)
        return -ENOMEM;
    for (char *at = copy + 1;; at++) {
        char here = *at;
        if (here != '/' && here != 0)
            continue;
        *at = 0;
        if (mkdirat(dir, copy, 0755) < 0 && errno != EEXIST)
            return -errno;
        *at = here;
        if (here == 0)
            return 0;
    }
}

int fd_copy(int from, int to)
{
    char buffer[65536];
    for (;;) {
        ssize_t n = copy_file_range(from, NULL, to, NULL, 1 << 30, 0);
        if (n == 0)
            return 0;
        if (n < 0)
            break;
    }
    if (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
        return -errno;
    for (;;) {
        ssize_t n = read(from, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : 0;
        int result = fd_write_all(to, buffer, (size_t)n);
        if (result < 0)
            return result;
    }
}

uint64_t clock_monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
