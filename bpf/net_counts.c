#include "bpf/net_counts.h"

#include <string.h>

static const struct net_traffic unknown_traffic = {NET_UNKNOWN, NET_UNKNOWN, NET_UNKNOWN};

bool net_counts_is_drop(const char *reason)
{
    static const char *const others[] = {"NOT_DROPPED_YET", "CONSUMED", "QUEUE_PURGE"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(reason, others[i]) == 0)
            return false;
    return true;
}

static void add_traffic(struct net_traffic *sum, const struct net_traffic *part)
{
    sum->packets += part->packets;
    sum->bytes += part->bytes;
    sum->payload_bytes += part->payload_bytes;
}

static void add(struct net_counts *sum, const struct net_counters *part,
                const char names[NET_DROP_REASONS][NET_DROP_NAME_MAX])
{
    add_traffic(&sum->ingress, &part->ingress);
    add_traffic(&sum->egress, &part->egress);
    add_traffic(&sum->xdp, &part->xdp);
    sum->unparsed += part->unparsed;
    sum->retransmits += part->retransmits;
    sum->retransmitted_bytes += part->retransmitted_bytes;
    sum->xdp_errors += part->xdp_errors;
    for (size_t i = 0; i < NET_DROP_REASONS; i++) {
        uint64_t count = net_counts_is_drop(names[i]) ? part->drops[i] : 0;
        sum->by_reason[i] += count;
        sum->drops_seen += count;
    }
}

void net_counts_sum(const struct net_counters *per_cpu, size_t cpus,
                    const char names[NET_DROP_REASONS][NET_DROP_NAME_MAX],
                    const char reasons[NET_FIGURE_COUNT][NET_REASON_MAX], bool drops_partial,
                    struct net_counts *counts)
{
    memset(counts, 0, sizeof *counts);
    for (size_t cpu = 0; cpu < cpus; cpu++)
        add(counts, &per_cpu[cpu], names);
    counts->drops = drops_partial ? NET_UNKNOWN : counts->drops_seen;
    counts->xdp.payload_bytes = NET_UNKNOWN;
    if (reasons[NET_TRAFFIC][0]) {
        counts->ingress = counts->egress = unknown_traffic;
        counts->unparsed = NET_UNKNOWN;
    }
    if (reasons[NET_XDP][0])
        counts->xdp = unknown_traffic;
    if (reasons[NET_DROPS][0])
        counts->drops = counts->drops_seen = NET_UNKNOWN;
    if (reasons[NET_XDP_ERRORS][0])
        counts->xdp_errors = NET_UNKNOWN;
    if (reasons[NET_RETRANSMITS][0])
        counts->retransmits = counts->retransmitted_bytes = NET_UNKNOWN;
}
