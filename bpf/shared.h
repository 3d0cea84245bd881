/*
 * What the BPF programs and bpf/observer share beside the events themselves: counters of one CPU, and the
 * switches that user space writes through the mapped .bss.
 */
#ifndef BPF_SHARED_H
#define BPF_SHARED_H

#include "bpf/events.h"

/* One for each CPU. Changed by atomic additions: a program may interrupt another one on its CPU. */
struct cpu_counters {
    uint32_t seq; /* of the next event */
    uint32_t pad;
    uint64_t running; /* the task that sched_switch saw go on to this CPU, an address; 0: none yet */
    uint64_t filtered_restarts;
    uint64_t unseen_switches;
    uint64_t produced[EVENT_KIND_COUNT];
    uint64_t lost[EVENT_KIND_COUNT];
    uint64_t counted[EVENT_KIND_COUNT]; /* instead of produced: kinds that are only counted */
};

/* What status changes of goroutines are counted by, where they are no events: bpf/counts.h. */
struct count_key {
    uint64_t start_pc; /* of the goroutine */
    uint32_t kind;
    uint32_t reason; /* what it waits or waited for; 0 but for parks and unparks */
};
#define COUNTS_MAX 2048

/* A goroutine's or P's number by its address, cached: bpf/goruntime.bpf.h. */
struct number_slot {
    uint64_t check, word;
};
#define NUMBER_SLOTS 4096

/* Threads that were woken before they had left their CPU: bpf/sched.bpf.c. A power of two. */
#define LATE_WAKES 4096

/* Who steals from whom: bpf/gosched.bpf.h. A power of two, far more than threads that are at it at once. */
struct steal_slot {
    uint64_t thread, thief, victim;
};
#define STEAL_SLOTS 256

/* A site, where the probe itself cannot tell which it is: bpf/sites.h. */
struct site_key {
    uint64_t inode;
    uint64_t distance; /* bytes from the site to the end of the executable's code */
};
#define SITES_MAX 4096

/* Where a process has its runtime.gcController, by executable: told by a cycle's start, needed at its end. */
struct gc_controller {
    uint64_t address;
    uint64_t tgid;
};

/* Which tasks are observed. */
struct observed_group {
    uint64_t id; /* of a cgroup of the v2 hierarchy; 0 matches none */
    uint32_t level;
    uint32_t pad;
};

/* What passed one hook. */
struct net_traffic {
    uint64_t packets, bytes, payload_bytes;
};

/* Rows by enum skb_drop_reason of the running kernel (include/net/dropreason.h); the last one takes what is
   beyond. A power of two. */
#define NET_DROP_REASONS 256

/* The network's counters of one CPU: bpf/net.bpf.c. Changed by atomic additions. */
struct net_counters {
    struct net_traffic ingress, egress, xdp;
    uint64_t unparsed; /* frames on ingress and egress whose payload could not be told */
    uint64_t retransmits, retransmitted_bytes;
    uint64_t xdp_errors;
    uint64_t drops[NET_DROP_REASONS];
};

/* The CPU profile's counters of one CPU: bpf/profile.bpf.c. Its timer never interrupts itself. */
struct profile_counters {
    uint64_t ticks;       /* the timer's, whoever was on the CPU */
    uint64_t first, last; /* when the first and the last of them came; ns, CLOCK_MONOTONIC */
    uint64_t produced;    /* samples of the observed group, lost ones included */
    uint64_t lost;        /* of these, refused by the ring */
};

#define PROFILE_DEPTH_MAX                                                                                    \
    127 /* frames of each half of a stack: the kernel's own bound, unless it was raised */

enum profile_flag {
    PROFILE_IN_KERNEL = 1,      /* the CPU was in kernel mode, on behalf of this thread */
    PROFILE_SYSTEM_STACK = 2,   /* the Go thread was on its g0 or gsignal */
    PROFILE_KERNEL_REFUSED = 4, /* the kernel could not walk its own half of the stack */
    PROFILE_USER_REFUSED = 8,   /* ... the other half */
};

/* One sample. On the ring only as many frames as there are. */
struct profile_sample {
    uint64_t time;       /* ns, CLOCK_MONOTONIC */
    uint32_t pid, tid;   /* in the initial PID namespace */
    uint64_t space;      /* names the address space: another value after each execve; 0: it is gone already */
    uint64_t code_end;   /* where the executable's last code ends in it; tells where it was put */
    int32_t executable;  /* the executable's number; -1: none that was announced */
    uint16_t cpu, flags; /* enum profile_flag */
    uint64_t goid;       /* 0: no goroutine, or not known */
    uint64_t start_pc, creator_pc; /* of the goroutine: g.startpc, g.gopc; 0 with goid */
    uint64_t stack_top;            /* the word that the user mode's stack pointer points to; 0: not known */
    uint16_t kernel_depth, user_depth;
    uint32_t pad;
    char comm[16];
    uint64_t frames[2 * PROFILE_DEPTH_MAX]; /* kernel_depth of the kernel, then user_depth; innermost first */
};
#define PROFILE_SAMPLE_HEAD (sizeof(struct profile_sample) - 2 * PROFILE_DEPTH_MAX * sizeof(uint64_t))

#endif
