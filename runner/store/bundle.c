#include "runner/store/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runner/store/files.h"
#include "runner/support/fd.h"

#define PARTIAL ".partial"

struct bundle {
    char *out;      /* as given, for messages and the final path */
    int out_dir;    /* descriptor of out */
    int dir;        /* the staging folder, flocked */
    char name[160]; /* final name */
    char staging[180];
};

static void bundle_free(struct bundle *bundle)
{
    fd_close(&bundle->dir);
    fd_close(&bundle->out_dir);
    free(bundle->out);
    free(bundle);
}

/* `latest` is replaced by rename, so that it always points at something. */
static void update_latest(int out, const char *name)
{
    char temporary[64];
    snprintf(temporary, sizeof temporary, ".latest.%d", (int)getpid());
    unlinkat(out, temporary, 0);
    if (symlinkat(name, out, temporary) == 0 && renameat(out, temporary, out, "latest") < 0)
        unlinkat(out, temporary, 0);
}

/* ".NAME.partial" -> NAME; false for any other name. */
static bool staging_name(const char *entry, char *name, size_t size)
{
    size_t length = strlen(entry);
    size_t tail = strlen(PARTIAL);
    if (entry[0] != '.' || length <= tail + 1 || length - tail > size ||
        strcmp(entry + length - tail, PARTIAL) != 0)
        return false;
    memcpy(name, entry + 1, length - tail - 1);
    name[length - tail - 1] = 0;
    return true;
}

static int recover_one(int out, const char *staging, const char *name, void (*mend)(int dir),
                       struct error *error)
{
    AUTO_FD dir = openat(out, staging, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir < 0 || flock(dir, LOCK_EX | LOCK_NB) < 0)
        return 0; /* its writer lives, or it is gone */
    if (faccessat(dir, "experiment.json", R_OK, 0) < 0)
        return fd_remove_tree(out, staging) == 0 ? 1 : 0;
    if (mend)
        mend(dir);
    int result = file_write_checksums(dir, error);
    if (result < 0)
        return result;
    return renameat(out, staging, out, name) == 0 ? 1 : 0;
}

int bundle_recover(const char *out, void (*mend)(int dir), struct error *error)
{
    DIR *listing = opendir(out);
    if (!listing)
        return errno == ENOENT ? 0 : error_set(error, ERROR_USAGE, errno, "open the output folder %s", out);
    int count = 0;
    struct dirent *entry;
    while (count >= 0 && (entry = readdir(listing))) {
        char name[200];
        if (!staging_name(entry->d_name, name, sizeof name))
            continue;
        int result = recover_one(dirfd(listing), entry->d_name, name, mend, error);
        count = result < 0 ? result : count + result;
    }
    closedir(listing);
    return count;
}

static void make_name(struct bundle *bundle, const char *experiment)
{
    char when[32];
    time_t now = time(NULL);
    struct tm utc;
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
    unsigned char id[3] = {0};
    if (getrandom(id, sizeof id, 0) < 0)
        memcpy(id, &(uint32_t){(uint32_t)getpid()}, sizeof id);
    snprintf(bundle->name, sizeof bundle->name, "%.63s-%s-%02x%02x%02x", experiment, when, id[0], id[1],
             id[2]);
    snprintf(bundle->staging, sizeof bundle->staging, ".%s" PARTIAL, bundle->name);
}

int bundle_create(const char *out, const char *experiment, struct bundle **result, struct error *error)
{
    int made = fd_make_path(AT_FDCWD, out);
    if (made < 0)
        return error_mend(error, ERROR_USAGE, -made, "Name another folder by --out DIR.",
                          "make the output folder %s", out);
    struct bundle *bundle = calloc(1, sizeof *bundle);
    if (!bundle)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "make a bundle");
    bundle->dir = -1;
    bundle->out = strdup(out);
    bundle->out_dir = open(out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    make_name(bundle, experiment);
    if (bundle->out_dir < 0 || mkdirat(bundle->out_dir, bundle->staging, 0755) < 0 ||
        (bundle->dir = openat(bundle->out_dir, bundle->staging, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 ||
        flock(bundle->dir, LOCK_EX | LOCK_NB) < 0) {
        int number = errno;
        bundle_free(bundle);
        return error_mend(error, number == ENOSPC ? ERROR_INTERNAL : ERROR_USAGE, number,
                          "Name another folder by --out DIR.", "make a bundle in %s", out);
    }
    *result = bundle;
    return 0;
}

int bundle_dir(const struct bundle *bundle)
{
    return bundle->dir;
}

const char *bundle_name(const struct bundle *bundle)
{
    return bundle->name;
}

int bundle_trial_dir(const struct bundle *bundle, const char *demo, unsigned number, const char *role,
                     char *path, size_t size, struct error *error)
{
    snprintf(path, size, "demos/%s/trial-%03u-%s", demo, number, role);
    int result = fd_make_path(bundle->dir, path);
    int fd = result < 0 ? result : openat(bundle->dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return error_set(error, ERROR_INTERNAL, result < 0 ? -result : errno, "make %s in the bundle", path);
    return fd;
}

int bundle_finish(struct bundle *bundle, char *path, size_t size, struct error *error)
{
    int result = file_write_checksums(bundle->dir, error);
    if (result == 0 && syncfs(bundle->dir) < 0)
        result = error_set(error, ERROR_INTERNAL, errno, "write the bundle in %s to the disk", bundle->out);
    if (result == 0 && renameat(bundle->out_dir, bundle->staging, bundle->out_dir, bundle->name) < 0)
        result = error_set(error, ERROR_INTERNAL, errno, "rename %s/%s", bundle->out, bundle->staging);
    if (result == 0) {
        update_latest(bundle->out_dir, bundle->name);
        snprintf(path, size, "%s/%s", bundle->out, bundle->name);
    }
    bundle_free(bundle);
    return result;
}

void bundle_abandon(struct bundle *bundle)
{
    bundle_free(bundle);
}

void bundle_discard(struct bundle *bundle)
{
    if (!bundle)
        return;
    fd_remove_tree(bundle->out_dir, bundle->staging);
    bundle_free(bundle);
}

#define NAME_A_BUNDLE "Name a folder that a run left, such as runs/latest."

int bundle_open(const char *path, json_t **experiment, struct error *error)
{
    AUTO_FD dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0 && errno == ENOTDIR)
        return error_mend(error, ERROR_USAGE, 0, NAME_A_BUNDLE, "%s is no bundle: it is no folder", path);
    if (dir < 0)
        return error_set(error, ERROR_USAGE, errno, "open the bundle %s", path);
    if (faccessat(dir, "experiment.json", F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
        return error_mend(error, ERROR_USAGE, 0, NAME_A_BUNDLE, "%s is no bundle: it has no experiment.json",
                          path);
    char what[4200];
    snprintf(what, sizeof what, "%s/experiment.json", path);
    json_t *parsed = NULL;
    int result = file_read_json(dir, "experiment.json", what, &parsed, error);
    if (result < 0)
        return result;
    json_int_t schema = json_integer_value(json_object_get(parsed, "schema"));
    if (schema < 1 || schema > BUNDLE_SCHEMA) {
        json_decref(parsed);
        return error_mend(error, ERROR_USAGE, 0, "Use a newer runner.",
                          "%s has schema %lld, this runner reads no later one than %d", what,
                          (long long)schema, BUNDLE_SCHEMA);
    }
    if (experiment)
        *experiment = parsed;
    else
        json_decref(parsed);
    return fd_take(&dir);
}
