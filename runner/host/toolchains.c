/* The row on Go: which toolchains are installed, as their VERSION files tell (no process is started). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/host/check.h"
#include "runner/support/fd.h"

#define OLDEST_MINOR 19 /* the oldest release that the probes know */
#define GET_GO       "apt-get install golang-1.23-go (Debian 12: from bookworm-backports), or scripts/setup build"

struct toolchains {
    char text[sizeof((struct host_row *)0)->detail];
    size_t used;
    int newest; /* minor release */
    char seen[16][PATH_MAX];
    size_t count;
};

/* `goroot` is relative to `root`. VERSION begins "go1.23.5\n" (cmd/dist/build.go, findgoversion). */
static void take(struct toolchains *found, int root, const char *goroot)
{
    char path[PATH_MAX + 16];
    char text[128];
    int minor;
    for (size_t i = 0; i < found->count; i++)
        if (strcmp(found->seen[i], goroot) == 0)
            return;
    if (found->count == sizeof found->seen / sizeof *found->seen)
        return;
    snprintf(path, sizeof path, "%s/bin/go", goroot);
    if (faccessat(root, path, X_OK, 0) < 0)
        return;
    snprintf(path, sizeof path, "%s/VERSION", goroot);
    AUTO_FREE char *data = NULL;
    size_t size;
    if (fd_read_file(root, path, 4096, &data, &size) < 0)
        return;
    snprintf(text, sizeof text, "%.*s", (int)strcspn(data, "\n "), data);
    if (sscanf(text, "go1.%d", &minor) != 1)
        return;
    snprintf(found->seen[found->count++], sizeof *found->seen, "%s", goroot);
    if (found->newest < minor)
        found->newest = minor;
    int n = snprintf(found->text + found->used, sizeof found->text - found->used, "%s%s at /%s",
                     found->used ? ", " : "", text + 2, goroot);
    found->used += n < 0 ? 0 : (size_t)n;
    if (found->used >= sizeof found->text)
        found->used = sizeof found->text - 1;
}

/* Debian and Ubuntu: /usr/lib/go-1.23, whose VERSION is a link into /usr/share that faccessat follows. */
static void take_distribution(struct toolchains *found, int root)
{
    struct dirent **names = NULL;
    int lib = openat(root, "usr/lib", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int count = lib < 0 ? -1 : scandirat(lib, ".", &names, NULL, versionsort);
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];
        if (strncmp(names[i]->d_name, "go-1.", 5) == 0) {
            snprintf(path, sizeof path, "usr/lib/%s", names[i]->d_name);
            take(found, root, path);
        }
        free(names[i]);
    }
    free(names);
    fd_close(&lib);
}

/* A `go` of PATH may be a link: its GOROOT is two steps above what it leads to. */
static void take_path(struct toolchains *found, int root)
{
    const char *path = getenv("PATH");
    AUTO_FREE char *copy = path ? strdup(path) : NULL;
    char *rest = copy;
    for (char *folder; rest && (folder = strsep(&rest, ":"));) {
        char candidate[PATH_MAX];
        char real[PATH_MAX];
        if (folder[0] != '/' ||
            snprintf(candidate, sizeof candidate, "%s/go", folder) >= (int)sizeof candidate ||
            !realpath(candidate, real))
            continue;
        for (int up = 0; up < 2; up++) {
            char *slash = strrchr(real, '/');
            if (slash)
                *slash = 0;
        }
        if (real[0] == '/')
            take(found, root, real + 1);
    }
}

void host_look_go(const struct host_context *context, const struct host_check *check, struct host_row *row)
{
    (void)check;
    struct toolchains *found = calloc(1, sizeof *found);
    if (!found) {
        host_refused(row, ENOMEM, "", "list the toolchains");
        return;
    }
    take_distribution(found, context->root);
    take(found, context->root, "usr/local/go");
    take_path(found, context->root);
    if (found->count == 0)
        host_lacks(row, HOST_MISSING, GET_GO, "none in /usr/lib/go-*, /usr/local/go or PATH");
    else if (found->newest < OLDEST_MINOR)
        host_lacks(row, HOST_MISSING, GET_GO, "%s: the oldest that probes know is 1.%d", found->text,
                   OLDEST_MINOR);
    else
        host_found(row, "%s", found->text);
    free(found);
}
