#include "runner/build/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/support/fd.h"

#define GO_MOD_MAX ((size_t)1 << 20)

static bool has_go_mod(const char *folder)
{
    char *path;
    struct stat status;
    if (asprintf(&path, "%s/go.mod", folder) < 0)
        return false;
    bool found = stat(path, &status) == 0 && S_ISREG(status.st_mode);
    free(path);
    return found;
}

/* Sets root and below. The folder is resolved first: the real place decides which module it belongs to. */
static int find_module(const char *go_dir, struct source *source, struct error *error)
{
    AUTO_FREE char *real = realpath(go_dir, NULL);
    if (!real)
        return error_set(error, ERROR_DEMO, errno, "find the demo's sources in %s", go_dir);
    source->root = strdup(real);
    if (!source->root)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "find the module of %s", go_dir);
    while (!has_go_mod(source->root)) {
        char *slash = strrchr(source->root, '/');
        if (!slash || slash == source->root)
            return error_mend(
                error, ERROR_DEMO, 0, "Make one there: go mod init NAME",
                "the demo's sources in %s belong to no module: there is no go.mod in it or above it", go_dir);
        *slash = 0;
    }
    source->below = strdup(real + strlen(source->root));
    return source->below ? 0 : error_set(error, ERROR_INTERNAL, ENOMEM, "find the module of %s", go_dir);
}

/* The version behind a line's "go " ("go 1.21 // why"); fresh memory, NULL: another line. */
static char *go_directive(const char *line)
{
    line += strspn(line, " \t\r");
    if (strncmp(line, "go", 2) != 0 || (line[2] != ' ' && line[2] != '\t'))
        return NULL;
    line += 2;
    line += strspn(line, " \t");
    return strndup(line, strcspn(line, " \t\r/"));
}

static void read_copy(int dir, struct source *source)
{
    AUTO_FREE char *text = NULL;
    size_t size;
    struct stat status;
    source->vendored = fstatat(dir, "vendor/modules.txt", &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (fstatat(dir, "go.mod", &status, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(status.st_mode) ||
        fd_read_file(dir, "go.mod", GO_MOD_MAX, &text, &size) < 0)
        return;
    char *rest = text;
    for (char *line; !source->go_line && (line = strsep(&rest, "\n"));)
        source->go_line = go_directive(line);
}

int source_stage(const char *go_dir, const char *copy, uid_t uid, gid_t gid, struct source *source,
                 struct error *error)
{
    *source = (struct source){0};
    int result = find_module(go_dir, source, error);
    if (result < 0)
        return result;
    AUTO_FD from = open(source->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (from < 0)
        return error_set(error, ERROR_DEMO, errno, "open the sources in %s", source->root);
    source->copy = strdup(copy);
    if (!source->copy || mkdir(copy, 0755) < 0)
        return error_set(error, ERROR_INTERNAL, source->copy ? errno : ENOMEM, "make the folder %s", copy);
    AUTO_FD to = open(copy, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (to < 0 || (uid != (uid_t)-1 && fchown(to, uid, gid) < 0))
        return error_set(error, ERROR_INTERNAL, errno, "open the folder %s", copy);
    result = tree_copy(from, to, uid, gid, source->root, &source->facts, error);
    if (result == 0)
        read_copy(to, source);
    return result;
}

void source_free(struct source *source)
{
    free(source->root);
    free(source->below);
    free(source->copy);
    free(source->go_line);
    *source = (struct source){0};
}
