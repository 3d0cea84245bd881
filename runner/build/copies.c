#include "runner/build/copies.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/gobin/gobin.h"
#include "runner/support/fd.h"

static int copy_both(int from, int bare, int observed, char sha256[65])
{
    char buffer[65536];
    crypto_hash_sha256_state hash;
    crypto_hash_sha256_init(&hash);
    for (;;) {
        ssize_t n = read(from, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        crypto_hash_sha256_update(&hash, (const unsigned char *)buffer, (size_t)n);
        int result = fd_write_all(bare, buffer, (size_t)n);
        if (result == 0)
            result = fd_write_all(observed, buffer, (size_t)n);
        if (result < 0)
            return result;
    }
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&hash, digest);
    sodium_bin2hex(sha256, 65, digest, sizeof digest);
    return fchmod(bare, 0555) < 0 || fchmod(observed, 0555) < 0 ? -errno : 0;
}

static char *path_of(const char *staging, const char *name, const char *which)
{
    char *path;
    return asprintf(&path, "%s/%s.%s", staging, name, which) < 0 ? NULL : path;
}

static int write_copies(int from, const char *label, struct copies *copies, struct error *error)
{
    AUTO_FD bare = open(copies->bare, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (bare < 0)
        return error_set(error, ERROR_INTERNAL, errno, "make the copy %s of %s", copies->bare, label);
    AUTO_FD observed = open(copies->observed, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (observed < 0)
        return error_set(error, ERROR_INTERNAL, errno, "make the copy %s of %s", copies->observed, label);
    int result = copy_both(from, bare, observed, copies->sha256);
    return result < 0 ? error_set(error, ERROR_INTERNAL, -result, "copy %s to %s", label, copies->bare) : 0;
}

static int read_binary(bool scripts, const char *label, struct copies *copies, struct error *error)
{
    AUTO_FD fd = open(copies->observed, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    char start[8] = {0};
    if (fd < 0 || pread(fd, start, sizeof start, 0) < 0)
        return error_set(error, ERROR_INTERNAL, errno, "read %s", copies->observed);
    if (scripts && start[0] == '#' && start[1] == '!')
        return 0;
    if (memcmp(start, "!<arch>\n", 8) == 0)
        return error_set(error, ERROR_DEMO, 0, "%s is an archive, not a program: its package is not main",
                         label);
    return gobin_open(fd, label, &copies->binary, error);
}

int copies_make(int from, const char *staging, const char *name, bool scripts, const char *label,
                struct copies *copies, struct error *error)
{
    *copies = (struct copies){0};
    copies->bare = path_of(staging, name, "bare");
    copies->observed = path_of(staging, name, "observed");
    if (!copies->bare || !copies->observed)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "copy %s", label);
    int result = write_copies(from, label, copies, error);
    if (result == 0)
        result = read_binary(scripts, label, copies, error);
    if (result < 0) {
        unlink(copies->bare);
        unlink(copies->observed);
    }
    return result;
}

void copies_free(struct copies *copies)
{
    gobin_close(copies->binary);
    free(copies->bare);
    free(copies->observed);
    *copies = (struct copies){0};
}
