#include "runner/sandbox/network.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "runner/support/fd.h"
#include "runner/support/netns.h"

int network_loopback_up(struct failure *failure)
{
    AUTO_FD fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return failure_set(failure, SANDBOX_STEP_NETWORK, errno, "make a socket to set up loopback");
    struct ifreq request = {.ifr_flags = IFF_UP | IFF_RUNNING};
    strcpy(request.ifr_name, "lo");
    if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
        return failure_set(failure, SANDBOX_STEP_NETWORK, errno, "bring loopback up");
    return 0;
}

int network_make(struct failure *failure)
{
    int before = netns_own();
    if (before < 0)
        return failure_set(failure, SANDBOX_STEP_NETWORK, -before, "open the host's network namespace");
    if (unshare(CLONE_NEWNET) < 0) {
        int number = errno;
        fd_close(&before);
        return failure_set(failure, SANDBOX_STEP_NAMESPACES, number, "make a network namespace");
    }
    AUTO_FD made = -1;
    int result = network_loopback_up(failure);
    if (!result) {
        made = netns_own();
        if (made < 0)
            result = failure_set(failure, SANDBOX_STEP_NETWORK, -made, "open the new network namespace");
    }
    int left = netns_leave(&before);
    if (left < 0)
        return failure_set(failure, SANDBOX_STEP_NETWORK, -left, "return to the host's network namespace");
    return result ? result : fd_take(&made);
}
