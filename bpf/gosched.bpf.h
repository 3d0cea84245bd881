/*
 * What Go's scheduler does, for level full: Ps, Ms, work stealing, sysmon, preemption, netpoll, timers,
 * locks. One function a site that does more than name a value. Sources: runtime/proc.go (preemptone,
 * acquirep, releasep, handoffp, startm, stopm, runqsteal, sysmon), runtime/netpoll.go (netpollready),
 * runtime/time.go.
 */
#ifndef BPF_GOSCHED_BPF_H
#define BPF_GOSCHED_BPF_H

#include "bpf/goruntime.bpf.h"

/* Who steals from whom, by thread: told at runqsteal's entry, needed behind its call of runqgrab. */
struct steal_slot steals[STEAL_SLOTS] SEC(".bss");

#define GO_STATUS_SYSCALL 3
#define GO_STATUS_SCAN    0x1000

static __always_inline int go_proc(struct cpu_counters *cpu, const struct go_layout *layout, __u16 kind,
                                   __u64 p, __u32 spinning)
{
    struct event_go_proc *event = go_reserve(cpu, kind, sizeof *event);
    if (!event)
        return 0;
    event->header.goid = 0;
    event->proc = read_proc(layout, p);
    event->spinning = spinning;
    event_submit(event);
    return 0;
}

/* preemptone asks nobody where the P has no goroutine, where it is the asking thread's own, or (Go 1.26)
   where the goroutine is in a system call. */
static __always_inline int go_preempt_request(const struct pt_regs *regs, struct cpu_counters *cpu,
                                              const struct go_layout *layout)
{
    __u64 m = read_u64(REGISTER(regs, ax) + layout->p_m);
    __u64 g = m && m != current_m(regs, layout) ? read_u64(m + layout->m_curg) : 0;
    if (!g || (read_u32(g + layout->g_status) & ~GO_STATUS_SCAN) == GO_STATUS_SYSCALL)
        return 0;
    struct event_go_proc *event = go_reserve(cpu, EVENT_GO_PREEMPT_REQUEST, sizeof *event);
    if (!event)
        return 0;
    event->header.goid = peek_goid(layout, g);
    event->proc = read_proc(layout, REGISTER(regs, ax));
    event->spinning = 0;
    event_submit(event);
    return 0;
}

static __always_inline struct steal_slot *steal_slot(__u64 thread)
{
    __u64 index = thread;
    barrier_var(index);
    return &steals[index & (STEAL_SLOTS - 1)];
}

static __always_inline int go_steal_from(const struct pt_regs *regs)
{
    __u64 thread = current_tid();
    struct steal_slot *slot = steal_slot(thread);
    slot->thread = thread;
    slot->thief = REGISTER(regs, ax);
    slot->victim = REGISTER(regs, bx);
    return 0;
}

static __always_inline int go_steal(const struct pt_regs *regs, struct cpu_counters *cpu,
                                    const struct go_layout *layout)
{
    struct event_go_steal *event = go_reserve(cpu, EVENT_GO_STEAL, sizeof *event);
    if (!event)
        return 0;
    __u64 thread = current_tid();
    const struct steal_slot *slot = steal_slot(thread);
    bool told = slot->thread == thread;
    event->header.goid = 0;
    event->thief = told ? read_proc(layout, slot->thief) : NO_PROC;
    event->victim = told ? read_proc(layout, slot->victim) : NO_PROC;
    event->count = REGISTER(regs, ax);
    event->pad = 0;
    event_submit(event);
    return 0;
}

/* pollDesc.rg and wg: nil, pdReady (1), pdWait (2) or the g that waits. */
static __always_inline __u64 poll_waiter(__u64 descriptor, __u32 offset)
{
    __u64 g = read_u64(descriptor + offset);
    return g > 2 ? g : 0;
}

/* mode is 'r', 'w' or their sum. */
static __always_inline int go_netpoll_ready(const struct pt_regs *regs, struct cpu_counters *cpu,
                                            const struct go_layout *layout)
{
    struct event_go_netpoll_ready *event = go_reserve(cpu, EVENT_GO_NETPOLL_READY, sizeof *event);
    if (!event)
        return 0;
    __u32 mode = REGISTER(regs, cx);
    __u64 g = mode != 'w' ? poll_waiter(REGISTER(regs, bx), layout->poll_rg) : 0;
    if (!g && mode != 'r')
        g = poll_waiter(REGISTER(regs, bx), layout->poll_wg);
    event->header.goid = g ? peek_goid(layout, g) : 0;
    event->g = g;
    event->mode = mode;
    event->pad = 0;
    event_submit(event);
    return 0;
}

static __always_inline int go_timer_fire(const struct pt_regs *regs, struct cpu_counters *cpu,
                                         const struct go_layout *layout, __u64 timer)
{
    struct event_go_timer_fire *event = go_reserve(cpu, EVENT_GO_TIMER_FIRE, sizeof *event);
    if (!event)
        return 0;
    event->header.goid = user_goid(layout, current_m(regs, layout));
    event->timer = timer;
    event->when = read_u64(timer + layout->timer_when);
    event->period = read_u64(timer + layout->timer_period);
    event_submit(event);
    return 0;
}

static __always_inline int go_lock_wait(const struct pt_regs *regs, struct cpu_counters *cpu,
                                        const struct go_layout *layout)
{
    struct event_go_lock_wait *event = go_reserve(cpu, EVENT_GO_LOCK_WAIT, sizeof *event);
    if (!event)
        return 0;
    event->header.goid = read_goid(layout, REGISTER(regs, r14));
    event->address = REGISTER(regs, bx);
    event_submit(event);
    return 0;
}

/* One row a site. Functions of package time are called by goroutines, so R14 is the caller's g. */
static __always_inline int go_full_hit(const struct pt_regs *regs, struct cpu_counters *cpu,
                                       const struct go_layout *layout, __u32 site)
{
    switch (site) {
    case GO_SITE_SYSCALL_ENTER:
        return go_event(cpu, layout, EVENT_GO_SYSCALL_ENTER, REGISTER(regs, r14), 0);
    case GO_SITE_SYSCALL_EXIT:
        return go_event(cpu, layout, EVENT_GO_SYSCALL_EXIT, REGISTER(regs, r14), 0);
    case GO_SITE_TIMER_MAKE:
        return go_value(cpu, EVENT_GO_TIMER_MAKE, read_goid(layout, REGISTER(regs, r14)), REGISTER(regs, ax));
    case GO_SITE_TIMER_NEW:
        return go_value(cpu, EVENT_GO_TIMER_MAKE, read_goid(layout, REGISTER(regs, r14)), 0);
    case GO_SITE_TIMER_STOP:
        return go_value(cpu, EVENT_GO_TIMER_STOP, read_goid(layout, REGISTER(regs, r14)), REGISTER(regs, ax));
    case GO_SITE_TIMER_RESET:
        return go_value(cpu, EVENT_GO_TIMER_RESET, read_goid(layout, REGISTER(regs, r14)),
                        REGISTER(regs, ax));
    case GO_SITE_TIMER_FIRE:
        return go_timer_fire(regs, cpu, layout, REGISTER(regs, ax));
    case GO_SITE_TIMER_RUN:
        return go_timer_fire(regs, cpu, layout, REGISTER(regs, bx));
    case GO_SITE_LOCK_WAIT:
        return go_lock_wait(regs, cpu, layout);
    case GO_SITE_PREEMPT_REQUEST:
        return go_preempt_request(regs, cpu, layout);
    case GO_SITE_PREEMPT_ASYNC:
        return go_event(cpu, layout, EVENT_GO_PREEMPT_ASYNC, REGISTER(regs, r14), 0);
    case GO_SITE_GOSCHED:
        return go_event(cpu, layout, EVENT_GO_GOSCHED, REGISTER(regs, ax), 0);
    case GO_SITE_P_BIND:
        return go_proc(cpu, layout, EVENT_GO_P_BIND, REGISTER(regs, ax), 0);
    case GO_SITE_P_UNBIND:
        return go_proc(cpu, layout, EVENT_GO_P_UNBIND, read_u64(current_m(regs, layout) + layout->m_p), 0);
    case GO_SITE_P_HANDOFF:
        return go_proc(cpu, layout, EVENT_GO_P_HANDOFF, REGISTER(regs, ax), 0);
    case GO_SITE_M_CREATE:
        return go_value(cpu, EVENT_GO_M_CREATE, 0, REGISTER(regs, ax));
    case GO_SITE_M_START:
        return go_proc(cpu, layout, EVENT_GO_M_START, REGISTER(regs, ax), (__u8)REGISTER(regs, bx));
    case GO_SITE_M_STOP:
        return go_value(cpu, EVENT_GO_M_STOP, 0, current_m(regs, layout));
    case GO_SITE_STEAL_FROM:
        return go_steal_from(regs);
    case GO_SITE_STEAL:
        return go_steal(regs, cpu, layout);
    case GO_SITE_SYSMON_SLEEP: /* usleep(usec uint32) is assembly: its argument is on the stack */
        return go_value(cpu, EVENT_GO_SYSMON_SLEEP, 0, read_u32(REGISTER(regs, sp)) * 1000ULL);
    case GO_SITE_NETPOLL:
        return go_value(cpu, EVENT_GO_NETPOLL, 0, REGISTER(regs, ax));
    case GO_SITE_NETPOLL_READY:
        return go_netpoll_ready(regs, cpu, layout);
    }
    return 0;
}

#endif
