#include "runner/support/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>

#include "runner/support/fd.h"

int netns_own(void)
{
    int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int netns_enter(int network, int *home)
{
    *home = -1;
    if (network < 0)
        return 0;
    int own = netns_own();
    if (own < 0)
        return own;
    if (setns(network, CLONE_NEWNET) < 0) {
        int number = errno;
        fd_close(&own);
        return -number;
    }
    *home = own;
    return 0;
}

int netns_leave(int *home)
{
    int number = *home >= 0 && setns(*home, CLONE_NEWNET) < 0 ? errno : 0;
    fd_close(home);
    return -number;
}
