#include "cgroup/attribute.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runner/support/fd.h"

static int read_whole(int fd, char *text, size_t size)
{
    ssize_t n = pread(fd, text, size - 1, 0);
    if (n < 0)
        return -errno;
    if (n && text[n - 1] == '\n')
        n--;
    text[n] = 0;
    return 0;
}

int attribute_read(int dir, const char *file, char *text, size_t size)
{
    AUTO_FD fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : read_whole(fd, text, size);
}

int attribute_write(int dir, const char *file, const char *text)
{
    return fd_write_text(dir, file, text);
}

int attribute_set(int dir, const char *file, const char *text, char *back, size_t size)
{
    AUTO_FD fd = openat(dir, file, O_RDWR | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        return -errno;
    return read_whole(fd, back, size);
}
