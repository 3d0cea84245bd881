#include "bpf/losses.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int losses_open(struct observer *observer)
{
    int cpus = libbpf_num_possible_cpus();
    if (cpus < 0)
        return cpus;
    observer->per_cpu = calloc((size_t)cpus, sizeof *observer->per_cpu);
    observer->cpu_count = (size_t)cpus;
    return observer->per_cpu ? 0 : -ENOMEM;
}

int losses_zero(struct observer *observer)
{
    __u32 key = 0;
    memset(observer->per_cpu, 0, observer->cpu_count * sizeof *observer->per_cpu);
    observer->ring_bytes_peak = 0;
    return bpf_map_update_elem(bpf_map__fd(observer->programs->maps.counters), &key, observer->per_cpu,
                               BPF_ANY);
}

void observer_read_losses(const struct observer *observer, struct observer_losses *losses)
{
    __u32 key = 0;
    memset(losses, 0, sizeof *losses);
    losses->ring_bytes_peak = observer->ring_bytes_peak;
    if (bpf_map_lookup_elem(bpf_map__fd(observer->programs->maps.counters), &key, observer->per_cpu) < 0)
        return;
    for (size_t cpu = 0; cpu < observer->cpu_count; cpu++) {
        const struct cpu_counters *counters = &observer->per_cpu[cpu];
        losses->filtered_restarts += counters->filtered_restarts;
        losses->unseen_switches += counters->unseen_switches;
        for (size_t kind = 0; kind < EVENT_KIND_COUNT; kind++) {
            losses->produced[kind] += counters->produced[kind];
            losses->lost[kind] += counters->lost[kind];
            if (cpu < EVENT_CPU_USER && counters->lost[kind])
                losses->cpus[cpu].lost |= UINT64_C(1) << kind;
            losses->counted[kind] += counters->counted[kind];
        }
        if (cpu < EVENT_CPU_USER)
            losses->cpus[cpu].next = counters->seq;
    }
}
