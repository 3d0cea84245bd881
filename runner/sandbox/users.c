#include "runner/sandbox/users.h"

#include <errno.h>
#include <pwd.h>
#include <stddef.h>

const char *users_name(const char *name)
{
    return name ? name : "nobody";
}

int users_find(const char *name, uid_t *uid, gid_t *gid, struct error *error)
{
    struct passwd entry;
    struct passwd *found = NULL;
    char buffer[4096];
    int number = getpwnam_r(name, &entry, buffer, sizeof buffer, &found);
    if (!found)
        return error_mend(error, ERROR_USAGE, number ? number : ENOENT, "Name one of `getent passwd`",
                          "find the user \"%s\" of the sandbox", name);
    *uid = entry.pw_uid;
    *gid = entry.pw_gid;
    return 0;
}
