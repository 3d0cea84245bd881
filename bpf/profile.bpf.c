/*
 * The CPU profile: a timer on each CPU takes the stacks of whoever it interrupts, if that is a task of the
 * observed group. Stacks are followed by frame pointers, which Go keeps in every function that has a frame.
 * A sample has its own record on a ring of its own: a map of stacks (BPF_MAP_TYPE_STACK_TRACE) drops stacks
 * whose hashes collide, and a full ring of events must not cost samples, nor samples events.
 * Sources: kernel/events/core.c (perf_swevent_hrtimer), kernel/bpf/stackmap.c, arch/x86/events/core.c
 * (perf_callchain_user).
 */
#include "bpf/goroutine.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096); /* user space sets the size before loading */
} profile_ring SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct profile_counters);
} profile_counters SEC(".maps");

/* Where a sample is put together: too large for the stack. */
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct profile_sample);
} profile_scratch SEC(".maps");

const volatile __u64 profile_wakeup_bytes SEC(".rodata") = 0; /* fill past which the reader is woken */
__u32 profile_wakeup_pending SEC(".bss");                     /* cleared by the drain */

#define STACK_BYTES (PROFILE_DEPTH_MAX * sizeof(__u64))

/* 0 with PROFILE_..._REFUSED, else the bytes of one half, which are a multiple of a frame. */
static __always_inline __u64 half_of_stack(struct bpf_perf_event_data *context, struct profile_sample *sample,
                                           __u64 offset, __u64 which, __u16 refused)
{
    if (offset > STACK_BYTES)
        return 0;
    long size = bpf_get_stack(context, (char *)sample->frames + offset, STACK_BYTES, which);
    if (size >= 0)
        return size;
    sample->flags |= refused;
    return 0;
}

/* What stands on top of the thread's stack of user mode. In a function that has no frame of its own yet, or
   never makes one, that is the return address which the chain of frame pointers lacks. Not known while the
   thread is in the kernel before Linux 5.15. */
static __always_inline __u64 user_stack_top(struct bpf_perf_event_data *context)
{
    if (context->regs.cs & X86_CS_USER)
        return read_u64(context->regs.sp);
    __u64 sp = 0;
#ifndef BEFORE_5_15
    struct pt_regs *user = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
    bpf_probe_read_kernel(&sp, sizeof sp, &user->sp);
#endif
    return read_u64(sp);
}

static __always_inline void fill(struct bpf_perf_event_data *context, struct profile_sample *sample,
                                 __u64 now)
{
    const struct task_struct *task = (void *)bpf_get_current_task();
    const struct mm_struct *space = BPF_CORE_READ(task, mm);
    __u64 current = bpf_get_current_pid_tgid();
    __s64 executable = executable_of(task);
    sample->time = now;
    sample->pid = current >> 32;
    sample->tid = (__u32)current;
    sample->space = (__u64)space;
    sample->code_end = space ? BPF_CORE_READ(space, end_code) : 0;
    sample->executable = executable;
    sample->cpu = bpf_get_smp_processor_id();
    sample->flags = context->regs.cs & X86_CS_USER ? 0 : PROFILE_IN_KERNEL;
    sample->goid = sample->start_pc = sample->creator_pc = 0;
    if (executable >= 0) {
        const struct go_layout *layout = layout_at(executable);
        struct goroutine goroutine;
        goroutine_of_current(task, layout, &goroutine);
        sample->goid = goroutine.goid;
        if (goroutine.goid) {
            sample->start_pc = read_u64(goroutine.g + layout->g_startpc);
            sample->creator_pc = read_u64(goroutine.g + layout->g_gopc);
        }
        if (goroutine.on_system_stack)
            sample->flags |= PROFILE_SYSTEM_STACK;
    }
    sample->stack_top = user_stack_top(context);
    bpf_get_current_comm(sample->comm, sizeof sample->comm);
}

static __always_inline int take(struct bpf_perf_event_data *context, struct profile_counters *cpu,
                                struct profile_sample *sample, __u64 now)
{
    fill(context, sample, now);
    __u64 kernel = half_of_stack(context, sample, 0, 0, PROFILE_KERNEL_REFUSED);
    __u64 user = half_of_stack(context, sample, kernel, BPF_F_USER_STACK, PROFILE_USER_REFUSED);
    sample->kernel_depth = kernel / sizeof(__u64);
    sample->user_depth = user / sizeof(__u64);
    __u64 size = PROFILE_SAMPLE_HEAD + kernel + user;
    barrier_var(size);
    if (size > sizeof *sample)
        return 0;
    __u64 flags = BPF_RB_NO_WAKEUP;
    if (!profile_wakeup_pending &&
        bpf_ringbuf_query(&profile_ring, BPF_RB_AVAIL_DATA) > profile_wakeup_bytes) {
        profile_wakeup_pending = 1;
        flags = BPF_RB_FORCE_WAKEUP;
    }
    cpu->produced++;
    if (bpf_ringbuf_output(&profile_ring, sample, size, flags) < 0)
        cpu->lost++;
    return 0;
}

SEC("perf_event")
int profile_tick(struct bpf_perf_event_data *context)
{
    __u32 key = 0;
    __u64 now = bpf_ktime_get_ns();
    struct profile_counters *cpu = bpf_map_lookup_elem(&profile_counters, &key);
    if (!cpu)
        return 0;
    if (!cpu->ticks)
        cpu->first = now;
    cpu->last = now;
    cpu->ticks++;
    if (!is_current_observed())
        return 0;
    struct profile_sample *sample = bpf_map_lookup_elem(&profile_scratch, &key);
    return sample ? take(context, cpu, sample, now) : 0;
}
