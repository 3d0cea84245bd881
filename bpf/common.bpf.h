/*
 * What every BPF program of ours does: ask whether a task is observed, take the time and a sequence number,
 * reserve a record, count it when the ring refuses. The maps and variables here are defined by each object
 * that includes it and merged into one by `bpftool gen object`.
 */
#ifndef BPF_COMMON_BPF_H
#define BPF_COMMON_BPF_H

#include "bpf/kernel.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/shared.h"

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096); /* user space sets the size before loading */
} ring SEC(".maps") __weak;

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct cpu_counters);
} counters SEC(".maps") __weak;

const volatile __u64 wakeup_bytes SEC(".rodata") __weak = 0; /* fill past which the reader is woken */
struct observed_group observed SEC(".bss") __weak;
__u32 wakeup_pending SEC(".bss") __weak; /* set by the event that wakes, cleared by the drain */

/* The slot of this CPU; never NULL with key 0, which only the verifier doubts. */
static __always_inline struct cpu_counters *cpu_counters(void)
{
    __u32 key = 0;
    return bpf_map_lookup_elem(&counters, &key);
}

static __always_inline bool is_ancestor_observed(struct cgroup *cgroup)
{
    __u32 level = observed.level;
    if (cgroup->level <= (int)level)
        return false;
    __u64 id = 0;
    if (bpf_core_field_exists(cgroup->ancestors)) {
        struct cgroup *ancestor = NULL;
        bpf_core_read(&ancestor, sizeof ancestor, &cgroup->ancestors[level]);
        id = BPF_CORE_READ(ancestor, kn, id);
    } else {
        struct cgroup___before_6_1 *old = (void *)cgroup;
        bpf_core_read(&id, sizeof id, &old->ancestor_ids[level]);
    }
    return id == observed.id;
}

/* The observed group itself is the common case: a task's group is compared first, descendants after it. */
static __always_inline bool is_observed(struct task_struct *task)
{
    struct cgroup *cgroup = task->cgroups->dfl_cgrp;
    return cgroup->kn->id == observed.id || is_ancestor_observed(cgroup);
}

#ifdef BEFORE_5_15
/* The current task is a number here, not a pointer that the verifier knows: its fields need helpers. */
static __always_inline bool is_current_observed(void)
{
    if (bpf_get_current_cgroup_id() == observed.id)
        return true;
    struct task_struct *task = (void *)bpf_get_current_task();
    struct cgroup *cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp);
    __u32 level = observed.level;
    __u64 id = 0;
    if (BPF_CORE_READ(cgroup, level) > (int)level) {
        struct cgroup___before_6_1 *old = (void *)cgroup;
        bpf_core_read(&id, sizeof id, &old->ancestor_ids[level]);
    }
    return id && id == observed.id;
}

static __always_inline __u32 current_tid(void)
{
    return (__u32)bpf_get_current_pid_tgid();
}

static __always_inline __u32 current_tgid(void)
{
    return bpf_get_current_pid_tgid() >> 32;
}

/* The addition alone: 5.12 has one that tells the old value (5ca419f2864a). Should a program that interrupts
   this one add between the two lines, both have the same number and the one before is missing. */
static __always_inline __u32 next_seq(struct cpu_counters *cpu)
{
    __sync_fetch_and_add(&cpu->seq, 1);
    return *(volatile __u32 *)&cpu->seq - 1;
}
#else
/* One helper and a few loads: 40 ns less than asking helpers for the ids of the group and of its ancestor. */
static __always_inline bool is_current_observed(void)
{
    return is_observed(bpf_get_current_task_btf());
}

static __always_inline __u32 current_tid(void)
{
    return bpf_get_current_task_btf()->pid;
}

static __always_inline __u32 current_tgid(void)
{
    return bpf_get_current_task_btf()->tgid;
}

static __always_inline __u32 next_seq(struct cpu_counters *cpu)
{
    return __sync_fetch_and_add(&cpu->seq, 1);
}
#endif

/*
 * Takes the sequence number and the time before it asks the ring, so that a lost event leaves a gap whose
 * place is known. NULL: the ring is full, and that has been counted. tid and pid are the current task's; a
 * program whose event is about another one overwrites them.
 */
static __always_inline void *event_reserve(struct cpu_counters *cpu, __u16 kind, __u64 size)
{
    __u64 time = bpf_ktime_get_ns();
    __u64 slot = kind;
    barrier_var(slot); /* the bound that follows must not be derived from an earlier one: verifier of 6.1 */
    slot &= EVENT_KIND_COUNT - 1;
    __u32 seq = next_seq(cpu);
    __sync_fetch_and_add(&cpu->produced[slot], 1);
    struct event_header *header = bpf_ringbuf_reserve(&ring, size, 0);
    if (!header) {
        __sync_fetch_and_add(&cpu->lost[slot], 1);
        return NULL;
    }
    __u32 number = bpf_get_smp_processor_id();
    header->time = time;
    header->kind = kind;
    header->cpu = number < EVENT_CPU_USER ? number : EVENT_CPU_USER - 1;
    header->flags = 0;
    header->seq = seq;
    return header;
}

/*
 * A wake-up costs microseconds and lets the reader preempt the demo, so an event wakes only when the ring is
 * more than half full, and once until the reader has come. Every 16th event of a CPU asks for the fill.
 */
static __always_inline void event_submit(void *event)
{
    __u64 flags = BPF_RB_NO_WAKEUP;
    struct event_header *header = event;
    if (header->seq % 16 == 0 && !wakeup_pending &&
        bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) > wakeup_bytes) {
        wakeup_pending = 1;
        flags = BPF_RB_FORCE_WAKEUP;
    }
    bpf_ringbuf_submit(event, flags);
}

#endif
