#include "cgroup/owner.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runner/support/fd.h"

bool owner_parse_stat(const char *stat, uint64_t *pid, char *state, uint64_t *start_time)
{
    /* The command name stands in parentheses and may hold spaces and parentheses: the last one ends it. */
    const char *after = strrchr(stat, ')');
    if (!after || !isdigit((unsigned char)stat[0]))
        return false;
    *pid = strtoull(stat, NULL, 10);
    return sscanf(after + 1,
                  " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64,
                  state, start_time) == 2;
}

static int read_stat(const char *path, uint64_t *pid, char *state, uint64_t *start_time)
{
    char text[1024];
    int result = fd_read_text(AT_FDCWD, path, text, sizeof text);
    if (result < 0)
        return result;
    return owner_parse_stat(text, pid, state, start_time) ? 0 : -EINVAL;
}

static int read_boot(char boot[33])
{
    char text[64];
    int result = fd_read_text(AT_FDCWD, "/proc/sys/kernel/random/boot_id", text, sizeof text);
    if (result < 0)
        return result;
    size_t used = 0;
    for (const char *at = text; *at && used < 32; at++)
        if (isxdigit((unsigned char)*at))
            boot[used++] = *at;
    boot[used] = 0;
    return used == 32 ? 0 : -EINVAL;
}

int owner_self(struct owner *owner, struct error *error)
{
    char state;
    struct stat namespace;
    *owner = (struct owner){0};
    int result = read_boot(owner->boot);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "read /proc/sys/kernel/random/boot_id");
    result = read_stat("/proc/self/stat", &owner->pid, &state, &owner->start_time);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "read /proc/self/stat");
    if (stat("/proc/self/ns/pid", &namespace) < 0)
        return error_set(error, ERROR_INTERNAL, errno, "look at /proc/self/ns/pid");
    owner->pid_namespace = namespace.st_ino;
    return 0;
}

void owner_format(const struct owner *owner, const char *prefix, char name[OWNER_NAME_MAX])
{
    snprintf(name, OWNER_NAME_MAX, "%s-%s-%" PRIu64 "-%" PRIu64 "-%" PRIu64, prefix, owner->boot,
             owner->pid_namespace, owner->pid, owner->start_time);
}

/* A decimal number without sign or leading space, and its end. */
static bool parse_number(const char *text, char end, uint64_t *value, const char **rest)
{
    if (!isdigit((unsigned char)text[0]))
        return false;
    char *stop;
    errno = 0;
    *value = strtoull(text, &stop, 10);
    *rest = stop + (*stop != 0);
    return errno == 0 && *stop == end;
}

bool owner_parse(const char *name, const char *prefix, struct owner *owner)
{
    size_t length = strlen(prefix);
    if (strncmp(name, prefix, length) != 0 || name[length] != '-')
        return false;
    const char *at = name + length + 1;
    *owner = (struct owner){0};
    if (strspn(at, "0123456789abcdef") != 32 || at[32] != '-')
        return false;
    memcpy(owner->boot, at, 32);
    at += 33;
    return parse_number(at, '-', &owner->pid_namespace, &at) && parse_number(at, '-', &owner->pid, &at) &&
           parse_number(at, 0, &owner->start_time, &at);
}

bool owner_is_dead(const struct owner *owner, const struct owner *self)
{
    if (strcmp(owner->boot, self->boot) != 0)
        return true;
    if (owner->pid_namespace != self->pid_namespace)
        return false;
    char path[64];
    char state;
    uint64_t pid;
    uint64_t start_time;
    snprintf(path, sizeof path, "/proc/%" PRIu64 "/stat", owner->pid);
    int result = read_stat(path, &pid, &state, &start_time);
    if (result == -ENOENT || result == -ESRCH)
        return true;
    return result == 0 && (state == 'Z' || state == 'X' || start_time != owner->start_time);
}
