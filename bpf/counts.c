#include "bpf/counts.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#include "bpf/state.h"
#include "runner/support/fd.h"

static int map_of(const struct observer *observer)
{
    return bpf_map__fd(observer->programs->maps.counts);
}

void observer_count_only(struct observer *observer, uint64_t kinds)
{
    __atomic_store_n(&observer->programs->bss->counted_kinds, kinds, __ATOMIC_RELEASE);
}

int counts_zero(struct observer *observer)
{
    struct count_key key;
    observer_count_only(observer, 0);
    if (!observer->settings.go)
        return 0; /* no program that counts is loaded */
    while (bpf_map_get_next_key(map_of(observer), NULL, &key) == 0)
        if (bpf_map_delete_elem(map_of(observer), &key) < 0 && errno != ENOENT)
            return -errno;
    return 0;
}

int observer_read_counts(const struct observer *observer,
                         void (*take)(void *context, const struct observer_count *count), void *context)
{
    struct count_key keys[2];
    struct count_key *key = NULL;
    AUTO_FREE uint64_t *values = calloc(observer->cpu_count, sizeof *values);
    if (!values)
        return -ENOMEM;
    for (unsigned turn = 0; bpf_map_get_next_key(map_of(observer), key, &keys[turn]) == 0; turn ^= 1) {
        key = &keys[turn];
        if (bpf_map_lookup_elem(map_of(observer), key, values) < 0)
            return -errno;
        struct observer_count count = {key->start_pc, (enum event_kind)key->kind, key->reason, 0};
        for (size_t cpu = 0; cpu < observer->cpu_count; cpu++)
            count.count += values[cpu];
        take(context, &count);
    }
    return 0;
}
