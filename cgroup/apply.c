/* Writes the limits of limits.h to a group and reads them back. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup/attribute.h"
#include "cgroup/group.h"
#include "cgroup/limits.h"
#include "runner/support/fd.h"

/* One limit on its way to the kernel. */
struct writing {
    struct cgroup *group;
    const struct limit_row *row;
    const struct cgroup_settings *settings;
    struct cgroup_applied *applied;
    int tree;
    int dir;
};

static bool host_has_swap(void)
{
    char text[512]; /* a header line, then a line for each swap area: proc(5) */
    if (fd_read_text(AT_FDCWD, "/proc/swaps", text, sizeof text) < 0)
        return true;
    return strchr(text, '\n') != NULL;
}

static int set_v2(const struct writing *w, char *back, size_t size)
{
    if (w->row->form != LIMIT_CPUS)
        return attribute_set(w->dir, w->row->key, w->applied->asked, back, size);
    /* cpuset.cpus repeats what was written, even where the parent does not have these CPUs. */
    int result = attribute_write(w->dir, w->row->key, w->settings->cpuset);
    return result < 0 ? result : attribute_read(w->dir, "cpuset.cpus.effective", back, size);
}

/* sched-bwc.rst: period and quota stand in two files; a new group has no quota, so any period goes first. */
static int set_v1_quota(const struct writing *w, char *back, size_t size)
{
    char text[64];
    char quota[32];
    char raw[32];
    char period[32];
    snprintf(text, sizeof text, "%s", w->applied->asked);
    char *space = strchr(text, ' ');
    if (!space)
        return -EINVAL;
    *space = 0;
    limit_to_v1(text, quota, sizeof quota);
    int result = attribute_set(w->dir, "cpu.cfs_period_us", space + 1, period, sizeof period);
    if (result == 0)
        result = attribute_set(w->dir, w->row->v1_file, quota, raw, sizeof raw);
    if (result < 0)
        return result;
    limit_from_v1(raw, LIMIT_QUOTA, quota, sizeof quota);
    snprintf(back, size, "%s %s", quota, period);
    return 0;
}

/* memory.rst: memsw limits memory and swap together, so the part of memory (whole pages) is added here and
   taken off again. It is left alone where there is no swap: memsw is charged before memory, and Linux 6.18
   does not count its refusals, so memory.max would be reached without a trace in memory.failcnt. */
static int set_v1_swap(const struct writing *w, char *back, size_t size)
{
    const struct cgroup_settings *s = w->settings;
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t memory = s->memory_max / page * page;
    uint64_t sum;
    char text[32] = "-1";
    char raw[32];
    if (s->memory_swap_max != CGROUP_MAX) {
        if (!host_has_swap() || s->memory_max >= CGROUP_MAX ||
            __builtin_add_overflow(memory, s->memory_swap_max, &sum))
            return -EOPNOTSUPP;
        snprintf(text, sizeof text, "%" PRIu64, sum);
    }
    int result = attribute_set(w->dir, w->row->v1_file, text, raw, sizeof raw);
    if (result < 0)
        return result;
    limit_from_v1(raw, w->row->form, back, size);
    if (strcmp(back, "max") != 0)
        snprintf(back, size, "%" PRIu64, (uint64_t)strtoull(raw, NULL, 10) - memory);
    return 0;
}

static int set_v1_bytes(const struct writing *w, char *back, size_t size)
{
    char text[32];
    char raw[32];
    limit_to_v1(w->applied->asked, text, sizeof text);
    int result = attribute_set(w->dir, w->row->v1_file, text, raw, sizeof raw);
    if (result == 0)
        limit_from_v1(raw, w->row->form, back, size);
    return result;
}

static int set_v1(const struct writing *w, char *back, size_t size)
{
    int result;
    switch (w->row->form) {
    case LIMIT_QUOTA:
        return set_v1_quota(w, back, size);
    case LIMIT_SWAP_BYTES:
        return set_v1_swap(w, back, size);
    case LIMIT_BYTES:
        return set_v1_bytes(w, back, size);
    case LIMIT_COUNT:
        return attribute_set(w->dir, w->row->v1_file, w->applied->asked, back, size);
    case LIMIT_CPUS:
        result = attribute_write(w->dir, w->row->v1_file, w->settings->cpuset);
        return result < 0 ? result : attribute_read(w->dir, "cpuset.effective_cpus", back, size);
    }
    return -EINVAL;
}

static const char *enforcer(int tree, enum controller controller)
{
    static const char *const v1[CONTROLLER_COUNT] = {
        [CONTROLLER_CPU] = "v1 cpu",       [CONTROLLER_MEMORY] = "v1 memory", [CONTROLLER_PIDS] = "v1 pids",
        [CONTROLLER_CPUSET] = "v1 cpuset", [CONTROLLER_IO] = "v1 blkio",
    };
    return tree == TREE_V2 ? "v2" : v1[controller];
}

/* The descriptor of the group where the row's limit lives; makes the group in a hierarchy that is joined only
   when asked for. -EOPNOTSUPP: there is none. */
static int locate(struct writing *w, struct error *error)
{
    w->tree = w->group->root->where[w->row->controller];
    if (w->tree == NOWHERE || (w->tree != TREE_V2 && !w->row->v1_file))
        return -EOPNOTSUPP;
    int result = 0;
    if (w->tree != TREE_V2)
        result = cgroup_join(w->group, w->tree, GROUP_NEW, error);
    else if (CONTROLLERS_LATE & CONTROLLER_BIT(w->row->controller))
        result = cgroup_enable(w->group->parent, CONTROLLER_BIT(w->row->controller), error);
    w->dir = w->group->dir[w->tree];
    return result;
}

static bool impossible(int result)
{
    return result == -EOPNOTSUPP || result == -ENOENT;
}

/* A limit that the host has no means for: it may hold all the same, else it must be optional. */
static int without_means(const struct writing *w, const char *optional, struct error *error)
{
    struct cgroup_applied *applied = w->applied;
    const struct cgroup_root *root = w->group->root;
    const char *name = controller_name(w->row->controller);
    const char *held = NULL;
    if (w->row->unlimited && strcmp(applied->asked, w->row->unlimited) == 0)
        held = "the kernel's default";
    else if (w->row->form == LIMIT_SWAP_BYTES && !host_has_swap())
        held = "no swap";
    if (held) {
        applied->enforced_by = held;
        snprintf(applied->read_back, sizeof applied->read_back, "%s",
                 strcmp(held, "no swap") == 0 ? "0" : applied->asked);
        return 0;
    }
    if (w->tree == NOWHERE)
        snprintf(applied->reason, sizeof applied->reason, "this host has no controller %s for us", name);
    else if (w->tree == TREE_V2)
        snprintf(applied->reason, sizeof applied->reason, "this kernel's controller %s has no %s", name,
                 w->row->key);
    else if (w->row->v1_file)
        snprintf(applied->reason, sizeof applied->reason, "v1 %s needs memory.max and swap accounting for it",
                 name);
    else
        snprintf(applied->reason, sizeof applied->reason, "v1 %s has no such limit", name);
    if (limit_listed(optional, w->row->key))
        return 0;
    return error_mend(
        error, ERROR_HOST, 0,
        w->tree == TREE_V2 ? "Use a newer kernel, or list the key under controls.optional"
                           : "Boot with systemd.unified_cgroup_hierarchy=1 (cgroup_no_v1=all), or "
                             "list the key under controls.optional",
        "%s: %s cannot be enforced here: %s (controller %s is at %s)", w->row->key, applied->asked,
        applied->reason, name, w->tree == NOWHERE ? "no hierarchy" : root->trees[w->tree].path);
}

static int apply_row(struct writing *w, const char *optional, struct error *error)
{
    struct cgroup_applied *applied = w->applied;
    int result = locate(w, error);
    if (result < 0 && !impossible(result))
        return result;
    char back[4096];
    if (result == 0)
        result = (w->tree == TREE_V2 ? set_v2 : set_v1)(w, back, sizeof back);
    if (impossible(result))
        return without_means(w, optional, error);
    const char *where = w->group->root->trees[w->tree].path;
    if (result < 0)
        return error_mend(error, ERROR_HOST, -result, "Compare it with the limits of the groups above",
                          "set %s of cgroup %s/%s to %s", w->row->key, where, w->group->path, applied->asked);
    snprintf(applied->read_back, sizeof applied->read_back, "%.*s", (int)sizeof applied->read_back - 1, back);
    const char *asked = w->row->form == LIMIT_CPUS ? w->settings->cpuset : applied->asked;
    if (!limit_holds(w->row->form, asked, back))
        return error_mend(error, ERROR_HOST, 0, "Ask for what this machine and the groups above allow",
                          "%s of cgroup %s/%s was set to %s, but the kernel says %s", w->row->key, where,
                          w->group->path, asked, back);
    applied->enforced_by = enforcer(w->tree, w->row->controller);
    return 0;
}

int cgroup_apply(struct cgroup *group, const struct cgroup_settings *settings, const char *optional,
                 struct cgroup_applied applied[CGROUP_APPLIED_MAX], struct error *error)
{
    int count = 0;
    for (size_t i = 0; i < limit_row_count; i++) {
        struct cgroup_applied *row = &applied[count];
        *row = (struct cgroup_applied){.key = limit_rows[i].key};
        if (!limit_asked(&limit_rows[i], settings, row->asked, sizeof row->asked))
            continue;
        struct writing w = {group, &limit_rows[i], settings, row, NOWHERE, -1};
        int result = apply_row(&w, optional, error);
        if (result < 0)
            return result;
        count++;
    }
    return count;
}
