/*
 * The Go runtime's events, by uprobes whose cookie names the executable and the observation. Registers are
 * those of the ABIInternal calling convention at a function's entry: AX BX CX ... are the arguments, R14 is
 * the current g. Sources: runtime/proc.go (casgstatus, newproc1, park_m, execute, goexit0, preemptPark),
 * runtime/runtime2.go (g status), cmd/compile/abi-internal.md.
 */
#include "bpf/gosched.bpf.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

/* runtime/runtime2.go; _Gscan is a bit that lies over the others while the collector looks at a stack. */
enum {
    G_IDLE = 0,
    G_RUNNABLE = 1,
    G_RUNNING = 2,
    G_SYSCALL = 3,
    G_WAITING = 4,
    G_DEAD = 6,
    G_STATUS_COUNT = 16,
};

/*
 * What a change of status means. A goroutine counts as running while it is in a system call and while its
 * stack is copied (2>3, 3>2, 2>8, 8>2 say nothing here); 6>3 and 3>6 are the reused g of a cgo callback,
 * never made by a go statement. Preemption for a stack scan does not pass casgstatus: GO_SITE_PREEMPT_PARK.
 */
static const __u8 transitions[G_STATUS_COUNT * G_STATUS_COUNT] = {
#define FROM(old, new) [(old)*G_STATUS_COUNT + (new)]
    FROM(G_IDLE, G_RUNNABLE) = EVENT_GO_CREATE,   FROM(G_DEAD, G_RUNNABLE) = EVENT_GO_CREATE,
    FROM(G_DEAD, G_WAITING) = EVENT_GO_CREATE, /* Go 1.23: a coroutine is born parked */
    FROM(G_RUNNABLE, G_RUNNING) = EVENT_GO_RUN,   FROM(G_RUNNING, G_WAITING) = EVENT_GO_PARK,
    FROM(G_WAITING, G_RUNNABLE) = EVENT_GO_READY, FROM(G_RUNNING, G_RUNNABLE) = EVENT_GO_YIELD,
    FROM(G_SYSCALL, G_RUNNABLE) = EVENT_GO_YIELD, /* came back and found no P */
    FROM(G_WAITING, G_RUNNING) = EVENT_GO_UNPARK, FROM(G_RUNNING, G_DEAD) = EVENT_GO_EXIT,
#undef FROM
};

/* newproc1 takes the id from the P's cache after the status has changed, until Go 1.23; an empty cache is
   filled from a global counter first, so then the id is not known here. */
static __always_inline __u64 new_goid(const struct go_layout *layout, __u64 g, __u64 m)
{
    if (!layout->goid_stale)
        return read_u64(g + layout->g_goid);
    __u64 p = m ? read_u64(m + layout->m_p) : 0;
    __u64 next = p ? read_u64(p + layout->p_goidcache) : 0;
    return next != (p ? read_u64(p + layout->p_goidcacheend) : 0) ? next : 0;
}

static __always_inline int go_create(struct pt_regs *regs, struct cpu_counters *cpu,
                                     const struct go_layout *layout)
{
    struct event_go_create *event = go_reserve(cpu, EVENT_GO_CREATE, sizeof *event);
    if (!event)
        return 0;
    __u64 g = REGISTER(regs, ax);
    __u64 m = current_m(regs, layout);
    event->header.goid = new_goid(layout, g, m);
    event->g = g;
    event->parent = user_goid(layout, m);
    event->start_pc = read_u64(g + layout->g_startpc);
    event->creator_pc = read_u64(g + layout->g_gopc);
    event_submit(event);
    return 0;
}

static __always_inline int go_park(struct cpu_counters *cpu, const struct go_layout *layout, __u64 g,
                                   __u32 reason)
{
    if (is_counted(EVENT_GO_PARK))
        return go_count(cpu, layout, EVENT_GO_PARK, g, reason);
    struct event_go_park *event = go_reserve(cpu, EVENT_GO_PARK, sizeof *event);
    if (!event)
        return 0;
    event->header.goid = read_goid(layout, g);
    event->g = g;
    event->reason = reason;
    event->pad = 0;
    event_submit(event);
    return 0;
}

struct stack_frame {
    __u64 caller; /* the caller's frame pointer */
    __u64 pc;     /* where the caller goes on */
};

/*
 * A goroutine that parks has its frame pointer in g.sched: mcall saved that of runtime.gopark, so the first
 * return address leads to gopark's caller. Stacks grow downwards, hence a caller's frame is further up; the
 * outermost function was started with 0 (runtime/asm_amd64.s mcall, gogo).
 */
static __always_inline void go_stack(struct cpu_counters *cpu, const struct go_layout *layout, __u64 g,
                                     __u64 goid)
{
    struct event_go_stack *event = go_reserve(cpu, EVENT_GO_STACK, sizeof *event);
    if (!event)
        return;
    event->header.goid = goid;
    event->g = g;
    __u64 at = read_u64(g + layout->g_sched_bp);
#pragma unroll
    for (int i = 0; i < EVENT_STACK_DEPTH; i++) {
        struct stack_frame frame = {0};
        if (at)
            bpf_probe_read_user(&frame, sizeof frame, (void *)at);
        event->pcs[i] = frame.pc;
        at = frame.caller > at ? frame.caller : 0;
    }
    event_submit(event);
}

/* A change of status to waiting: every so often with the stack. */
static __always_inline int go_wait(struct cpu_counters *cpu, const struct go_layout *layout, __u64 g)
{
    if (layout->g_sched_bp && !is_counted(EVENT_GO_PARK)) {
        __u64 goid = read_goid(layout, g);
        __u32 number = count_park(g);
        if (number && !(number & (number - 1)))
            go_stack(cpu, layout, g, goid);
    }
    return go_park(cpu, layout, g, read_u8(g + layout->g_waitreason));
}

/* The coroutine's other side waits in coro.gp, whatever thread asks: runtime/coro.go, coroswitch_m. */
static __always_inline int go_coro_switch(struct cpu_counters *cpu, const struct go_layout *layout, __u64 g)
{
    if (is_counted(EVENT_GO_CORO_SWITCH))
        return go_count(cpu, layout, EVENT_GO_CORO_SWITCH, g, 0);
    struct event_go_coro *event = go_reserve(cpu, EVENT_GO_CORO_SWITCH, sizeof *event);
    if (!event)
        return 0;
    event->header.goid = read_goid(layout, g);
    event->g = g;
    event->next_g = layout->g_coroarg ? read_u64(read_u64(g + layout->g_coroarg)) : 0;
    event->next = event->next_g ? read_goid(layout, event->next_g) : 0;
    event_submit(event);
    return 0;
}

struct gc_controller controllers[GO_EXECUTABLES_MAX] SEC(".bss");

static __always_inline struct gc_controller *controller_of(__u64 cookie)
{
    __u64 index = GO_COOKIE_EXECUTABLE(cookie);
    barrier_var(index);
    return &controllers[index & (GO_EXECUTABLES_MAX - 1)];
}

static __always_inline __u64 controller_field(__u64 controller, __u32 offset)
{
    return controller && offset ? read_u64(controller + offset) : EVENT_UNKNOWN;
}

static __always_inline int go_gc_start(struct pt_regs *regs, struct cpu_counters *cpu,
                                       const struct go_layout *layout, __u64 cookie)
{
    struct gc_controller *controller = controller_of(cookie);
    controller->address = REGISTER(regs, ax);
    controller->tgid = current_tgid();
    return go_value(cpu, EVENT_GO_GC_START, user_goid(layout, current_m(regs, layout)), 0);
}

static __always_inline int go_gc_end(struct pt_regs *regs, struct cpu_counters *cpu,
                                     const struct go_layout *layout, __u64 cookie)
{
    struct event_go_gc_end *event = go_reserve(cpu, EVENT_GO_GC_END, sizeof *event);
    if (!event)
        return 0;
    const struct gc_controller *controller = controller_of(cookie);
    __u64 at = controller->tgid == current_tgid() ? controller->address : 0;
    event->header.goid = user_goid(layout, current_m(regs, layout));
    event->heap_goal = at && layout->gc_heap_goal ? read_u64(at + layout->gc_heap_goal) : 0;
    event->assist_time = controller_field(at, layout->gc_assist_time);
    event->mark_time = controller_field(at, layout->gc_dedicated_time);
    if (event->mark_time != EVENT_UNKNOWN && layout->gc_fractional_time)
        event->mark_time += read_u64(at + layout->gc_fractional_time);
    event->idle_time = controller_field(at, layout->gc_idle_time);
    event_submit(event);
    return 0;
}

static __always_inline int go_stw(struct pt_regs *regs, struct cpu_counters *cpu,
                                  const struct go_layout *layout, __u16 kind, __u64 reason)
{
    return go_value(cpu, kind, user_goid(layout, current_m(regs, layout)), reason);
}

/* Everything but changes of status: one row of the switch a site; those of level full are elsewhere. */
static __always_inline int go_site_hit(struct pt_regs *regs, struct cpu_counters *cpu,
                                       const struct go_layout *layout, __u64 cookie)
{
    switch (GO_COOKIE_SITE(cookie)) {
    case GO_SITE_GC_START:
        return go_gc_start(regs, cpu, layout, cookie);
    case GO_SITE_GC_END:
        return go_gc_end(regs, cpu, layout, cookie);
    case GO_SITE_STW_START:
        return go_stw(regs, cpu, layout, EVENT_GO_STW_START,
                      layout->stw_has_reason ? (__u8)REGISTER(regs, ax) : 0);
    case GO_SITE_STW_END:
        return go_stw(regs, cpu, layout, EVENT_GO_STW_END, 0);
    case GO_SITE_PREEMPT_PARK:
        return go_park(cpu, layout, REGISTER(regs, ax), layout->preempted_reason);
    case GO_SITE_CORO_SWITCH:
        return go_coro_switch(cpu, layout, REGISTER(regs, ax));
    }
    return go_full_hit(regs, cpu, layout, GO_COOKIE_SITE(cookie));
}

/* EVENT_NONE for what is of no interest, _Gscan in either included. */
static __always_inline __u8 transition(__u32 old, __u32 new)
{
    if ((old | new) >= G_STATUS_COUNT)
        return EVENT_NONE;
    __u64 index = old * G_STATUS_COUNT + new;
    barrier_var(index); /* or the compiler leaves out the bound that verifiers before 6.6 want to see */
    return transitions[index & (sizeof transitions - 1)];
}

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, SITES_MAX);
    __type(key, struct site_key);
    __type(value, __u64); /* cookie */
} sites SEC(".maps");

#ifdef BEFORE_5_15
static __always_inline __u64 cookie_of(struct pt_regs *regs)
{
    struct task_struct *task = (void *)bpf_get_current_task();
    struct site_key key = {.inode = (__u64)BPF_CORE_READ(task, mm, exe_file, f_inode),
                           .distance = BPF_CORE_READ(task, mm, end_code) - REGISTER(regs, ip)};
    __u64 *cookie = bpf_map_lookup_elem(&sites, &key);
    return cookie ? *cookie : 0;
}
#else
static __always_inline __u64 cookie_of(struct pt_regs *regs)
{
    return bpf_get_attach_cookie(regs);
}
#endif

static __always_inline int go_hit(struct pt_regs *regs)
{
    __u64 cookie = cookie_of(regs);
    __u32 site = GO_COOKIE_SITE(cookie);
    __u32 old = REGISTER(regs, bx);
    __u8 kind = EVENT_NONE;
    if (site == GO_SITE_CASGSTATUS) {
        kind = transition(old, REGISTER(regs, cx));
        if (kind == EVENT_NONE)
            return 0;
    }
    if (!is_current_observed())
        return 0;
    struct cpu_counters *cpu = cpu_counters();
    if (!cpu)
        return 0;
    /* The branch of the stack check is taken: the function starts again once its stack has grown. */
    if (GO_COOKIE_STACK_CHECK(cookie) && (REGISTER(regs, flags) & (X86_FLAGS_CARRY | X86_FLAGS_ZERO))) {
        __sync_fetch_and_add(&cpu->filtered_restarts, 1);
        return 0;
    }
    const struct go_layout *layout = layout_at(GO_COOKIE_EXECUTABLE(cookie));
    __u64 g = REGISTER(regs, ax);
    if (site != GO_SITE_CASGSTATUS)
        return go_site_hit(regs, cpu, layout, cookie);
    if (kind == EVENT_GO_EXIT) {
        go_event(cpu, layout, kind, g, 0);
        forget(g);
        return 0;
    }
    if (kind == EVENT_GO_CREATE)
        return go_create(regs, cpu, layout);
    if (kind == EVENT_GO_PARK)
        return go_wait(cpu, layout, g);
    if (is_counted(kind))
        return go_count(cpu, layout, kind, g,
                        kind == EVENT_GO_UNPARK ? read_u8(g + layout->g_waitreason) : 0);
    return go_event(cpu, layout, kind, g, old == G_SYSCALL ? EVENT_FLAG_SYSCALL : 0);
}

/*
 * A uprobe's program may be preempted, and then another thread may run the same one on that CPU. Since 6.13
 * the JIT gives a program with more than 64 bytes of stack a stack of its own on each CPU, for it trusts that
 * programs of this type are never entered twice (kernel/bpf/verifier.c, bpf_enable_priv_stack()): with a
 * uprobe the second one overwrites what the first has on it, pointers too. So the CPU is held meanwhile; 6.10
 * and later can (fc7566ad0a82).
 */
#ifdef BEFORE_5_15
static __always_inline int go_hit_held(struct pt_regs *regs)
{
    return go_hit(regs);
}
#else
extern void bpf_preempt_disable(void) __ksym __weak;
extern void bpf_preempt_enable(void) __ksym __weak;

static __always_inline int go_hit_held(struct pt_regs *regs)
{
    if (bpf_ksym_exists(bpf_preempt_disable))
        bpf_preempt_disable();
    go_hit(regs);
    if (bpf_ksym_exists(bpf_preempt_enable))
        bpf_preempt_enable();
    return 0;
}
#endif

/* The same program twice: uprobe.multi puts all sites of an executable behind one link (6.6 and later), the
   other is attached once a site. */
SEC("uprobe.multi")
int go_multi(struct pt_regs *regs)
{
    return go_hit_held(regs);
}

SEC("uprobe")
int go_single(struct pt_regs *regs)
{
    return go_hit_held(regs);
}
