#include "runner/manifest/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/manifest/checks.h"
#include "runner/manifest/paths.h"
#include "runner/manifest/utf8.h"
#include "runner/manifest/walk.h"
#include "runner/support/fd.h"

static const char byte_order_mark[] = "\xef\xbb\xbf";

static int no_memory(struct error *error, const char *path)
{
    struct quote text;
    error_set(error, ERROR_INTERNAL, ENOMEM, "read the manifest %s", quote(&text, path, strlen(path)));
    return -ENOMEM;
}

/* Where diagnostics go; both NULL: into the error. */
struct sink {
    FILE *out;
    json_t *list;
};

/* Prints what was found and counts it in `error`; without a sink `error` gets as much of it as it holds. */
static int report(struct diagnostics *diagnostics, const struct sink *sink, struct error *error)
{
    char text[sizeof error->text];
    struct quote path;
    size_t count = diagnostics->count + diagnostics->dropped;
    if (sink->out)
        diagnostics_print(diagnostics, sink->out);
    if (sink->list)
        diagnostics_list(diagnostics, sink->list);
    if (sink->out || sink->list) {
        return error_set(error, ERROR_USAGE, 0, "%zu error%s in the manifest %s", count,
                         count == 1 ? "" : "s", quote(&path, diagnostics->path, strlen(diagnostics->path)));
    }
    diagnostics_text(diagnostics, text, sizeof text);
    return error_set(error, ERROR_USAGE, 0, "%s", text);
}

static int keep_source(struct experiment *experiment, const char *path, const char *data, size_t size)
{
    experiment->path = paths_absolute(path);
    experiment->source = malloc(size + 1);
    if (!experiment->path || !experiment->source)
        return -ENOMEM;
    memcpy(experiment->source, data, size);
    experiment->source[size] = 0;
    experiment->source_size = size;
    return 0;
}

/* The tree into the experiment; -ENOMEM or 0, with diagnostics for all that is wrong. */
static int fill(struct values *values, struct experiment *experiment)
{
    struct diagnostics *diagnostics = values->diagnostics;
    struct tree *tree = NULL;
    int result = tree_parse(diagnostics->source, diagnostics->size, diagnostics, &tree);
    if (result)
        return result == -ENOMEM ? result : 0;
    walk_manifest(values, tree->root, experiment);
    checks_run(diagnostics, tree->root, experiment);
    tree_free(tree);
    return values->no_memory || diagnostics->no_memory ? -ENOMEM : 0;
}

static int parse(const char *path, const char *data, size_t size, bool look, const struct sink *sink,
                 struct experiment **experiment, struct error *error)
{
    size_t skip = size >= 3 && memcmp(data, byte_order_mark, 3) == 0 ? 3 : 0;
    struct diagnostics diagnostics = {.path = path, .source = data + skip, .size = size - skip};
    struct experiment *fresh = calloc(1, sizeof *fresh);
    if (!fresh)
        return no_memory(error, path);
    int result = keep_source(fresh, path, data, size);
    AUTO_FREE char *folder = result ? NULL : paths_folder(fresh->path);
    struct values values = {.diagnostics = &diagnostics, .folder = folder, .look = look};
    result = folder ? fill(&values, fresh) : -ENOMEM;
    if (result)
        result = no_memory(error, path);
    else if (diagnostics_any(&diagnostics))
        result = report(&diagnostics, sink, error);
    diagnostics_free(&diagnostics);
    if (result)
        experiment_free(fresh);
    else
        *experiment = fresh;
    return result;
}

int manifest_parse(const char *path, const char *data, size_t size, FILE *diagnostics,
                   struct experiment **experiment, struct error *error)
{
    struct quote text;
    if (size > MANIFEST_MAX_BYTES)
        return error_set(error, ERROR_USAGE, EFBIG, "%s is larger than a manifest may be (1 MiB)",
                         quote(&text, path, strlen(path)));
    return parse(path, data, size, false, &(struct sink){diagnostics, NULL}, experiment, error);
}

/* Opens a regular file that is no symbolic link: what a stranger's link points to would be shown in the
   messages. O_NONBLOCK: a FIFO must not hold us up. */
static int open_manifest(const char *path, struct error *error)
{
    struct quote text;
    struct stat status;
    const char *shown = quote(&text, path, strlen(path));
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno == ELOOP)
        return error_mend(error, ERROR_USAGE, ELOOP, "Name the file that the link points to.",
                          "the manifest %s is a symbolic link", shown);
    if (fd < 0)
        return error_set(error, ERROR_USAGE, errno, "open the manifest %s", shown);
    if (fstat(fd, &status) != 0)
        return error_set(error, ERROR_INTERNAL, errno, "look at the manifest %s", shown);
    if (!S_ISREG(status.st_mode))
        return error_set(error, ERROR_USAGE, S_ISDIR(status.st_mode) ? EISDIR : EINVAL,
                         "the manifest %s is not a regular file", shown);
    if (status.st_size > MANIFEST_MAX_BYTES)
        return error_set(error, ERROR_USAGE, EFBIG, "%s is larger than a manifest may be (1 MiB)", shown);
    return fd_take(&fd);
}

/* Reads what is there, at most `room` bytes: the file may grow while we read. */
static ssize_t read_all(int fd, char *data, size_t room)
{
    size_t used = 0;
    while (used < room) {
        ssize_t count = read(fd, data + used, room - used);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return -errno;
        if (count == 0)
            break;
        used += (size_t)count;
    }
    return (ssize_t)used;
}

static int load(const char *path, const struct sink *sink, struct experiment **experiment,
                struct error *error)
{
    struct quote text;
    int opened = open_manifest(path, error);
    if (opened < 0)
        return opened;
    AUTO_FD fd = opened;
    AUTO_FREE char *data = malloc(MANIFEST_MAX_BYTES + 1);
    if (!data)
        return no_memory(error, path);
    ssize_t size = read_all(fd, data, MANIFEST_MAX_BYTES + 1);
    if (size < 0)
        return error_set(error, ERROR_INTERNAL, (int)-size, "read the manifest %s",
                         quote(&text, path, strlen(path)));
    if (size > MANIFEST_MAX_BYTES)
        return error_set(error, ERROR_USAGE, EFBIG, "%s is larger than a manifest may be (1 MiB)",
                         quote(&text, path, strlen(path)));
    return parse(path, data, (size_t)size, true, sink, experiment, error);
}

int manifest_load(const char *path, FILE *diagnostics, struct experiment **experiment, struct error *error)
{
    return load(path, &(struct sink){diagnostics, NULL}, experiment, error);
}

int manifest_load_listing(const char *path, FILE *diagnostics, json_t *list, struct experiment **experiment,
                          struct error *error)
{
    return load(path, &(struct sink){diagnostics, list}, experiment, error);
}
