#include "runner/experiment/leftovers.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "runner/trace/trace.h"

/* Calls `visit` for every folder below `dir`/`name`. */
static void each_folder(int dir, const char *name, void (*visit)(int dir, const char *name))
{
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *listing = fd < 0 ? NULL : fdopendir(fd);
    if (!listing)
        return;
    struct dirent *entry;
    while ((entry = readdir(listing)))
        if (entry->d_name[0] != '.')
            visit(fd, entry->d_name);
    closedir(listing);
}

static void mend_trial(int dir, const char *name)
{
    AUTO_FD trial = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    AUTO_FD trace = trial < 0 ? -1 : openat(trial, "trace", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct error ignored;
    if (trace >= 0)
        trace_recover(trace, &ignored);
}

static void mend_demo(int dir, const char *name)
{
    each_folder(dir, name, mend_trial);
}

void leftovers_mend(int bundle_dir)
{
    fd_remove_tree(bundle_dir, WORK_FOLDER);
    each_folder(bundle_dir, "demos", mend_demo);
}
