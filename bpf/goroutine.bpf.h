/*
 * The goroutine that the current task runs, found without a probe in its program: a thread's g stands at a
 * fixed distance from its FS base (cmd/internal/obj/x86/obj6.go; runtime/asm_amd64.s, settls), and g.m.curg
 * is the goroutine also while the thread is on its system stack (g0) or handles a signal (gsignal).
 *
 * Where fields stand is told by the layout of the executable that the task was started from, whatever a trial
 * executes: the inode of the file is looked up among those that bpf/executables.c has announced.
 *
 * Only memory of the current task can be read. At sched_switch that is prev's (next's address space is not in
 * use yet: kernel/sched/core.c, __schedule() calls the tracepoint before context_switch()), so ask for the
 * goroutine of prev there and never for that of next. A page that is not in memory reads as 0.
 */
#ifndef BPF_GOROUTINE_BPF_H
#define BPF_GOROUTINE_BPF_H

#include "bpf/common.bpf.h"

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, GO_EXECUTABLES_MAX);
    __type(key, __u64);   /* address of the file's inode, which user space keeps in memory */
    __type(value, __u32); /* number of the executable */
} executables SEC(".maps") __weak;

struct go_layout layouts[GO_EXECUTABLES_MAX] SEC(".bss") __weak;

struct goroutine {
    __u64 g;              /* address of its runtime.g; 0: the thread runs none, or it is not known */
    __u64 goid;           /* 0 with g */
    __u64 m;              /* address of the thread's runtime.m; 0: no thread of the Go runtime */
    bool on_system_stack; /* the thread is on g0 or gsignal: the runtime works for g, or for itself */
};

static __always_inline __u64 read_u64(__u64 address)
{
    __u64 value = 0;
    if (address)
        bpf_probe_read_user(&value, sizeof value, (void *)address);
    return value;
}

static __always_inline const struct go_layout *layout_at(__u64 executable)
{
    barrier_var(executable);
    return &layouts[executable & (GO_EXECUTABLES_MAX - 1)];
}

/* The number of the executable that a task was started from; -1: none that was announced. */
static __always_inline __s64 executable_of(const struct task_struct *task)
{
    __u64 inode = (__u64)BPF_CORE_READ(task, mm, exe_file, f_inode);
    __u32 *number = inode ? bpf_map_lookup_elem(&executables, &inode) : NULL;
    return number ? *number : -1;
}

/* `task` must be the current one. All 0 where its program is not Go, or of a version that is not known. */
static __always_inline void goroutine_of_current(const struct task_struct *task,
                                                 const struct go_layout *layout, struct goroutine *goroutine)
{
    goroutine->g = goroutine->goid = goroutine->m = 0;
    goroutine->on_system_stack = false;
    if (!layout->tls_g)
        return;
    __u64 g = read_u64(BPF_CORE_READ(task, thread.fsbase) + (__s64)layout->tls_g);
    goroutine->m = g ? read_u64(g + layout->g_m) : 0;
    goroutine->g = goroutine->m ? read_u64(goroutine->m + layout->m_curg) : 0;
    goroutine->goid = goroutine->g ? read_u64(goroutine->g + layout->g_goid) : 0;
    goroutine->on_system_stack = g && g != goroutine->g;
}

/* The id alone, with fewer reads: a g that is no goroutine's (g0, gsignal) has none. `fsbase` is the current
   task's. */
static __always_inline __u64 goid_of_thread(__u64 fsbase, const struct go_layout *layout)
{
    __u64 g = layout->tls_g ? read_u64(fsbase + (__s64)layout->tls_g) : 0;
    __u64 goid = g ? read_u64(g + layout->g_goid) : 0;
    if (goid || !g)
        return goid;
    __u64 m = read_u64(g + layout->g_m);
    g = m ? read_u64(m + layout->m_curg) : 0;
    return g ? read_u64(g + layout->g_goid) : 0;
}

#endif
