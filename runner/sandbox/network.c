#include "runner/sandbox/network.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "runner/support/fd.h"

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

#define OWN_NAMESPACE "/proc/thread-self/ns/net"

int network_make(struct failure *failure)
{
    AUTO_FD before = open(OWN_NAMESPACE, O_RDONLY | O_CLOEXEC);
    if (before < 0)
        return failure_set(failure, SANDBOX_STEP_NETWORK, errno, "open %s", OWN_NAMESPACE);
    if (unshare(CLONE_NEWNET) < 0)
        return failure_set(failure, SANDBOX_STEP_NAMESPACES, errno, "make a network namespace");
    AUTO_FD made = -1;
    int result = network_loopback_up(failure);
    if (!result) {
        made = open(OWN_NAMESPACE, O_RDONLY | O_CLOEXEC);
        if (made < 0)
            result = failure_set(failure, SANDBOX_STEP_NETWORK, errno, "open %s", OWN_NAMESPACE);
    }
    if (setns(before, CLONE_NEWNET) < 0)
        return failure_set(failure, SANDBOX_STEP_NETWORK, errno, "return to the host's network namespace");
    return result ? result : fd_take(&made);
}
