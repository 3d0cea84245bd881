/* Rows on control groups: what the cgroup room finds, and one group made and removed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runner/host/check.h"
#include "runner/support/fd.h"

#define PROC_MAX (4 << 20)
#define SLICE    "runner-check"
#define BOOT_V2  "Boot with systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=all"

static int read_hierarchies(struct host_context *context)
{
    AUTO_FREE char *self = NULL;
    AUTO_FREE char *mounts = NULL;
    size_t size;
    int result = fd_read_file(context->root, "proc/self/cgroup", PROC_MAX, &self, &size);
    if (result == 0)
        result = fd_read_file(context->root, "proc/self/mountinfo", PROC_MAX, &mounts, &size);
    return result < 0 ? result : hierarchy_parse(self, mounts, &context->hierarchies);
}

void host_groups_open(struct host_context *context, const char *cgroup_root)
{
    int result = read_hierarchies(context);
    if (result < 0)
        error_set(&context->groups_error, ERROR_HOST, -result, "read the cgroups of this process in /proc");
    else
        cgroup_root_open(cgroup_root, false, &context->groups, &context->groups_error);
}

void host_groups_close(struct host_context *context)
{
    cgroup_root_close(context->groups);
    hierarchy_list_free(&context->hierarchies);
    context->groups = NULL;
}

void host_look_group_root(const struct host_context *context, const struct host_check *check,
                          struct host_row *row)
{
    (void)check;
    if (!context->groups) {
        host_failed(row, &context->groups_error);
        return;
    }
    char text[sizeof row->detail];
    cgroup_root_describe(context->groups, text, sizeof text);
    if (cgroup_root_mode(context->groups) == CGROUP_V2)
        host_found(row, "%s", text);
    else
        host_lacks(row, HOST_DEGRADED, BOOT_V2, "%s", text);
}

/* In v2's root or our own group; the one that is used decides, and the row "root" tells about it. */
static bool v2_provides(const struct hierarchy *v2, enum controller controller)
{
    const char *const places[] = {v2->directory, v2->mount};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char path[512];
        char text[512];
        if (places[i] && snprintf(path, sizeof path, "%s/cgroup.controllers", places[i]) < (int)sizeof path &&
            fd_read_text(AT_FDCWD, path, text, sizeof text) == 0 &&
            (controllers_parse(text, " ") & CONTROLLER_BIT(controller)))
            return true;
    }
    return false;
}

void host_look_controller(const struct host_context *context, const struct host_check *check,
                          struct host_row *row)
{
    enum controller controller = (enum controller)check->number;
    const struct hierarchy *v1 = hierarchy_v1(&context->hierarchies, controller);
    const struct hierarchy *v2 = hierarchy_v2(&context->hierarchies);
    bool degraded = controller == CONTROLLER_MEMORY || controller == CONTROLLER_IO;
    if (v1 && v1->mount && degraded)
        host_lacks(row, HOST_DEGRADED, BOOT_V2, "bound to cgroup v1 at %s%s", v1->mount,
                   controller == CONTROLLER_IO ? ": no figures of it" : ": no memory.low, memory.high");
    else if (v1 && v1->mount)
        host_found(row, "bound to cgroup v1 at %s", v1->mount);
    else if (v1)
        host_lacks(row, HOST_MISSING, BOOT_V2, "bound to a cgroup v1 hierarchy that is not mounted here");
    else if (v2 && v2_provides(v2, controller))
        host_found(row, "bound to cgroup v2 at %s", v2->mount);
    else
        host_lacks(row, HOST_MISSING,
                   controller == CONTROLLER_MEMORY
                       ? "Boot with cgroup_enable=memory, or have it delegated: systemd-run --scope -p "
                         "Delegate=yes runner ..."
                       : "Have it delegated: systemd-run --scope -p Delegate=yes runner ...; in a container, "
                         "give it all controllers",
                   "neither in cgroup v2 nor in v1");
}

void host_look_delegation(const struct host_context *context, const struct host_check *check,
                          struct host_row *row)
{
    (void)check;
    struct cgroup *group = NULL;
    struct error error = {0};
    if (!context->groups)
        host_failed(row, &context->groups_error);
    else if (cgroup_open_experiment(context->groups, SLICE, &group, &error) < 0 ||
             cgroup_destroy(group, &error) < 0)
        host_failed(row, &error);
    else
        host_found(row, "made a group with all controllers and removed it");
}

void host_look_group_kill(const struct host_context *context, const struct host_check *check,
                          struct host_row *row)
{
    (void)check;
    struct cgroup *group = NULL;
    struct error error = {0};
    if (!context->groups) {
        host_failed(row, &context->groups_error);
    } else if (cgroup_open_experiment(context->groups, SLICE, &group, &error) < 0) {
        host_failed(row, &error);
    } else {
        if (faccessat(cgroup_v2_fd(group), "cgroup.kill", W_OK, 0) < 0)
            host_lacks(row, HOST_DEGRADED, "Linux 5.14 or newer",
                       "%s: a group is frozen and its processes are killed one by one", strerror(errno));
        else
            host_found(row, "kills a whole group at once");
        cgroup_destroy(group, NULL);
    }
}
