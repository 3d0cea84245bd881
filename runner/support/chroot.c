#include "runner/support/chroot.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

/* ".." ends at the caller's root, or at that of the namespace for a working directory outside of the root. */
int chroot_leave(const char *inner)
{
    if (chdir("/") < 0 || chroot(inner) < 0)
        return -errno;
    for (bool climbed = true; climbed;) {
        struct stat before, after;
        if (stat(".", &before) < 0 || chdir("..") < 0 || stat(".", &after) < 0)
            return -errno;
        climbed = before.st_ino != after.st_ino || before.st_dev != after.st_dev;
    }
    return chroot(".") < 0 ? -errno : 0;
}
