#include "bpf/profile.h"

#include <bpf/bpf.h>
#include <string.h>

#include "bpf/state.h"

const char *observer_profile_off(const struct observer *observer)
{
    const struct profile_state *profile = &observer->profile;
    if (!observer->settings.profile_hz)
        return "it was not asked for";
    if (profile->refused[0])
        return profile->refused;
    return profile->off[0] ? profile->off : NULL;
}

int observer_profile_drain(struct observer *observer, observer_take_sample take, void *context)
{
    struct profile_state *profile = &observer->profile;
    if (!profile->ring)
        return 0;
    observer_rest(observer);
    profile->take = take;
    profile->take_context = context;
    return ring_buffer__consume(profile->ring);
}

/* Of a timer that began at `first`: how often its program was not run until `last`. */
static uint64_t missed(const struct profile_counters *cpu, uint64_t period_ns)
{
    uint64_t due = cpu->ticks ? (cpu->last - cpu->first + period_ns / 2) / period_ns + 1 : 0;
    return due > cpu->ticks ? due - cpu->ticks : 0;
}

void observer_profile_read(const struct observer *observer, struct profile_counts *counts)
{
    const struct profile_state *profile = &observer->profile;
    __u32 key = 0;
    *counts = (struct profile_counts){
        .period_ns = profile->period_ns, .cpus = profile->cpus, .depth_limit = profile->depth_limit};
    if (!profile->ring || bpf_map_lookup_elem(bpf_map__fd(observer->programs->maps.profile_counters), &key,
                                              profile->per_cpu) < 0)
        return;
    for (size_t i = 0; i < observer->cpu_count; i++) {
        const struct profile_counters *cpu = &profile->per_cpu[i];
        counts->produced += cpu->produced;
        counts->lost += cpu->lost;
        counts->ticks += cpu->ticks;
        counts->missed += missed(cpu, profile->period_ns);
    }
}
