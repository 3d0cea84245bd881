#include "runner/sandbox/remount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "runner/support/fd.h"

/* A line of mountinfo: two paths of at most PATH_MAX, each byte escaped to four at worst. */
#define LINE_MAX_BYTES (16 * 1024)

static const struct {
    const char *name;
    unsigned long flag;
} options[] = {{"noexec", MS_NOEXEC},     {"noatime", MS_NOATIME}, {"nodiratime", MS_NODIRATIME},
               {"relatime", MS_RELATIME}, {"nosuid", MS_NOSUID},   {"nodev", MS_NODEV},
               {"ro", MS_RDONLY}};

static unsigned long parse_options(const char *text)
{
    unsigned long flags = 0;
    while (*text) {
        size_t length = strcspn(text, ",");
        for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
            if (strlen(options[i].name) == length && strncmp(options[i].name, text, length) == 0)
                flags |= options[i].flag;
        text += length;
        text += *text == ',';
    }
    return flags;
}

/* seq_path() in fs/seq_file.c writes blanks, tabs, newlines and backslashes as \ooo. */
static void unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from; to++) {
        if (from[0] == '\\' && from[1] && from[2] && from[3]) {
            *to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = 0;
}

/* 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw */
static int remount_line(char *line, const char *place, bool writable)
{
    char *fields[6];
    char *rest = line;
    for (size_t i = 0; i < 6; i++) {
        fields[i] = strsep(&rest, " ");
        if (!rest) {
            errno = EPROTO;
            return -1;
        }
    }
    char *path = fields[4];
    unescape(path);
    size_t length = strlen(place);
    if (strncmp(path, place, length) != 0 || (path[length] && path[length] != '/'))
        return 0;
    unsigned long flags = parse_options(fields[5]) | MS_NOSUID | MS_NODEV | (writable ? 0 : MS_RDONLY);
    if (mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | flags, NULL) == 0)
        return 0;
    /* Mounted over, so out of reach by path for us and for everybody inside. */
    return errno == ENOENT || errno == EINVAL ? 0 : -1;
}

int remount_tree(int proc, const char *place, bool writable)
{
    if (mount(NULL, place, NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return -1;
    AUTO_FD fd = openat(proc, "self/mountinfo", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    char buffer[LINE_MAX_BYTES];
    size_t used = 0;
    for (;;) {
        ssize_t n = read(fd, buffer + used, sizeof buffer - used);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -1 : 0;
        used += (size_t)n;
        char *start = buffer;
        char *end;
        while ((end = memchr(start, '\n', used - (size_t)(start - buffer)))) {
            *end = 0;
            if (remount_line(start, place, writable) < 0)
                return -1;
            start = end + 1;
        }
        used -= (size_t)(start - buffer);
        memmove(buffer, start, used);
        if (used == sizeof buffer) {
            errno = ENAMETOOLONG;
            return -1;
        }
    }
}
