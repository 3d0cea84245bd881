/*
 * Tells user space which inode one of its descriptors stands for, as address: what a task's executable is
 * compared with. Run once for each executable by BPF_PROG_TEST_RUN, in the context of the caller. Numbers of
 * devices and inodes as stat(2) has them will not do: btrfs and overlayfs make up their own.
 */
#include "bpf/common.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

__u64 found_inode SEC(".bss"); /* 0: no such descriptor */

SEC("raw_tp")
int find_inode(__u64 *args)
{
    struct task_struct *task = (void *)bpf_get_current_task();
    struct fdtable *table = BPF_CORE_READ(task, files, fdt);
    struct file *file = NULL;
    found_inode = 0;
    if (args[0] >= BPF_CORE_READ(table, max_fds))
        return 0;
    bpf_probe_read_kernel(&file, sizeof file, BPF_CORE_READ(table, fd) + args[0]);
    found_inode = (__u64)BPF_CORE_READ(file, f_inode);
    return 0;
}
