#include "bpf/net_counts.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* Two CPUs, names as a kernel has them, nothing unknown. */
struct table {
    struct net_counters cpus[2];
    char names[NET_DROP_REASONS][NET_DROP_NAME_MAX];
    char reasons[NET_FIGURE_COUNT][NET_REASON_MAX];
};

static void fill(struct table *table)
{
    static const char *const names[] = {"NOT_DROPPED_YET", "CONSUMED", "NO_SOCKET", "QUEUE_PURGE", "OTHER"};
    memset(table, 0, sizeof *table);
    for (size_t i = 0; i < NET_DROP_REASONS; i++)
        snprintf(table->names[i], NET_DROP_NAME_MAX, "%s", names[i < 4 ? i : 4]);
    for (uint64_t cpu = 0; cpu < 2; cpu++) {
        struct net_counters *counters = &table->cpus[cpu];
        counters->ingress = (struct net_traffic){1 + cpu, 10, 100};
        counters->egress = (struct net_traffic){2, 20 + cpu, 200};
        counters->xdp = (struct net_traffic){3, 30, 0};
        counters->unparsed = 4;
        counters->retransmits = 5;
        counters->retransmitted_bytes = 50;
        counters->xdp_errors = 6;
        for (size_t i = 0; i < 4; i++)
            counters->drops[i] = 7;
        counters->drops[NET_DROP_REASONS - 1] = 8;
    }
}

static void sum(const struct table *table, bool partial, struct net_counts *counts)
{
    net_counts_sum(table->cpus, 2, table->names, table->reasons, partial, counts);
}

Test(net_counts, all_cpus_are_summed)
{
    static struct table table;
    struct net_counts counts;
    fill(&table);
    sum(&table, false, &counts);
    cr_expect_eq(counts.ingress.packets, 3);
    cr_expect_eq(counts.ingress.payload_bytes, 200);
    cr_expect_eq(counts.egress.bytes, 41);
    cr_expect_eq(counts.xdp.packets, 6);
    cr_expect_eq(counts.xdp.payload_bytes, NET_UNKNOWN, "XDP does not look into packets");
    cr_expect_eq(counts.unparsed, 8);
    cr_expect_eq(counts.retransmits, 10);
    cr_expect_eq(counts.retransmitted_bytes, 100);
    cr_expect_eq(counts.xdp_errors, 12);
}

Test(net_counts, packets_that_were_used_up_or_left_unread_are_no_drops)
{
    static struct table table;
    struct net_counts counts;
    fill(&table);
    sum(&table, false, &counts);
    cr_expect_eq(counts.by_reason[0], 0);
    cr_expect_eq(counts.by_reason[1], 0);
    cr_expect_eq(counts.by_reason[2], 14);
    cr_expect_eq(counts.by_reason[3], 0);
    cr_expect_eq(counts.by_reason[NET_DROP_REASONS - 1], 16);
    cr_expect_eq(counts.drops, 30);
    cr_expect_eq(counts.drops_seen, 30);
}

Test(net_counts, what_is_not_known_is_never_a_number)
{
    static struct table table;
    struct net_counts counts;
    fill(&table);
    sum(&table, true, &counts);
    cr_expect_eq(counts.drops, NET_UNKNOWN);
    cr_expect_eq(counts.drops_seen, 30, "a lower bound stays one");
    for (size_t i = 0; i < NET_FIGURE_COUNT; i++)
        strcpy(table.reasons[i], "no such thing here");
    sum(&table, false, &counts);
    cr_expect_eq(counts.ingress.packets, NET_UNKNOWN);
    cr_expect_eq(counts.egress.payload_bytes, NET_UNKNOWN);
    cr_expect_eq(counts.unparsed, NET_UNKNOWN);
    cr_expect_eq(counts.xdp.bytes, NET_UNKNOWN);
    cr_expect_eq(counts.drops, NET_UNKNOWN);
    cr_expect_eq(counts.drops_seen, NET_UNKNOWN);
    cr_expect_eq(counts.retransmits, NET_UNKNOWN);
    cr_expect_eq(counts.retransmitted_bytes, NET_UNKNOWN);
    cr_expect_eq(counts.xdp_errors, NET_UNKNOWN);
}
