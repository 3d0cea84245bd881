#include "runner/build/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/support/fd.h"

struct walk {
    const char *name;
    uid_t uid;
    gid_t gid;
    struct tree_facts *facts;
    struct error *error;
    crypto_hash_sha256_state hash;
    uint64_t entries;
    char path[PATH_MAX]; /* of the folder that is being copied, with a final slash; "" at the top */
};

static int copy_folder(struct walk *walk, int from, int to, unsigned depth);

static int fail(struct walk *walk, int number, const char *what, const char *entry)
{
    return error_set(walk->error, ERROR_INTERNAL, number, "%s %s%s of the sources in %s", what, walk->path,
                     entry, walk->name);
}

static int too_large(struct walk *walk, const char *what)
{
    return error_mend(walk->error, ERROR_DEMO, 0,
                      "Give the demo a go.mod of its own, so that only its folder is copied",
                      "the sources in %s are more than a demo's: %s", walk->name, what);
}

static void note(struct walk *walk, const char *entry, const char *why)
{
    size_t used = strlen(walk->facts->notes);
    snprintf(walk->facts->notes + used, sizeof walk->facts->notes - used, "left out: %s%s (%s)\n", walk->path,
             entry, why);
}

/* type, path, NUL, size: no two different trees can yield the same bytes. */
static void hash_entry(struct walk *walk, char type, const char *entry, uint64_t size)
{
    crypto_hash_sha256_update(&walk->hash, (const unsigned char *)&type, 1);
    crypto_hash_sha256_update(&walk->hash, (const unsigned char *)walk->path, strlen(walk->path));
    crypto_hash_sha256_update(&walk->hash, (const unsigned char *)entry, strlen(entry) + 1);
    unsigned char bytes[8];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(size >> (8 * i));
    crypto_hash_sha256_update(&walk->hash, bytes, sizeof bytes);
}

/* Copies exactly `size` bytes, so that a file that grows meanwhile still agrees with its hash. */
static int copy_bytes(struct walk *walk, int in, int out, uint64_t size)
{
    unsigned char buffer[65536];
    while (size) {
        ssize_t n = read(in, buffer, size < sizeof buffer ? size : sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -ESTALE;
        crypto_hash_sha256_update(&walk->hash, buffer, (size_t)n);
        int result = fd_write_all(out, buffer, (size_t)n);
        if (result < 0)
            return result;
        size -= (uint64_t)n;
    }
    return 0;
}

static int copy_file(struct walk *walk, int from, int to, const char *entry)
{
    AUTO_FD in = openat(from, entry, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    if (in < 0 || fstat(in, &status) < 0)
        return fail(walk, errno, "read", entry);
    if (!S_ISREG(status.st_mode))
        return fail(walk, ESTALE, "read", entry);
    walk->facts->files++;
    walk->facts->bytes += (uint64_t)status.st_size;
    if (walk->facts->bytes > TREE_BYTES_MAX)
        return too_large(walk, "over 2 GiB");
    bool executable = status.st_mode & S_IXUSR;
    AUTO_FD out = openat(to, entry, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, executable ? 0755 : 0644);
    if (out < 0)
        return fail(walk, errno, "copy", entry);
    hash_entry(walk, executable ? 'x' : 'f', entry, (uint64_t)status.st_size);
    int result = copy_bytes(walk, in, out, (uint64_t)status.st_size);
    if (result == 0 && walk->uid != (uid_t)-1 && fchown(out, walk->uid, walk->gid) < 0)
        result = -errno;
    return result < 0 ? fail(walk, -result, "copy", entry) : 0;
}

static unsigned depth_of(const char *path)
{
    unsigned depth = 0;
    for (; *path; path++)
        depth += *path == '/';
    return depth;
}

/* Does a link in the current folder stay below the top? Decided on its text: what lies behind other links is
   inside the sandbox in any case. */
static bool stays_inside(const struct walk *walk, const char *target)
{
    if (target[0] == '/' || target[0] == 0)
        return false;
    int depth = (int)depth_of(walk->path);
    while (*target) {
        size_t length = strcspn(target, "/");
        if (length == 2 && target[0] == '.' && target[1] == '.')
            depth--;
        else if (length > 0 && !(length == 1 && target[0] == '.'))
            depth++;
        if (depth < 0)
            return false;
        target += length + (target[length] == '/');
    }
    return true;
}

static int copy_link(struct walk *walk, int from, int to, const char *entry)
{
    char target[PATH_MAX];
    ssize_t length = readlinkat(from, entry, target, sizeof target - 1);
    if (length < 0)
        return fail(walk, errno, "read the link", entry);
    target[length] = 0;
    if (!stays_inside(walk, target)) {
        note(walk, entry, "a link that leads out of the module");
        return 0;
    }
    if (symlinkat(target, to, entry) < 0)
        return fail(walk, errno, "copy the link", entry);
    hash_entry(walk, 'l', entry, (uint64_t)length);
    crypto_hash_sha256_update(&walk->hash, (const unsigned char *)target, (size_t)length);
    return 0;
}

static int enter_folder(struct walk *walk, int from, int to, const char *entry, unsigned depth)
{
    size_t used = strlen(walk->path);
    if (depth == TREE_DEPTH_MAX || used + strlen(entry) + 2 > sizeof walk->path)
        return too_large(walk, "folders too deep");
    if (mkdirat(to, entry, 0755) < 0)
        return fail(walk, errno, "copy", entry);
    AUTO_FD in = openat(from, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    AUTO_FD out = openat(to, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (in < 0 || out < 0)
        return fail(walk, errno, "open", entry);
    if (walk->uid != (uid_t)-1 && fchown(out, walk->uid, walk->gid) < 0)
        return fail(walk, errno, "give away", entry);
    hash_entry(walk, 'd', entry, 0);
    snprintf(walk->path + used, sizeof walk->path - used, "%s/", entry);
    int result = copy_folder(walk, in, out, depth + 1);
    walk->path[used] = 0;
    return result;
}

static int copy_entry(struct walk *walk, int from, int to, const char *entry, unsigned depth)
{
    struct stat status;
    if (strcmp(entry, ".git") == 0)
        return 0;
    if (++walk->entries > TREE_ENTRIES_MAX)
        return too_large(walk, "over 200,000 entries");
    if (fstatat(from, entry, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return fail(walk, errno, "look at", entry);
    switch (status.st_mode & S_IFMT) {
    case S_IFREG:
        return copy_file(walk, from, to, entry);
    case S_IFDIR:
        return enter_folder(walk, from, to, entry, depth);
    case S_IFLNK:
        return copy_link(walk, from, to, entry);
    default:
        note(walk, entry, "neither a file nor a folder nor a link");
        return 0;
    }
}

static int by_name(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

static int no_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int copy_folder(struct walk *walk, int from, int to, unsigned depth)
{
    struct dirent **entries;
    int count = scandirat(from, ".", &entries, no_dots, by_name);
    if (count < 0)
        return fail(walk, errno, "list", "");
    int result = 0;
    for (int i = 0; i < count; i++) {
        if (result == 0)
            result = copy_entry(walk, from, to, entries[i]->d_name, depth);
        free(entries[i]);
    }
    free(entries);
    return result;
}

int tree_copy(int from, int to, uid_t uid, gid_t gid, const char *name, struct tree_facts *facts,
              struct error *error)
{
    *facts = (struct tree_facts){0};
    struct walk walk = {.name = name, .uid = uid, .gid = gid, .facts = facts, .error = error};
    crypto_hash_sha256_init(&walk.hash);
    int result = copy_folder(&walk, from, to, 0);
    if (result < 0)
        return result;
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&walk.hash, digest);
    sodium_bin2hex(facts->sha256, sizeof facts->sha256, digest, sizeof digest);
    return 0;
}
