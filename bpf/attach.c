#include "bpf/attach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/executables.h"
#include "bpf/net_programs.h"
#include "bpf/sites.h"
#include "runner/support/fd.h"

int attach_tracepoints(struct observer *observer, struct error *error)
{
    const struct bpf_object_skeleton *skeleton = observer->programs->skeleton;
    size_t count = 0;
    for (int i = 0; i < skeleton->prog_cnt; i++) {
        struct bpf_program *program = *skeleton->progs[i].prog;
        if (!bpf_program__autoload(program) || bpf_program__type(program) != BPF_PROG_TYPE_TRACING ||
            net_programs_include(program))
            continue;
        struct bpf_link *link = count < TRACEPOINTS_MAX ? bpf_program__attach(program) : NULL;
        if (!link) {
            int number = count < TRACEPOINTS_MAX ? errno : ENOSPC;
            detach_tracepoints(observer);
            return error_set(error, ERROR_HOST, number, "attach the BPF program %s to its tracepoint",
                             bpf_program__name(program));
        }
        observer->tracepoints[count++] = link;
    }
    return 0;
}

void detach_tracepoints(struct observer *observer)
{
    for (size_t i = 0; i < TRACEPOINTS_MAX; i++) {
        bpf_link__destroy(observer->tracepoints[i]);
        observer->tracepoints[i] = NULL;
    }
}

static void release(struct executable_links *executable)
{
    for (size_t i = 0; i < executable->count; i++)
        bpf_link__destroy(executable->links[i]);
    free(executable->links);
    *executable = (struct executable_links){0};
}

static size_t count_sites(const struct probe_site *sites, size_t count, enum site_use not_for)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        used += sites[i].use != not_for;
    return used;
}

static struct bpf_link *attach_multi(struct observer *observer, uint32_t index, const char *path,
                                     const struct probe_site *sites, size_t count)
{
    AUTO_FREE unsigned long *offsets = calloc(count, sizeof *offsets);
    AUTO_FREE __u64 *cookies = calloc(count, sizeof *cookies);
    if (!offsets || !cookies) {
        errno = ENOMEM;
        return NULL;
    }
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (sites[i].use == SITE_INSTEAD_OF_MANY)
            continue;
        offsets[used] = sites[i].offset;
        cookies[used++] = GO_COOKIE(index, sites[i].site, sites[i].stack_check);
    }
    LIBBPF_OPTS(bpf_uprobe_multi_opts, options, .offsets = offsets, .cookies = cookies, .cnt = used);
    return bpf_program__attach_uprobe_multi(observer->programs->progs.go_multi, -1, path, NULL, &options);
}

static struct bpf_link *attach_single(struct observer *observer, uint32_t index, const char *path,
                                      const struct probe_site *site)
{
    uint64_t cookie = GO_COOKIE(index, site->site, site->stack_check);
    LIBBPF_OPTS(bpf_uprobe_opts, options, .bpf_cookie = observer->has_cookies ? cookie : 0);
    return bpf_program__attach_uprobe_opts(observer->programs->progs.go_single, -1, path, site->offset,
                                           &options);
}

/* 0 or a negative errno; *failed is the site that was refused. */
static int attach_each(struct observer *observer, uint32_t index, const char *path,
                       const struct probe_site *sites, size_t count, size_t *failed)
{
    struct executable_links *executable = &observer->executables[index];
    for (size_t i = 0; i < count; i++) {
        if (sites[i].use == SITE_ONE_OF_MANY)
            continue;
        struct bpf_link *link = attach_single(observer, index, path, &sites[i]);
        if (!link) {
            int number = errno;
            *failed = i;
            release(executable);
            return -number;
        }
        executable->links[executable->count++] = link;
    }
    return 0;
}

static int attach_sites(struct observer *observer, uint32_t index, const char *path,
                        const struct probe_site *sites, size_t count, struct error *error)
{
    struct executable_links *executable = &observer->executables[index];
    executable->links = calloc(count, sizeof *executable->links);
    if (!executable->links)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "attach probes to %s", path);
    if (observer->health.uprobe_multi) {
        struct bpf_link *link = attach_multi(observer, index, path, sites, count);
        if (link) {
            executable->links[executable->count++] = link;
            return 0;
        }
    }
    size_t failed = 0;
    int result = attach_each(observer, index, path, sites, count, &failed);
    if (result < 0) {
        release(executable);
        return error_set(error, ERROR_HOST, -result, "attach the probe of site %d to %s at offset 0x%llx",
                         (int)sites[failed].site, path, (unsigned long long)sites[failed].offset);
    }
    if (observer->health.uprobe_multi) { /* single links where the multi link was refused: an older kernel */
        observer->health.uprobe_multi = false;
        observer->health.programs_failed++;
    }
    return 0;
}

int observer_attach(struct observer *observer, uint32_t index, const char *path,
                    const struct go_layout *layout, const struct probe_site *sites, size_t count,
                    struct error *error)
{
    if (index >= GO_EXECUTABLES_MAX || observer->executables[index].links)
        return error_set(error, ERROR_INTERNAL, EBUSY, "attach probes to %s as executable %u", path, index);
    if (!observer->settings.go || !count)
        return error_set(error, ERROR_INTERNAL, EINVAL, "attach %zu probes to %s", count, path);
    int result = observer_announce(observer, index, path, layout, error);
    if (result < 0)
        return result;
    if (!observer->has_cookies)
        result = sites_announce(observer, index, path, sites, count, error);
    if (result < 0)
        return result;
    uint64_t start = clock_monotonic_ns();
    result = attach_sites(observer, index, path, sites, count, error);
    enum site_use not_for = observer->health.uprobe_multi ? SITE_INSTEAD_OF_MANY : SITE_ONE_OF_MANY;
    uint32_t used = (uint32_t)count_sites(sites, count, not_for);
    observer->health.sites_wanted += used;
    if (result < 0)
        return result;
    observer->health.sites_attached += used;
    observer->health.attach_ns = clock_monotonic_ns() - start;
    return 0;
}

int observer_detach(struct observer *observer, uint32_t index)
{
    if (index >= GO_EXECUTABLES_MAX || !observer->executables[index].links)
        return -ENOENT;
    uint64_t start = clock_monotonic_ns();
    release(&observer->executables[index]);
    observer->health.detach_ns = clock_monotonic_ns() - start;
    return 0;
}
