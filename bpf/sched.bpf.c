/*
 * The kernel scheduler's events, for the tasks of the observed group: whom an event is about decides, never
 * who happens to run. Sources: include/trace/events/sched.h, kernel/sched/core.c, kernel/sched/fair.c.
 */
#include "bpf/goroutine.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* The fourth argument of sched_switch (5.18: 9c2136be0878) is the state that the scheduler decided by; a
   wake-up on another CPU may have changed the task's field since. Set before loading; the verifier prunes. */
const volatile bool switch_has_state SEC(".rodata") = false;

/* States above are flags of the scheduler itself (TASK_NOLOAD, TASK_NEW, TASK_FREEZABLE, ...). */
#define STATE_MASK 0xff

static __always_inline __u32 task_cpu(struct task_struct *task)
{
    struct task_struct___before_5_16 *old = (void *)task;
    if (bpf_core_field_exists(old->cpu))
        return old->cpu;
    return task->thread_info.cpu;
}

static __always_inline __u32 task_state(struct task_struct *task)
{
    struct task_struct___before_5_14 *old = (void *)task;
    if (bpf_core_field_exists(old->state))
        return old->state;
    return task->__state;
}

/* Whether a task that could have gone on leaves because cpu.max has run out. Before 6.18 the whole run queue
   of its group is throttled, while the scheduler puts `prev` back and thus before the tracepoint. */
static __always_inline bool is_throttled(struct task_struct *task)
{
    struct task_struct___since_6_18 *new = (void *)task;
    if (bpf_core_field_exists(new->throttled))
        return new->throttled;
    if (bpf_core_field_exists(task->se.cfs_rq) && bpf_core_field_exists(task->se.cfs_rq->throttle_count))
        return task->se.cfs_rq->throttle_count > 0;
    return false;
}

static __always_inline void about(struct event_header *header, struct task_struct *task)
{
    header->tid = task->pid;
    header->pid = task->tgid;
    header->goid = 0;
}

/*
 * Who leaves a CPU must be who came last; else a switch was kept from us: a program that interrupts itself is
 * skipped (bpf_prog_inc_misses_counter), and some hosts run no programs on behalf of certain tasks. Such a
 * gap has no sequence number, so it is counted here. Interrupts are off: nothing comes between.
 */
static __always_inline void follow(struct cpu_counters *cpu, struct task_struct *prev,
                                   struct task_struct *next)
{
    if (cpu->running && cpu->running != (__u64)prev)
        cpu->unseen_switches++;
    cpu->running = (__u64)next;
}

/* The goroutine that a thread was running; 0: none, or no Go program that is known. prev is still the current
   task, so its memory can be read; that of next cannot. */
static __always_inline __u64 goroutine_of(struct task_struct *prev)
{
    __u64 inode = (__u64)prev->mm->exe_file->f_inode;
    __u32 *number = inode ? bpf_map_lookup_elem(&executables, &inode) : NULL;
    return number ? goid_of_thread(prev->thread.fsbase, layout_at(*number)) : 0;
}

SEC("tp_btf/sched_switch")
int sched_switch(__u64 *args)
{
    bool preempt = args[0];
    struct task_struct *prev = (void *)args[1];
    struct task_struct *next = (void *)args[2];
    struct cpu_counters *cpu = cpu_counters();
    if (!cpu)
        return 0;
    follow(cpu, prev, next);
    __u8 flags = (is_observed(prev) ? EVENT_FLAG_PREV : 0) | (is_observed(next) ? EVENT_FLAG_NEXT : 0);
    if (!flags)
        return 0;
    __u32 state = (switch_has_state ? (__u32)args[3] : task_state(prev)) & STATE_MASK;
    if (preempt)
        flags |= EVENT_FLAG_PREEMPT;
    if ((flags & EVENT_FLAG_PREV) && (preempt || state == 0) && is_throttled(prev))
        flags |= EVENT_FLAG_THROTTLED;

    struct event_sched_switch *event = event_reserve(cpu, EVENT_SCHED_SWITCH, sizeof *event);
    if (!event)
        return 0;
    about(&event->header, prev);
    event->header.flags = flags;
    if (flags & EVENT_FLAG_PREV)
        event->header.goid = goroutine_of(prev);
    event->next_tid = next->pid;
    event->next_pid = next->tgid;
    event->prev_state = state;
    event->pad = 0;
    event_submit(event);
    return 0;
}

static __always_inline int wake(struct task_struct *task, __u16 kind)
{
    if (!is_observed(task))
        return 0;
    struct cpu_counters *cpu = cpu_counters();
    struct event_sched_wake *event = cpu ? event_reserve(cpu, kind, sizeof *event) : NULL;
    if (!event)
        return 0;
    about(&event->header, task);
    event->waker_tid = (__u32)bpf_get_current_pid_tgid();
    event->target_cpu = task_cpu(task);
    event_submit(event);
    return 0;
}

/*
 * That a thread is woken is told when it begins (waking), and its end (wakeup) repeats it; that is of use
 * only where the thread was still leaving its CPU: then its switch-out comes between the two
 * (kernel/sched/core.c, try_to_wake_up(), p->on_cpu). Threads for which an end is to be told, counted by tid;
 * one that shares its place with another is told once too often at most.
 */
__u32 late_wakes[LATE_WAKES] SEC(".bss");

static __always_inline __u32 *late_wakes_of(struct task_struct *task)
{
    __u64 index = task->pid;
    barrier_var(index);
    return &late_wakes[index & (LATE_WAKES - 1)];
}

static __always_inline bool is_on_cpu(struct task_struct *task)
{
    return !bpf_core_field_exists(task->on_cpu) || task->on_cpu;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(sched_waking, struct task_struct *task)
{
    if (is_on_cpu(task) && is_observed(task))
        __sync_fetch_and_add(late_wakes_of(task), 1);
    return wake(task, EVENT_SCHED_WAKING);
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(sched_wakeup, struct task_struct *task)
{
    __u32 *late = late_wakes_of(task);
    if (!*late || !is_observed(task))
        return 0;
    __sync_fetch_and_add(late, -1);
    return wake(task, EVENT_SCHED_WAKEUP);
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(sched_wakeup_new, struct task_struct *task)
{
    return wake(task, EVENT_SCHED_WAKEUP_NEW);
}

SEC("tp_btf/sched_migrate_task")
int BPF_PROG(sched_migrate_task, struct task_struct *task, int to_cpu)
{
    if (!is_observed(task))
        return 0;
    struct cpu_counters *cpu = cpu_counters();
    struct event_sched_migrate *event = cpu ? event_reserve(cpu, EVENT_SCHED_MIGRATE, sizeof *event) : NULL;
    if (!event)
        return 0;
    about(&event->header, task);
    event->from_cpu = task_cpu(task);
    event->to_cpu = to_cpu;
    event_submit(event);
    return 0;
}

static __always_inline int process(struct task_struct *task, struct task_struct *child, __u16 kind)
{
    struct cpu_counters *cpu = cpu_counters();
    struct event_process *event = cpu ? event_reserve(cpu, kind, sizeof *event) : NULL;
    if (!event)
        return 0;
    about(&event->header, task);
    event->child_tid = child ? child->pid : 0;
    event->child_pid = child ? child->tgid : 0;
    event_submit(event);
    return 0;
}

/* The child counts too: CLONE_INTO_CGROUP starts it in another group than its parent's. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(sched_process_fork, struct task_struct *parent, struct task_struct *child)
{
    return is_observed(child) || is_observed(parent) ? process(parent, child, EVENT_PROCESS_FORK) : 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(sched_process_exec, struct task_struct *task)
{
    return is_observed(task) ? process(task, NULL, EVENT_PROCESS_EXEC) : 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(sched_process_exit, struct task_struct *task)
{
    return is_observed(task) ? process(task, NULL, EVENT_PROCESS_EXIT) : 0;
}
