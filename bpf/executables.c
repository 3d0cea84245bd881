#include "bpf/executables.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "bpf/state.h"
#include "runner/support/fd.h"

/* The address of the inode behind a descriptor of ours; 0 or a negative errno. */
static int find_inode(struct observer *observer, int fd, uint64_t *inode)
{
    uint64_t arguments[] = {(uint64_t)fd};
    LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = arguments, .ctx_size_in = sizeof arguments);
    int result = bpf_prog_test_run_opts(bpf_program__fd(observer->programs->progs.find_inode), &options);
    *inode = observer->programs->bss->found_inode;
    if (result < 0)
        return result;
    return *inode ? 0 : -EBADF;
}

static void forget(struct observer *observer, uint32_t index)
{
    struct announced *announced = &observer->announced[index];
    if (announced->inode)
        bpf_map_delete_elem(bpf_map__fd(observer->programs->maps.executables), &announced->inode);
    announced->inode = 0;
    fd_close(&announced->fd);
}

int observer_announce(struct observer *observer, uint32_t index, const char *path,
                      const struct go_layout *layout, struct error *error)
{
    static const struct go_layout none;
    if (index >= GO_EXECUTABLES_MAX)
        return error_set(error, ERROR_INTERNAL, EINVAL, "announce %s as executable %u", path, index);
    struct announced *announced = &observer->announced[index];
    forget(observer, index);
    announced->fd = open(path, O_RDONLY | O_CLOEXEC); /* keeps the inode where it is */
    if (announced->fd < 0)
        return error_set(error, ERROR_INTERNAL, errno, "open the executable %s", path);
    int result = find_inode(observer, announced->fd, &announced->inode);
    if (result < 0) {
        announced->inode = 0;
        fd_close(&announced->fd);
        return error_set(error, ERROR_HOST, -result, "ask the kernel for the inode of %s", path);
    }
    observer->programs->bss->layouts[index] = layout ? *layout : none;
    result = bpf_map_update_elem(bpf_map__fd(observer->programs->maps.executables), &announced->inode, &index,
                                 BPF_ANY);
    return result < 0 ? error_set(error, ERROR_INTERNAL, -result, "announce the executable %s", path) : 0;
}

void executables_open(struct observer *observer)
{
    for (uint32_t i = 0; i < GO_EXECUTABLES_MAX; i++)
        observer->announced[i].fd = -1;
}

void executables_close(struct observer *observer)
{
    for (uint32_t i = 0; i < GO_EXECUTABLES_MAX; i++)
        fd_close(&observer->announced[i].fd);
}
