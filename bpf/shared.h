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

/* A goroutine's id by its g, cached: bpf/go.bpf.c. */
struct goid_slot {
    uint64_t check, goid;
};
#define GOID_SLOTS 4096

/* Which tasks are observed. */
struct observed_group {
    uint64_t id; /* of a cgroup of the v2 hierarchy; 0 matches none */
    uint32_t level;
    uint32_t pad;
};

#endif
