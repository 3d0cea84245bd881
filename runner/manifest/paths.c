#include "runner/manifest/paths.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/support/fd.h"

char *paths_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return strdup(slash ? "/" : ".");
    return strndup(path, (size_t)(slash - path));
}

char *paths_absolute(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    char *absolute = NULL;
    AUTO_FREE char *folder = paths_folder(path);
    if (!folder)
        return NULL;
    AUTO_FREE char *real = realpath(folder, NULL);
    if (real)
        return asprintf(&absolute, "%s/%s", strcmp(real, "/") == 0 ? "" : real, name) < 0 ? NULL : absolute;
    if (*path == '/')
        return strdup(path);
    AUTO_FREE char *here = getcwd(NULL, 0);
    if (!here || asprintf(&absolute, "%s/%s", here, path) < 0)
        return NULL;
    return absolute;
}

char *paths_resolve(const char *folder, const char *path)
{
    char *joined = NULL;
    size_t length = strlen(folder);
    if (*path == '/')
        return strdup(path);
    while (path[0] == '.') {
        size_t dots = path[1] == '.' ? 2 : 1;
        if (path[dots] != '/' && path[dots] != 0)
            break;
        while (dots == 2 && length > 0 && folder[--length] != '/')
            ;
        path += dots;
        while (*path == '/')
            path++;
    }
    while (length > 0 && folder[length - 1] == '/')
        length--;
    if (length == 0 && *path == 0)
        return strdup("/");
    if (asprintf(&joined, "%.*s%s%s", (int)length, folder, *path ? "/" : "", path) < 0)
        return NULL;
    return joined;
}

bool paths_climbs(const char *path)
{
    for (const char *at = path; at; at = strchr(at, '/')) {
        at += *at == '/';
        if (at[0] == '.' && at[1] == '.' && (at[2] == '/' || at[2] == 0))
            return true;
    }
    return false;
}

bool paths_reserved(const char *path)
{
    static const char *const reserved[] = {"/proc", "/sys", "/dev", "/tmp"};
    while (path[0] == '/' && (path[1] == '/' || (path[1] == '.' && (path[2] == '/' || path[2] == 0))))
        path += path[1] == '/' ? 1 : 2;
    if (path[0] == 0 || strcmp(path, "/") == 0)
        return true;
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        size_t length = strlen(reserved[i]);
        if (strncmp(path, reserved[i], length) == 0 && (path[length] == 0 || path[length] == '/'))
            return true;
    }
    return false;
}
