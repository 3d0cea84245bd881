/* From the counters of each CPU to figures, of which each is known or NET_UNKNOWN. */
#ifndef BPF_NET_COUNTS_H
#define BPF_NET_COUNTS_H

#include <stddef.h>

#include "bpf/net.h"

/* What a drop is by the kernel's name for its reason: false for packets that were used up, and for what lay
   unread in a socket that was closed. */
bool net_counts_is_drop(const char *reason);

/* `names` tells the reasons of drops; `reasons` (net_health.reason) what is not known; `drops_partial`: drops
   are a lower bound. */
void net_counts_sum(const struct net_counters *per_cpu, size_t cpus,
                    const char names[NET_DROP_REASONS][NET_DROP_NAME_MAX],
                    const char reasons[NET_FIGURE_COUNT][NET_REASON_MAX], bool drops_partial,
                    struct net_counts *counts);

#endif
