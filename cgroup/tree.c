#include "cgroup/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/support/fd.h"

#define DEPTH_MAX 256 /* a descriptor is open for each level */
#define PIDS_MAX  (64 << 20)
/* Without cgroup.kill: a process that was between fork and the freezer is found when we look again. */
#define LOOK_AGAIN_MS 20

typedef int each_group(int dir, void *argument);

static int milliseconds_left(uint64_t deadline_ns)
{
    uint64_t now = clock_monotonic_ns();
    return now >= deadline_ns ? 0 : (int)((deadline_ns - now) / 1000000 + 1);
}

static uint64_t deadline_from_now(void)
{
    return clock_monotonic_ns() + (uint64_t)TREE_DEADLINE_MS * 1000000;
}

int tree_parse_populated(const char *events)
{
    const char *at = strstr(events, "populated ");
    return at && (at[10] == '0' || at[10] == '1') ? at[10] - '0' : -1;
}

/* Reading it also tells kernfs that we know this state: the next poll() waits for a change after it. */
static int read_populated(int events)
{
    char text[256];
    ssize_t n = pread(events, text, sizeof text - 1, 0);
    if (n < 0)
        return errno == ENODEV ? 0 : -errno; /* ENODEV: the group was removed meanwhile */
    text[n] = 0;
    int populated = tree_parse_populated(text);
    return populated < 0 ? -EINVAL : populated;
}

/* Calls `each` for `dir` and for every group below it, parents first. */
static int walk(int dir, int depth, each_group *each, void *argument)
{
    int result = each(dir, argument);
    if (result < 0 || depth == DEPTH_MAX)
        return result < 0 ? result : -ELOOP;
    AUTO_FD listing_fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (listing_fd < 0)
        return errno == ENOENT || errno == ENODEV ? 0 : -errno;
    DIR *listing = fdopendir(listing_fd);
    if (!listing)
        return -errno;
    fd_take(&listing_fd);
    for (struct dirent *entry; result >= 0 && (entry = readdir(listing));) {
        if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        AUTO_FD child = openat(dir, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (child >= 0)
            result = walk(child, depth + 1, each, argument);
    }
    closedir(listing);
    return result;
}

/* Kills one process and, with a deadline, waits for its end by its pidfd. */
static int kill_process(pid_t pid, const uint64_t *deadline_ns)
{
    AUTO_FD pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (pidfd < 0)
        return errno == ESRCH || errno == EINVAL ? 0 : -errno;
    if (syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
        return -errno;
    if (!deadline_ns)
        return 0;
    struct pollfd wait = {.fd = pidfd, .events = POLLIN};
    int ready;
    while ((ready = poll(&wait, 1, milliseconds_left(*deadline_ns))) < 0 && errno == EINTR)
        ;
    return ready > 0 ? 0 : -ETIMEDOUT;
}

/* SIGKILL to each process that is listed. 0 stands for a process outside our PID namespace. A threaded group
   answers EOPNOTSUPP: its processes are listed in the group above it. */
static int kill_listed(int dir, void *deadline_ns)
{
    AUTO_FREE char *text = NULL;
    size_t size;
    int result = fd_read_file(dir, "cgroup.procs", PIDS_MAX, &text, &size);
    if (result < 0)
        return result == -EOPNOTSUPP || result == -ENOENT || result == -ENODEV ? 0 : result;
    for (char *at = text, *end; (end = strchr(at, '\n')); at = end + 1) {
        long pid = strtol(at, NULL, 10);
        if (pid <= 0 || pid == getpid())
            continue;
        result = kill_process((pid_t)pid, deadline_ns);
        if (result < 0)
            return result;
    }
    return 0;
}

int tree_kill_v2(int dir, int events, const char *what, struct error *error)
{
    uint64_t deadline = deadline_from_now();
    int populated = read_populated(events);
    if (populated == 0)
        return 0;
    bool by_hand = fd_write_text(dir, "cgroup.kill", "1") < 0;
    if (by_hand)
        fd_write_text(dir, "cgroup.freeze", "1");
    for (;;) {
        int result = by_hand ? walk(dir, 0, kill_listed, NULL) : 0;
        if (result < 0)
            return error_set(error, ERROR_INTERNAL, -result, "kill the processes of cgroup %s", what);
        populated = read_populated(events);
        if (populated == 0)
            return 0;
        if (populated < 0)
            return error_set(error, ERROR_INTERNAL, -populated, "read cgroup.events of %s", what);
        int left = milliseconds_left(deadline);
        if (left == 0)
            break;
        struct pollfd wait = {.fd = events, .events = POLLPRI};
        if (poll(&wait, 1, by_hand && left > LOOK_AGAIN_MS ? LOOK_AGAIN_MS : left) < 0 && errno != EINTR)
            return error_set(error, ERROR_INTERNAL, errno, "wait for cgroup.events of %s", what);
    }
    return error_mend(
        error, ERROR_INTERNAL, ETIMEDOUT,
        "A process of it hangs in the kernel: look for state D in `ps`, and at its cgroup.procs",
        "cgroup %s still has processes %d s after SIGKILL", what, TREE_DEADLINE_MS / 1000);
}

/* Removes the groups below `dir`, deepest first. rmdir answers EBUSY where a group has groups or processes.
 */
static int remove_below(int dir, int depth)
{
    AUTO_FD listing_fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (listing_fd < 0)
        return errno == ENOENT ? 0 : -errno;
    if (depth == DEPTH_MAX)
        return -ELOOP;
    DIR *listing = fdopendir(listing_fd);
    if (!listing)
        return -errno;
    fd_take(&listing_fd);
    int result = 0;
    for (struct dirent *entry; result == 0 && (entry = readdir(listing));) {
        if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(dir, entry->d_name, AT_REMOVEDIR) == 0 || errno == ENOENT)
            continue;
        AUTO_FD child = openat(dir, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        result = child < 0 ? -errno : remove_below(child, depth + 1);
        if (result == 0 && unlinkat(dir, entry->d_name, AT_REMOVEDIR) < 0 && errno != ENOENT)
            result = -errno;
    }
    closedir(listing);
    return result;
}

/* One round: kill what is in it, remove what is below it. */
static int empty(int parent, const char *name, bool v2, uint64_t deadline, struct error *error)
{
    AUTO_FD dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir < 0)
        return errno == ENOENT ? 0 : error_set(error, ERROR_INTERNAL, errno, "open cgroup %s", name);
    int result;
    if (v2) {
        AUTO_FD events = openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
        if (events < 0)
            return errno == ENODEV || errno == ENOENT
                       ? 0
                       : error_set(error, ERROR_INTERNAL, errno, "open cgroup.events of %s", name);
        result = tree_kill_v2(dir, events, name, error);
        if (result < 0)
            return result;
    } else {
        result = walk(dir, 0, kill_listed, &deadline);
        if (result < 0)
            return error_set(error, ERROR_INTERNAL, -result, "kill the processes of v1 cgroup %s", name);
    }
    result = remove_below(dir, 0);
    if (result < 0 && result != -EBUSY)
        return error_set(error, ERROR_INTERNAL, -result, "remove the groups below cgroup %s", name);
    return 0;
}

int tree_remove(int parent, const char *name, bool v2, struct error *error)
{
    uint64_t deadline = deadline_from_now();
    for (;;) {
        if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
            return 0;
        int number = errno;
        if (number != EBUSY || milliseconds_left(deadline) == 0)
            return error_set(error, ERROR_INTERNAL, number, "remove cgroup %s", name);
        int result = empty(parent, name, v2, deadline, error);
        if (result < 0)
            return result;
    }
}
