#include "runner/sandbox/blueprint.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner/sandbox/mounts.h"
#include "runner/sandbox/seccomp.h"
#include "runner/sandbox/users.h"
#include "runner/support/fd.h"

static const char *const system_paths[] = {
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives"};

/* The path's links are followed but for the last part and those of /proc/<pid>/fd and its kin: these lead to
   where no path says. openat2: Linux 5.6. */
static int open_source(const char *path)
{
    struct open_how how = {.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
    int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    struct stat status;
    if (fstat(fd, &status) == 0 && !S_ISLNK(status.st_mode))
        return fd;
    close(fd);
    return -ELOOP;
}

static int add_bind(struct blueprint *blueprint, const struct sandbox_bind *bind, struct error *error)
{
    const char *name = bind->source ? bind->source : "a descriptor";
    if (bind->target[0] != '/' || strstr(bind->target, "/.."))
        return error_set(error, ERROR_USAGE, EINVAL, "bind %s to %s: the target is no plain absolute path",
                         name, bind->target);
    if (blueprint->bind_count == BLUEPRINT_BINDS_MAX)
        return error_set(error, ERROR_USAGE, E2BIG, "bind %s: more than %d binds", name, BLUEPRINT_BINDS_MAX);
    AUTO_FD source = bind->source ? open_source(bind->source) : fcntl(bind->source_fd, F_DUPFD_CLOEXEC, 3);
    if (source < 0)
        return error_set(error, ERROR_USAGE, bind->source ? -source : errno, "bind %s to %s", name,
                         bind->target);
    struct blueprint_bind *entry = &blueprint->binds[blueprint->bind_count];
    entry->target = bind->target;
    int result = mounts_detach(source, bind->writable, entry);
    if (result < 0)
        return error_set(error, result == -EINVAL ? ERROR_USAGE : ERROR_INTERNAL, -result,
                         "bind %s to %s: copy its mount", name, bind->target);
    blueprint->bind_count++;
    return 0;
}

/* Directories are bound, links (merged /usr) are made again. */
static int add_system(struct blueprint *blueprint, const char *path, struct error *error)
{
    struct stat status;
    if (lstat(path, &status) < 0)
        return 0;
    if (!S_ISLNK(status.st_mode))
        return add_bind(blueprint, &(struct sandbox_bind){.source = path, .target = path}, error);
    struct blueprint_link *link = &blueprint->links[blueprint->link_count];
    ssize_t length = readlink(path, link->target, sizeof link->target - 1);
    if (length < 0)
        return error_set(error, ERROR_INTERNAL, errno, "read the link %s", path);
    link->target[length] = 0;
    link->path = path;
    blueprint->link_count++;
    return 0;
}

static int add_capabilities(struct blueprint *blueprint, struct error *error)
{
    const cap_value_t last = CAP_SYS_ADMIN;
    blueprint->no_capabilities = cap_init();
    blueprint->last_capability = cap_init();
    if (!blueprint->no_capabilities || !blueprint->last_capability ||
        cap_set_flag(blueprint->last_capability, CAP_PERMITTED, 1, &last, CAP_SET) < 0 ||
        cap_set_flag(blueprint->last_capability, CAP_EFFECTIVE, 1, &last, CAP_SET) < 0)
        return error_set(error, ERROR_INTERNAL, errno, "plan the sandbox's capabilities");
    return 0;
}

static int add_filter(struct blueprint *blueprint, struct error *error)
{
    const struct sandbox_filter *filter = blueprint->spec->filter;
    if (!filter) {
        int result = sandbox_filter_compile(blueprint->spec->seccomp_path, &blueprint->own_filter, error);
        if (result < 0)
            return result;
        filter = blueprint->own_filter;
    }
    blueprint->filter = (struct sock_fprog){.len = filter->length, .filter = filter->program};
    blueprint->filter_late = filter->late;
    return 0;
}

static int add_descriptors(struct blueprint *blueprint, int control, struct error *error)
{
    const struct sandbox_spec *spec = blueprint->spec;
    blueprint->control = control;
    blueprint->standard[0] = spec->stdin_fd;
    blueprint->standard[1] = spec->stdout_fd;
    blueprint->standard[2] = spec->stderr_fd;
    for (int i = 0; i < 3; i++)
        if (fcntl(blueprint->standard[i], F_GETFD) < 0)
            return error_set(error, ERROR_INTERNAL, errno, "take descriptor %d as the demo's descriptor %d",
                             blueprint->standard[i], i);
    if (spec->entry_count > BLUEPRINT_ENTRIES_MAX)
        return error_set(error, ERROR_INTERNAL, E2BIG, "enter %zu groups", spec->entry_count);
    blueprint->group = spec->group_fd > 0 ? spec->group_fd : -1;
    blueprint->proc = -1;
    for (size_t i = 0; i < spec->entry_count; i++) {
        struct statfs filesystem;
        bool born_there = blueprint->group >= 0 && fstatfs(spec->entry_fds[i], &filesystem) == 0 &&
                          filesystem.f_type == CGROUP2_SUPER_MAGIC;
        if (!born_there)
            blueprint->entries[blueprint->entry_count++] = spec->entry_fds[i];
    }
    return 0;
}

static int add_binds(struct blueprint *blueprint, struct error *error)
{
    const struct sandbox_spec *spec = blueprint->spec;
    int result = 0;
    for (size_t i = 0; !result && spec->system_libraries && i < sizeof system_paths / sizeof *system_paths;
         i++)
        result = add_system(blueprint, system_paths[i], error);
    if (!result && spec->system_libraries && spec->network_host)
        result = add_system(blueprint, "/etc/ssl/certs", error);
    for (size_t i = 0; !result && i < spec->bind_count; i++)
        result = add_bind(blueprint, &spec->binds[i], error);
    return result;
}

/* Namespaces that stand ready are taken; a bind that is no detached mount needs the host's tree, though. */
static int add_ground(struct blueprint *blueprint, const char *user, struct error *error)
{
    const struct sandbox_spec *spec = blueprint->spec;
    bool detached = true;
    for (size_t i = 0; i < blueprint->bind_count; i++)
        detached &= blueprint->binds[i].detached;
    blueprint->is_ahead = detached && spec->spare && spare_take(spec->spare, spec, &blueprint->ahead);
    if (blueprint->is_ahead)
        return 0;
    const struct ground_user owner = {user, blueprint->uid, blueprint->gid};
    return ground_plan(&owner, spec->tmp_bytes, spec->network_host, &blueprint->ground, error);
}

int blueprint_make(const struct sandbox_spec *spec, int control, struct blueprint **made, struct error *error)
{
    const char *user = users_name(spec->user);
    struct blueprint *blueprint = calloc(1, sizeof *blueprint);
    if (!blueprint)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "plan the sandbox");
    blueprint->spec = spec;
    spare_namespaces_clear(&blueprint->ahead);
    int result = add_descriptors(blueprint, control, error);
    if (!result)
        result = users_find(user, &blueprint->uid, &blueprint->gid, error);
    if (!result)
        result = add_capabilities(blueprint, error);
    if (!result)
        result = add_filter(blueprint, error);
    if (!result)
        result = add_binds(blueprint, error);
    if (!result)
        result = add_ground(blueprint, user, error);
    if (result < 0) {
        blueprint_free(blueprint);
        return result;
    }
    *made = blueprint;
    return 0;
}

void blueprint_free(struct blueprint *blueprint)
{
    if (!blueprint)
        return;
    for (size_t i = 0; i < blueprint->bind_count; i++)
        fd_close(&blueprint->binds[i].fd);
    ground_free(&blueprint->ground);
    spare_namespaces_close(&blueprint->ahead);
    cap_free(blueprint->no_capabilities);
    cap_free(blueprint->last_capability);
    sandbox_filter_free(blueprint->own_filter);
    free(blueprint);
}
