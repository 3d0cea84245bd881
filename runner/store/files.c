#include "runner/store/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/support/fd.h"

#define JSON_LIMIT (256u << 20)
#define PATH_ROOM  4096

int file_write(int dir, const char *name, const void *data, size_t size, struct error *error)
{
    char temporary[256];
    snprintf(temporary, sizeof temporary, ".%s.new", name);
    AUTO_FD fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return error_set(error, ERROR_INTERNAL, errno, "create %s in the bundle", name);
    int result = fd_write_all(fd, data, size);
    if (result == 0 && renameat(dir, temporary, dir, name) < 0)
        result = -errno;
    if (result < 0) {
        unlinkat(dir, temporary, 0);
        return error_set(error, ERROR_INTERNAL, -result, "write %s to the bundle", name);
    }
    return 0;
}

static int write_json(int dir, const char *name, const json_t *value, size_t layout, struct error *error)
{
    char *text = json_dumps(value, layout | JSON_REAL_PRECISION(15));
    if (!text)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "format %s", name);
    size_t size = strlen(text);
    text[size] = '\n'; /* in the place of the NUL: only `size` bytes are given away */
    int result = file_write(dir, name, text, size + 1, error);
    free(text);
    return result;
}

int file_write_json(int dir, const char *name, const json_t *value, struct error *error)
{
    return write_json(dir, name, value, JSON_INDENT(2), error);
}

int file_write_json_line(int dir, const char *name, const json_t *value, struct error *error)
{
    return write_json(dir, name, value, JSON_COMPACT, error);
}

int file_read_json(int dir, const char *name, const char *what, json_t **value, struct error *error)
{
    AUTO_FREE char *text = NULL;
    size_t size;
    int result = fd_read_file(dir, name, JSON_LIMIT, &text, &size);
    if (result < 0)
        return error_set(error, ERROR_USAGE, -result, "read %s", what);
    json_error_t fault;
    json_t *parsed = json_loadb(text, size, JSON_REJECT_DUPLICATES, &fault);
    if (!json_is_object(parsed)) {
        json_decref(parsed);
        return error_set(error, ERROR_USAGE, 0, "%s:%d:%d: %s", what, parsed ? 1 : fault.line,
                         parsed ? 1 : fault.column, parsed ? "not a JSON object" : fault.text);
    }
    *value = parsed;
    return 0;
}

/* Length of the valid UTF-8 sequence at `at`, 0 where there is none (RFC 3629, table 3-7 of Unicode). */
static size_t sequence_length(const unsigned char *at, size_t left)
{
    if (at[0] < 0x80)
        return 1;
    size_t length = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    if (at[0] < 0xc2 || at[0] > 0xf4 || length > left)
        return 0;
    unsigned char low = at[0] == 0xe0 ? 0xa0 : at[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char high = at[0] == 0xed ? 0x9f : at[0] == 0xf4 ? 0x8f : 0xbf;
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

json_t *text_json(const char *bytes, size_t size, size_t limit)
{
    if (size > limit)
        size = limit;
    AUTO_FREE char *clean = malloc(size * 3 + 1);
    if (!clean)
        return NULL;
    size_t used = 0;
    for (size_t i = 0; i < size;) {
        size_t length = sequence_length((const unsigned char *)bytes + i, size - i);
        memcpy(clean + used, length ? bytes + i : "\xef\xbf\xbd", length ? length : 3);
        used += length ? length : 3;
        i += length ? length : 1;
    }
    return json_stringn(clean, used);
}

int file_sha256(int fd, char hex[65])
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    unsigned char buffer[65536];
    off_t offset = 0;
    for (;;) {
        ssize_t n = pread(fd, buffer, sizeof buffer, offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        crypto_hash_sha256_update(&state, buffer, (unsigned long long)n);
        offset += n;
    }
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&state, digest);
    sodium_bin2hex(hex, 65, digest, sizeof digest);
    return 0;
}

struct sums {
    char **lines; /* "hex  path\n", allocated */
    size_t count, room;
};

static int add_sum(struct sums *sums, int dir, const char *name, const char *path)
{
    AUTO_FD fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    char hex[65];
    int result = file_sha256(fd, hex);
    if (result < 0)
        return result;
    if (sums->count == sums->room) {
        size_t room = sums->room ? sums->room * 2 : 64;
        char **lines = reallocarray(sums->lines, room, sizeof *lines);
        if (!lines)
            return -ENOMEM;
        sums->lines = lines;
        sums->room = room;
    }
    if (asprintf(&sums->lines[sums->count], "%s  %s\n", hex, path) < 0)
        return -ENOMEM;
    sums->count++;
    return 0;
}

static int walk(struct sums *sums, int dir, const char *prefix)
{
    int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0)
        return -errno;
    DIR *listing = fdopendir(copy);
    if (!listing) {
        close(copy);
        return -ENOMEM;
    }
    int result = 0;
    struct dirent *entry;
    while (result == 0 && (entry = readdir(listing))) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "SHA256SUMS") == 0)
            continue;
        char path[PATH_ROOM];
        snprintf(path, sizeof path, "%s%s", prefix, name);
        struct stat facts;
        if (fstatat(dir, name, &facts, AT_SYMLINK_NOFOLLOW) < 0) {
            result = -errno;
        } else if (S_ISDIR(facts.st_mode)) {
            AUTO_FD below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            char deeper[PATH_ROOM + 1];
            snprintf(deeper, sizeof deeper, "%s/", path);
            result = below < 0 ? -errno : walk(sums, below, deeper);
        } else if (S_ISREG(facts.st_mode)) {
            result = add_sum(sums, dir, name, path);
        }
    }
    closedir(listing);
    return result;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(*(char *const *)a + 66, *(char *const *)b + 66); /* behind the digest */
}

int file_write_checksums(int dir, struct error *error)
{
    struct sums sums = {0};
    int result = walk(&sums, dir, "");
    if (result < 0)
        error_set(error, ERROR_INTERNAL, -result, "compute the checksums of the bundle");
    if (result == 0 && sums.count) {
        qsort(sums.lines, sums.count, sizeof *sums.lines, by_path);
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        for (size_t i = 0; out && i < sums.count; i++)
            fputs(sums.lines[i], out);
        if (!out || fclose(out) != 0)
            result = error_set(error, ERROR_INTERNAL, ENOMEM, "list the checksums of the bundle");
        else
            result = file_write(dir, "SHA256SUMS", text, size, error);
        free(text);
    }
    for (size_t i = 0; i < sums.count; i++)
        free(sums.lines[i]);
    free(sums.lines);
    return result;
}
