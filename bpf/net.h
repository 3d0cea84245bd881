/*
 * What a network namespace sends and receives, counted by the kernel without copying a packet: tc programs on
 * both sides of each interface, one in XDP, tracepoints for what never gets through (bpf/net.bpf.c).
 *
 * Payload is what TCP and UDP carry for applications. On loopback each packet passes egress once and ingress
 * once, so either side alone is the sum of what all programs in the namespace wrote, and both agree unless
 * something between them drops. A retransmitted segment passes egress again: payload_bytes less
 * retransmitted_bytes is what was written. Packets and their bytes are no measure of that: loopback carries
 * segments that were never cut, and cuts those of more than 64 KiB behind the egress hook, so that the sides
 * differ. A packet that waits in a CPU's backlog has passed egress alone. UNIX sockets and pipes pass no
 * interface.
 *
 * What it costs (tests/bench/net.c, 6.18, 2 CPUs, loopback, medians): attaching by tcx 32 ms and detaching
 * 32 ms, by clsact 16 ms and 8 ms, all of it waiting for RCU (net/core/dev.c, kernel/bpf/tcx.c): tcx waits at
 * each hook, XDP once each way, clsact not at all. A round trip of one byte by TCP takes 13 -> 15 us, a
 * mebibyte in pieces of 64 KiB 295 -> 390 us, of which XDP has 80 us: in generic mode the kernel makes each
 * packet one piece of memory first, and drops it where there is none (told as a drop and as an XDP error). A
 * namespace that dies takes its hooks along, but an attachment keeps it alive.
 */
#ifndef BPF_NET_H
#define BPF_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/shared.h"
#include "runner/support/error.h"

struct observer;
struct net_attachment;

/* What is known or not known together. */
enum net_figure {
    NET_TRAFFIC,     /* ingress, egress, unparsed */
    NET_XDP,         /* xdp */
    NET_DROPS,       /* drops */
    NET_XDP_ERRORS,  /* xdp_errors */
    NET_RETRANSMITS, /* retransmits, retransmitted_bytes */
    NET_FIGURE_COUNT,
};

#define NET_UNKNOWN UINT64_MAX /* health.reason of its figure says why */

/* Since observer_net_attach(). Bytes of ingress and egress are those of whole frames, the Ethernet header
   included; xdp.payload_bytes is always NET_UNKNOWN. */
struct net_counts {
    struct net_traffic ingress, egress, xdp;
    uint64_t unparsed;            /* frames without a payload figure: neither IP nor ARP, or broken headers */
    uint64_t drops;               /* packets that the kernel freed instead of delivering */
    uint64_t drops_seen;          /* the same, known also where it is only a lower bound; else NET_UNKNOWN */
    uint64_t xdp_errors;          /* verdicts "aborted" or not known, failed redirects, of any XDP program */
    uint64_t retransmits;         /* of TCP segments that the kernel sent */
    uint64_t retransmitted_bytes; /* payload in them */
    uint64_t by_reason[NET_DROP_REASONS]; /* drops_seen, by the kernel's reason: observer_net_drop_name() */
};

#define NET_REASON_MAX    256
#define NET_DROP_NAME_MAX 48
struct net_health {
    bool tcx;                                      /* else clsact */
    uint32_t tc_wanted, tc_attached;               /* hooks: two on each interface that is up */
    uint32_t xdp_wanted, xdp_attached;             /* one on each */
    uint64_t missed;                               /* runs that the kernel left out, see bpf_prog_info(2) */
    uint64_t attach_ns, detach_ns;                 /* what it took */
    char reason[NET_FIGURE_COUNT][NET_REASON_MAX]; /* why a figure is NET_UNKNOWN; "": it is known */
    char drops_partial[NET_REASON_MAX];            /* why only drops_seen is known; "": drops are exact */
};

/* Enters the namespace with the calling thread and returns, attaches to its interfaces that are up now, and
   begins at zero. An interface without Ethernet headers, a feature that this kernel lacks, a place that is
   taken: in the health, and no error. Errors are ERROR_INTERNAL: settings.net is off, a second attachment at
   once (one namespace can be observed at a time), a namespace that cannot be entered. `netns_fd` stays the
   caller's. */
int observer_net_attach(struct observer *observer, int netns_fd, struct net_attachment **attachment,
                        struct error *error);
void observer_net_read(const struct net_attachment *attachment, struct net_counts *counts,
                       struct net_health *health);
/* Takes everything off the namespace again and frees the attachment. `health` (may be NULL) gets the final
   state with detach_ns. NULL is fine. */
void observer_net_detach(struct net_attachment *attachment, struct net_health *health);

/* "NO_SOCKET": as enum skb_drop_reason of the running kernel has it; "OTHER" for the last row. */
const char *observer_net_drop_name(const struct observer *observer, uint32_t reason);

#endif
