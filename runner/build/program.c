#include "runner/build/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/support/fd.h"

/* A file with an execute bit, as execvp(3) looks for it; a folder is passed over. */
static bool is_program(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 0111);
}

static char *search_path(const char *name)
{
    const char *path = getenv("PATH");
    AUTO_FREE char *copy = path ? strdup(path) : NULL;
    char *rest = copy;
    for (char *folder; (folder = strsep(&rest, ":"));) {
        char *candidate;
        if (folder[0] != '/' || asprintf(&candidate, "%s/%s", folder, name) < 0)
            continue;
        if (is_program(candidate))
            return candidate;
        free(candidate);
    }
    return NULL;
}

int program_open(const char *what, const char *demo, char **path, int *fd, struct error *error)
{
    AUTO_FREE char *found = strchr(what, '/') ? strdup(what) : search_path(what);
    if (!found)
        return error_mend(error, ERROR_DEMO, 0, "Give its path, or put it into PATH",
                          "demo %s cannot start: there is no program %s in PATH", demo, what);
    AUTO_FREE char *real = realpath(found, NULL);
    if (!real)
        return error_set(error, ERROR_DEMO, errno, "demo %s cannot start: find its program %s", demo, found);
    AUTO_FD opened = open(real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    if (opened < 0 || fstat(opened, &status) < 0)
        return error_set(error, ERROR_DEMO, errno, "demo %s cannot start: read its program %s", demo, real);
    if (!S_ISREG(status.st_mode))
        return error_set(error, ERROR_DEMO, 0, "demo %s cannot start: %s is not a file", demo, real);
    if (!(status.st_mode & 0111))
        return error_mend(error, ERROR_DEMO, 0, "Set its execute bit: chmod +x",
                          "demo %s cannot start: %s is not executable", demo, real);
    *path = real;
    real = NULL;
    *fd = fd_take(&opened);
    return 0;
}
