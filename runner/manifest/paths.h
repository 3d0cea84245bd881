/* Paths of a manifest: relative ones begin at the manifest's folder. */
#ifndef RUNNER_MANIFEST_PATHS_H
#define RUNNER_MANIFEST_PATHS_H

#include <stdbool.h>

/* The absolute path of a file that need not exist, its folder without symbolic links where the folder exists.
   Allocated; NULL with errno. */
char *paths_absolute(const char *path);
/* The folder part of an absolute path. Allocated; NULL with errno. */
char *paths_folder(const char *path);
/* `path` as seen from `folder` (absolute, without symbolic links). Leading "./" and "../" are resolved by
   name; what comes behind the first other name stays as it is, for a link there may lead anywhere. Allocated;
   NULL with errno. */
char *paths_resolve(const char *folder, const char *path);
/* Whether a part of the path is "..". */
bool paths_climbs(const char *path);
/* Whether an absolute path is one of those that the sandbox makes itself ("/", or /proc, /sys, /dev, /tmp and
   what is below them). */
bool paths_reserved(const char *path);

#endif
