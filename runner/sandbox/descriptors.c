#include "runner/sandbox/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <unistd.h>

int descriptors_lift(int *fd)
{
    if (*fd > 2)
        return 0;
    int lifted = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
    if (lifted < 0)
        return -errno;
    *fd = lifted;
    return 0;
}

/* The highest number that a descriptor may have. The kernel has no cheap answer; the limit may have been
   lowered after descriptors were opened, so this is a fallback of the fallback (close_range: Linux 5.9). */
static int highest(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_max > INT_MAX)
        return 1 << 20;
    return (int)limit.rlim_max;
}

/* For kernels without close_range, or without CLOSE_RANGE_CLOEXEC (5.11). */
static int walk(unsigned first, unsigned last, bool on_exec)
{
    unsigned top = (unsigned)highest();
    for (unsigned fd = first; fd <= last && fd <= top; fd++) {
        if (!on_exec)
            close((int)fd);
        else if (fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0 && errno != EBADF)
            return -errno;
    }
    return 0;
}

static int range(unsigned first, unsigned last, bool on_exec)
{
    if (first > last || close_range(first, last, on_exec ? CLOSE_RANGE_CLOEXEC : 0) == 0)
        return 0;
    if (errno != ENOSYS && errno != EINVAL && errno != EPERM)
        return -errno;
    return walk(first, last, on_exec);
}

int descriptors_close_others(int *keep, size_t count)
{
    for (size_t i = 1; i < count; i++) /* insertion sort: qsort may allocate */
        for (size_t j = i; j && keep[j - 1] > keep[j]; j--) {
            int larger = keep[j - 1];
            keep[j - 1] = keep[j];
            keep[j] = larger;
        }
    unsigned from = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned kept = (unsigned)keep[i];
        int result = kept > from ? range(from, kept - 1, false) : 0;
        if (result < 0)
            return result;
        from = kept >= from ? kept + 1 : from;
    }
    return range(from, ~0U, false);
}

int descriptors_close_on_exec(int first)
{
    return range((unsigned)first, ~0U, true);
}
