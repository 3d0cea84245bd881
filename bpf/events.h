/*
 * The event ABI: fixed-size little-endian records that BPF programs write, the ring carries, the CTF stream
 * keeps byte for byte and every reader understands. Included by BPF programs and user space alike:
 * fixed-width fields, explicit padding, a static assert of each size. Times are CLOCK_MONOTONIC nanoseconds.
 *
 * A record begins with struct event_header; its size follows from its kind (event_kinds.h has the table of
 * names and fields, which drives the CTF metadata, the exporters and the replay).
 */
#ifndef BPF_EVENTS_H
#define BPF_EVENTS_H

#ifndef __bpf__
#include <stdint.h>
#endif

#define EVENT_ABI_VERSION 1
#define EVENT_CPU_USER    255 /* header.cpu of a mark that user space wrote */

enum event_kind {
    EVENT_NONE = 0,
    /* kernel (bpf/sched.bpf.c) */
    EVENT_SCHED_SWITCH = 1,
    EVENT_SCHED_WAKING = 2,
    EVENT_SCHED_WAKEUP = 3, /* only where the thread had not left its CPU when EVENT_SCHED_WAKING came */
    EVENT_SCHED_WAKEUP_NEW = 4,
    EVENT_SCHED_MIGRATE = 5,
    EVENT_PROCESS_FORK = 6,
    EVENT_PROCESS_EXEC = 7,
    EVENT_PROCESS_EXIT = 8,
    /* Go runtime (bpf/go.bpf.c) */
    EVENT_GO_CREATE = 16,
    EVENT_GO_RUN = 17,
    EVENT_GO_PARK = 18,
    EVENT_GO_READY = 19,
    EVENT_GO_YIELD = 20,  /* running -> runnable: Gosched or preempted */
    EVENT_GO_UNPARK = 21, /* waiting -> running without being runnable: the park did not take place */
    EVENT_GO_EXIT = 22,
    EVENT_GO_GC_START = 23,
    EVENT_GO_GC_END = 24,
    EVENT_GO_STW_START = 25,
    EVENT_GO_STW_END = 26,
    EVENT_GO_SYSCALL_ENTER = 27, /* level full */
    EVENT_GO_SYSCALL_EXIT = 28,
    EVENT_GO_TIMER_MAKE = 29,
    EVENT_GO_TIMER_STOP = 30,
    EVENT_GO_TIMER_RESET = 31,
    EVENT_GO_PREEMPT_REQUEST =
        32, /* sysmon or the collector asks a P for its goroutine's yield, again and again */
    EVENT_GO_PREEMPT_ASYNC = 33, /* the goroutine was interrupted by a signal; a yield or park follows */
    EVENT_GO_GOSCHED = 34,       /* the goroutine called runtime.Gosched; the yield follows */
    EVENT_GO_P_BIND = 35,        /* maybe out of another thread's system call, which nothing else tells */
    EVENT_GO_P_UNBIND = 36,
    EVENT_GO_P_HANDOFF = 37, /* a P was taken from an M that stays in a system call, or is about to block */
    EVENT_GO_M_CREATE = 38,
    EVENT_GO_M_START = 39, /* an M is wanted for a P: a parked one is woken, or one is made */
    EVENT_GO_M_STOP = 40,  /* the M found nothing to do and parks */
    EVENT_GO_STEAL = 41,
    EVENT_GO_SYSMON_SLEEP = 42, /* header.tid is sysmon's; it sleeps at least that long */
    EVENT_GO_NETPOLL = 43,
    EVENT_GO_NETPOLL_READY = 44,
    EVENT_GO_TIMER_FIRE = 45,
    EVENT_GO_CORO_SWITCH = 46, /* level core: iter.Pull; gives its M to the coroutine's other side */
    EVENT_GO_STACK = 47,       /* where a goroutine parks; comes before its park */
    /* marks of user space (runner/trial) */
    EVENT_MARK = 48,
    /* derived by user space while it streams (runner/trial): comes after the run that ends the wait */
    EVENT_GO_WAKE = 49,
    EVENT_GO_LOCK_WAIT = 50, /* queues for a mutex or another semaphore of the runtime, and parks */
    EVENT_KIND_COUNT = 64,
};

/* header.flags */
enum event_flag {
    EVENT_FLAG_PREEMPT = 1,   /* sched_switch: prev was preempted, it is runnable whatever its state says */
    EVENT_FLAG_THROTTLED = 2, /* sched_switch: prev left the CPU because its group is throttled by cpu.max */
    EVENT_FLAG_PREV = 4,      /* sched_switch: prev belongs to the trial */
    EVENT_FLAG_NEXT = 8,      /* sched_switch: next belongs to the trial */
    EVENT_FLAG_SYSCALL = 16,  /* go_yield: left a system call and found no P, so it has to queue */
};

struct event_header {
    uint64_t time; /* ns, CLOCK_MONOTONIC, taken before the reserve */
    uint16_t kind; /* enum event_kind */
    uint8_t cpu;   /* 0..254; EVENT_CPU_USER for marks */
    uint8_t flags; /* enum event_flag */
    uint32_t seq;  /* per CPU, counts every event produced, also the lost ones */
    uint32_t tid;  /* the thread that the event is about, in the initial PID namespace; switch: prev */
    uint32_t pid;  /* its process */
    uint64_t goid; /* the goroutine that the event is about; 0: none or not known */
};
_Static_assert(sizeof(struct event_header) == 32, "event ABI");

struct event_sched_switch {
    struct event_header header; /* tid, pid, goroutine of prev; 0 also where that is waiting already */
    uint32_t next_tid, next_pid;
    uint32_t
        prev_state; /* task state with flag bits masked: 0 running, 1 interruptible, 2 uninterruptible, ... */
    uint32_t pad;
};
_Static_assert(sizeof(struct event_sched_switch) == 48, "event ABI");

/* waking, wakeup, wakeup_new: header.tid is the woken thread */
struct event_sched_wake {
    struct event_header header;
    uint32_t waker_tid;
    uint32_t target_cpu;
};
_Static_assert(sizeof(struct event_sched_wake) == 40, "event ABI");

struct event_sched_migrate {
    struct event_header header;
    uint32_t from_cpu, to_cpu;
};
_Static_assert(sizeof(struct event_sched_migrate) == 40, "event ABI");

/* fork: header is the parent; exec, exit: header is the task */
struct event_process {
    struct event_header header;
    uint32_t child_tid, child_pid; /* fork only; a thread where child_pid == header.pid */
};
_Static_assert(sizeof(struct event_process) == 40, "event ABI");

struct event_go_create {
    struct event_header header; /* goid: the new goroutine (0: see event_go_run.g) */
    uint64_t g;                 /* address of its runtime.g */
    uint64_t parent;            /* goid that ran the go statement, 0: the runtime's start */
    uint64_t start_pc;          /* entry of its function */
    uint64_t creator_pc;        /* where the go statement stands */
};
_Static_assert(sizeof(struct event_go_create) == 64, "event ABI");

/* run, ready, yield, unpark, exit, syscall_enter, syscall_exit, preempt_async, gosched; ready: the header's
 * thread is the one that readies */
struct event_go {
    struct event_header header;
    uint64_t g;
};
_Static_assert(sizeof(struct event_go) == 40, "event ABI");

struct event_go_park {
    struct event_header header;
    uint64_t g;
    uint32_t reason; /* waitReason of this Go version */
    uint32_t pad;
};
_Static_assert(sizeof(struct event_go_park) == 48, "event ABI");

/* header.goid gives its M away and waits (wait reason "coroutine"), `next` runs on it at once. That is all
 * that tells it where nothing is in the way (runtime/coro.go, coroswitch_m); else the same changes of status
 * follow as park, ready, run. A coroutine that ends gives its M away so, too: its exit follows. */
struct event_go_coro {
    struct event_header header;
    uint64_t g;
    uint64_t next_g, next; /* 0: not known */
};
_Static_assert(sizeof(struct event_go_coro) == 56, "event ABI");

/* gc_start, stw_start, stw_end, timer_make, _stop, _reset: header.goid is the running goroutine, 0 where
 * there is none. m_create, m_stop, sysmon_sleep, netpoll: 0, they are the scheduler's. */
struct event_go_value {
    struct event_header header;
    /* stw_start: stwReason (0 before Go 1.21). timers: address, 0 where it is not known (made, Go 1.23 and
       later). m_create, m_stop: address of the runtime.m. sysmon_sleep: ns asked for. netpoll: longest wait
       in ns, as int64: negative waits without end, 0 only looks. */
    uint64_t value;
};
_Static_assert(sizeof(struct event_go_value) == 40, "event ABI");

#define EVENT_UNKNOWN (~0ULL) /* a value that could not be read */

/* What the collector accounted for the cycle that ends (runtime/mgcpacer.go, gcControllerState), ns of CPU
 * time. */
struct event_go_gc_end {
    struct event_header header;
    uint64_t heap_goal;   /* bytes; 0: not known */
    uint64_t assist_time; /* goroutines that had to help; this and the next two may be EVENT_UNKNOWN */
    uint64_t mark_time;   /* dedicated and fractional workers */
    uint64_t idle_time;   /* workers on Ps that had nothing else to do */
};
_Static_assert(sizeof(struct event_go_gc_end) == 64, "event ABI");

/* preempt_request: header.goid is the goroutine that is to yield. p_bind, p_unbind, p_handoff, m_start: 0 */
struct event_go_proc {
    struct event_header header; /* bind, unbind: the thread is the M's */
    uint32_t proc;              /* P's id; UINT32_MAX: none (m_start) */
    uint32_t spinning;          /* m_start: the new M is to look for work */
};
_Static_assert(sizeof(struct event_go_proc) == 40, "event ABI");

struct event_go_steal {
    struct event_header header;
    uint32_t thief, victim; /* Ps' ids; UINT32_MAX: not known */
    uint32_t count;         /* goroutines taken; 0: an attempt in vain */
    uint32_t pad;
};
_Static_assert(sizeof(struct event_go_steal) == 48, "event ABI");

struct event_go_netpoll_ready {
    struct event_header header; /* goid: that waits for the descriptor, 0: nobody */
    uint64_t g;
    uint32_t mode; /* 'r', 'w', or their sum; the reader is named where both wait */
    uint32_t pad;
};
_Static_assert(sizeof(struct event_go_netpoll_ready) == 48, "event ABI");

struct event_go_timer_fire {
    struct event_header header; /* goid: a goroutine that looked at its channel; 0: the scheduler */
    uint64_t timer;
    uint64_t when;   /* ns, CLOCK_MONOTONIC (runtime.nanotime), when it was due */
    uint64_t period; /* ns; 0: fires once */
};
_Static_assert(sizeof(struct event_go_timer_fire) == 56, "event ABI");

/* By frame pointers from the saved registers of a goroutine that parks: return addresses, innermost first,
 * from the caller of runtime.gopark on; 0 behind the outermost. Not at every park: of a goroutine's parks
 * those whose number is a power of two. */
#define EVENT_STACK_DEPTH 8
struct event_go_stack {
    struct event_header header;
    uint64_t g;
    uint64_t pcs[EVENT_STACK_DEPTH];
};
_Static_assert(sizeof(struct event_go_stack) == 104, "event ABI");

/* ready to run of a goroutine, split by what kept it; the three add up to it. ns. */
struct event_go_wake {
    struct event_header header; /* thread and goroutine of the run; cpu EVENT_CPU_USER */
    uint64_t go_queue;          /* in the Go scheduler's queues */
    uint64_t run_queue;         /* its thread was runnable, but other threads had the CPUs */
    uint64_t throttled;         /* its thread was kept off by cpu.max */
};
_Static_assert(sizeof(struct event_go_wake) == 56, "event ABI");

struct event_go_lock_wait {
    struct event_header header;
    uint64_t address; /* of the semaphore in the lock */
};
_Static_assert(sizeof(struct event_go_lock_wait) == 40, "event ABI");

enum mark {
    MARK_BARRIER = 1,      /* the demo was released to execve */
    MARK_START = 2,        /* execve done */
    MARK_STOP = 3,         /* the stop policy or the time-out sent its signal */
    MARK_END = 4,          /* the demo's first process has ended */
    MARK_WINDOW_START = 5, /* the load's measured window begins */
    MARK_WINDOW_END = 6,
    MARK_LOAD_STEP = 7, /* a further rate of it begins */
    MARK_COUNTED = 8,   /* events of the Go runtime that came too often are only counted from here on */
};

struct event_mark {
    struct event_header header;
    uint64_t mark; /* enum mark */
};
_Static_assert(sizeof(struct event_mark) == 40, "event ABI");

#define EVENT_SIZE_MAX 104

/* Where a Go executable's structures have their fields: one per demo, chosen by the cookie. Offsets in bytes.
 */
struct go_layout {
    uint32_t g_m, g_goid, g_status, g_waitreason, g_startpc, g_gopc;
    uint32_t g_parent_goid; /* 0: before Go 1.21 */
    uint32_t g_coroarg;     /* 0: before Go 1.22; the coro's first field is the goroutine that waits */
    uint32_t m_curg, m_p;
    uint32_t p_goidcache, p_goidcacheend;
    uint32_t p_id, p_m;
    uint32_t g_sched_pc, g_sched_sp,
        g_sched_bp; /* where a goroutine that does not run goes on; bp 0: no stacks */
    uint32_t timer_when, timer_period;
    uint32_t poll_rg, poll_wg; /* runtime.pollDesc: the goroutine that waits */
    /* runtime.gcControllerState, whose address is startCycle's receiver; 0: this version has no such field */
    uint32_t gc_heap_goal, gc_assist_time, gc_dedicated_time, gc_fractional_time, gc_idle_time;
    int32_t tls_g;             /* of g, from the thread's FS base */
    uint32_t goid_stale;       /* 1: at creation (dead -> runnable) g.goid is not set yet: Go before 1.24 */
    uint32_t stw_has_reason;   /* 1: stopTheWorldWithSema takes a stwReason: Go 1.21 and later */
    uint32_t preempted_reason; /* number of the waitReason "preempted" */
};

/* Cookie of a probe site: which executable, which observation, how to read it. */
#define GO_COOKIE(executable, site, stack_check)                                                             \
    ((uint64_t)(executable) << 32 | (uint64_t)((stack_check) ? 1 : 0) << 16 | (uint64_t)(site))
#define GO_COOKIE_EXECUTABLE(cookie)  ((uint32_t)((cookie) >> 32))
#define GO_COOKIE_STACK_CHECK(cookie) ((uint32_t)((cookie) >> 16) & 1)
#define GO_COOKIE_SITE(cookie)        ((uint32_t)((cookie)) & 0xffff)
#define GO_EXECUTABLES_MAX            64

/* What is probed in the Go runtime. Registers at a site are those of the function's entry (ABIInternal). */
enum go_site {
    GO_SITE_CASGSTATUS = 1, /* runtime.casgstatus AX=g BX=old CX=new: create, run, park, ready, yield, exit */
    GO_SITE_GC_START = 2,   /* (*gcControllerState).startCycle AX=the controller */
    GO_SITE_GC_END = 3,     /* gcMarkTermination */
    GO_SITE_STW_START = 4,  /* stopTheWorldWithSema AX=reason (Go >= 1.21) */
    GO_SITE_STW_END = 5,    /* startTheWorldWithSema */
    GO_SITE_SYSCALL_ENTER = 6, /* reentersyscall R14=g; level full from here on */
    GO_SITE_SYSCALL_EXIT = 7,  /* exitsyscall R14=g */
    GO_SITE_TIMER_MAKE = 8,    /* time.startTimer AX=timer (Go < 1.23) */
    GO_SITE_TIMER_STOP = 9,    /* time.stopTimer AX */
    GO_SITE_TIMER_RESET = 10,  /* time.resetTimer AX */
    GO_SITE_PREEMPT_PARK = 11, /* preemptPark AX=g, level core: running -> preempted (for a stack scan), which
                                  does not pass casgstatus; EVENT_GO_PARK with layout.preempted_reason */
    GO_SITE_CORO_SWITCH = 12,  /* coroswitch_m AX=g; level core */
    GO_SITE_PREEMPT_REQUEST = 13, /* preemptone AX=p */
    GO_SITE_PREEMPT_ASYNC = 14,   /* asyncPreempt2 R14=g */
    GO_SITE_GOSCHED = 15,         /* gosched_m AX=g */
    GO_SITE_P_BIND = 16,          /* acquirep, acquirepNoTrace (Go >= 1.26) AX=p */
    GO_SITE_P_UNBIND = 17,        /* releasep: the P of R14's M */
    GO_SITE_P_HANDOFF = 18,       /* handoffp AX=p */
    GO_SITE_M_CREATE = 19,        /* newm1 AX=m */
    GO_SITE_M_START = 20,         /* startm AX=p (may be nil) BX=spinning */
    GO_SITE_M_STOP = 21,          /* stopm: R14's M */
    GO_SITE_STEAL = 22,      /* runqsteal, the branch behind its call of runqgrab: AX=how many were taken */
    GO_SITE_STEAL_FROM = 23, /* runqsteal AX=the thief's p BX=the victim's; no event, GO_SITE_STEAL follows */
    GO_SITE_SYSMON_SLEEP = 24,  /* sysmon's call of usleep: u32 of us at 0(SP) */
    GO_SITE_NETPOLL = 25,       /* netpoll AX=delay */
    GO_SITE_NETPOLL_READY = 26, /* netpollready BX=pollDesc CX=mode */
    GO_SITE_TIMER_FIRE = 27,    /* (*timer).unlockAndRun AX=timer (Go >= 1.23) */
    GO_SITE_LOCK_WAIT = 28,     /* (*semaRoot).queue BX=address */
    GO_SITE_TIMER_NEW = 29,     /* time.newTimer (Go >= 1.23), whose timer has no address yet */
    GO_SITE_TIMER_RUN = 30,     /* runOneTimer BX=timer (Go < 1.23) */
    GO_SITE_COUNT = 32,
};

#endif
