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
};

/* A goroutine's or P's number by its address, cached: bpf/goruntime.bpf.h. */
struct number_slot {
    uint64_t check, word;
};
#define NUMBER_SLOTS 4096

/* Who steals from whom: bpf/gosched.bpf.h. A power of two, far more than threads that are at it at once. */
struct steal_slot {
    uint64_t thread, thief, victim;
};
#define STEAL_SLOTS 256

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

#endif
