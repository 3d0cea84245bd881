/*
 * Counts what the observed network namespace sends and receives. Two programs on each interface (tcx, else
 * clsact) count packets, bytes on the wire and the payload of TCP and UDP; one in XDP counts what arrives
 * there; four on tracepoints count what never gets through a hook. They only count: every packet goes on as
 * if they were not there. User space attaches the first three to the namespace's interfaces, so they need no
 * filter; the others look at the namespace of the packet's socket or device.
 * Sources: include/trace/events/{skb,tcp,xdp}.h, net/core/dev.c, net/ipv4/tcp_output.c, RFC 8200.
 */
#include "bpf/common.bpf.h"

#include <bpf/bpf_endian.h>

char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct net_counters);
} net_counters SEC(".maps");

__u32 net_namespace SEC(".bss"); /* inode number of the observed network namespace; 0 matches none */

/* What the tracepoints hand over (bpf/features.h). Set before loading; the verifier prunes. */
const volatile bool drop_has_socket SEC(".rodata") = false;
const volatile bool retransmit_has_error SEC(".rodata") = false;

#define EXTENSIONS_MAX 8 /* IPv6 headers that are followed to the transport header */

static __always_inline struct net_counters *cpu_net_counters(void)
{
    __u32 key = 0;
    return bpf_map_lookup_elem(&net_counters, &key);
}

/* --- payload of a frame ------------------------------------------------------------------------ */

/* Offsets from the frame's first byte. */
struct transport {
    __u32 protocol;
    __u32 start, end; /* of header and payload together */
    bool continued;   /* a later fragment: payload from `start` on */
};

/* Several segments in one that are cut below us reach to its end. Their length field cannot tell more than
   64 KiB: it is 0 (BIG TCP: net/ipv4/ip_output.c, iph_set_totlen()) or, before 6.3, what 16 bits leave. */
static __always_inline __u32 frame_end(const struct __sk_buff *skb, __u32 base, __u16 length)
{
    return skb->gso_size ? skb->len : base + length;
}

static __always_inline bool find_transport_v4(const struct __sk_buff *skb, struct transport *transport)
{
    struct iphdr header;
    if (bpf_skb_load_bytes(skb, ETH_HLEN, &header, sizeof header) < 0)
        return false;
    __u32 length = (header.version_ihl & 15) * 4;
    transport->protocol = header.protocol;
    transport->start = ETH_HLEN + length;
    transport->end = frame_end(skb, ETH_HLEN, bpf_ntohs(header.tot_len));
    transport->continued = (header.frag_off & bpf_htons(IP_OFFSET)) != 0;
    return length >= sizeof header;
}

static __always_inline bool find_transport_v6(const struct __sk_buff *skb, struct transport *transport)
{
    struct ipv6hdr header;
    if (bpf_skb_load_bytes(skb, ETH_HLEN, &header, sizeof header) < 0)
        return false;
    transport->protocol = header.nexthdr;
    transport->start = ETH_HLEN + sizeof header;
    transport->end = frame_end(skb, transport->start, bpf_ntohs(header.payload_len));
    transport->continued = false;
    for (int i = 0; i < EXTENSIONS_MAX; i++) {
        struct ipv6_opt_hdr extension;
        __u32 protocol = transport->protocol;
        if (protocol != IPPROTO_HOPOPTS && protocol != IPPROTO_ROUTING && protocol != IPPROTO_FRAGMENT &&
            protocol != IPPROTO_AH && protocol != IPPROTO_DSTOPTS && protocol != IPPROTO_MH)
            return true;
        if (bpf_skb_load_bytes(skb, transport->start, &extension, sizeof extension) < 0)
            return false;
        __u32 length = (extension.hdrlen + 1) * 8;
        if (protocol == IPPROTO_FRAGMENT)
            length = 8;
        else if (protocol == IPPROTO_AH)
            length = (extension.hdrlen + 2) * 4;
        transport->protocol = extension.nexthdr;
        transport->start += length;
        if (protocol == IPPROTO_FRAGMENT && (extension.frag_off & bpf_htons(0xfff8))) {
            transport->continued = true; /* what follows is cut out of the middle */
            return true;
        }
    }
    return false;
}

/* Bytes that an application wrote and another one will read; -1: the headers make no sense. */
static __always_inline __s64 payload_bytes(const struct __sk_buff *skb)
{
    struct transport transport;
    __u32 length = 0;
    if (skb->protocol == bpf_htons(ETH_P_ARP))
        return 0;
    if (skb->protocol == bpf_htons(ETH_P_IP)) {
        if (!find_transport_v4(skb, &transport))
            return -1;
    } else if (skb->protocol != bpf_htons(ETH_P_IPV6) || !find_transport_v6(skb, &transport)) {
        return -1;
    }
    if (transport.protocol != IPPROTO_TCP && transport.protocol != IPPROTO_UDP)
        return 0;
    if (!transport.continued && transport.protocol == IPPROTO_UDP)
        length = 8;
    if (!transport.continued && transport.protocol == IPPROTO_TCP) {
        __u8 offset = 0; /* the data offset, in the upper half: RFC 9293, 3.1 */
        if (bpf_skb_load_bytes(skb, transport.start + 12, &offset, sizeof offset) < 0 || offset >> 4 < 5)
            return -1;
        length = (offset >> 4) * 4;
    }
    if (transport.end > skb->len || transport.start + length > transport.end)
        return -1;
    return transport.end - transport.start - length;
}

static __always_inline void count(struct net_traffic *traffic, __u64 bytes, __u64 payload)
{
    __sync_fetch_and_add(&traffic->packets, 1);
    __sync_fetch_and_add(&traffic->bytes, bytes);
    __sync_fetch_and_add(&traffic->payload_bytes, payload);
}

static __always_inline int count_frame(const struct __sk_buff *skb, bool ingress)
{
    struct net_counters *cpu = cpu_net_counters();
    if (!cpu)
        return TC_ACT_UNSPEC;
    __s64 payload = payload_bytes(skb);
    if (payload < 0)
        __sync_fetch_and_add(&cpu->unparsed, 1);
    count(ingress ? &cpu->ingress : &cpu->egress, skb->len, payload < 0 ? 0 : payload);
    return TC_ACT_UNSPEC;
}

SEC("tcx/ingress")
int net_ingress(struct __sk_buff *skb)
{
    return count_frame(skb, true);
}

SEC("tcx/egress")
int net_egress(struct __sk_buff *skb)
{
    return count_frame(skb, false);
}

/* Payload is left to the hooks behind it: 0 here. */
SEC("xdp")
int net_xdp(struct xdp_md *frame)
{
    struct net_counters *cpu = cpu_net_counters();
    if (cpu)
        count(&cpu->xdp, frame->data_end - frame->data, 0);
    return XDP_PASS;
}

/* --- what does not get through ----------------------------------------------------------------- */

static __always_inline bool is_observed_namespace(const struct net *net)
{
    return net && BPF_CORE_READ(net, ns.inum) == net_namespace;
}

/* A packet's socket tells its namespace, else its device. Of a packet in a queue `dev` may be something else
   (include/linux/skbuff.h has unions there): then the reads fail or yield no namespace's number. */
static __always_inline bool is_observed_packet(const struct sk_buff *skb, const struct sock *receiver)
{
    const struct sock *socket = receiver ? receiver : BPF_CORE_READ(skb, sk);
    if (socket)
        return is_observed_namespace(BPF_CORE_READ(socket, __sk_common.skc_net.net));
    return is_observed_namespace(BPF_CORE_READ(skb, dev, nd_net.net));
}

/* Sockets of other families (UNIX, netlink) free their messages here, too: those have no protocol. */
SEC("tp_btf/kfree_skb")
int net_drop(__u64 *args)
{
    const struct sk_buff *skb = (void *)args[0];
    const struct sock *receiver = drop_has_socket ? (void *)args[3] : NULL;
    __be16 protocol = BPF_CORE_READ(skb, protocol);
    if (protocol != bpf_htons(ETH_P_IP) && protocol != bpf_htons(ETH_P_IPV6))
        return 0;
    struct net_counters *cpu = cpu_net_counters();
    if (!cpu || !is_observed_packet(skb, receiver))
        return 0;
    __u32 reason = (__u32)args[2];
    if (reason >= NET_DROP_REASONS)
        reason = NET_DROP_REASONS - 1;
    barrier_var(reason);
    __sync_fetch_and_add(&cpu->drops[reason & (NET_DROP_REASONS - 1)], 1);
    return 0;
}

/* A segment in the retransmit queue has no headers yet, so its length is its payload. Newer kernels come here
   for attempts that failed, too. */
SEC("tp_btf/tcp_retransmit_skb")
int net_retransmit(__u64 *args)
{
    const struct sock *socket = (void *)args[0];
    const struct sk_buff *skb = (void *)args[1];
    if (retransmit_has_error && (__s32)args[2] != 0)
        return 0;
    struct net_counters *cpu = cpu_net_counters();
    if (!cpu || !is_observed_namespace(BPF_CORE_READ(socket, __sk_common.skc_net.net)))
        return 0;
    __sync_fetch_and_add(&cpu->retransmits, 1);
    __sync_fetch_and_add(&cpu->retransmitted_bytes, BPF_CORE_READ(skb, len));
    return 0;
}

static __always_inline int count_xdp_error(const struct net_device *device)
{
    struct net_counters *cpu = cpu_net_counters();
    if (cpu && is_observed_namespace(BPF_CORE_READ(device, nd_net.net)))
        __sync_fetch_and_add(&cpu->xdp_errors, 1);
    return 0;
}

SEC("tp_btf/xdp_exception")
int BPF_PROG(net_xdp_exception, const struct net_device *device)
{
    return count_xdp_error(device);
}

SEC("tp_btf/xdp_redirect_err")
int BPF_PROG(net_xdp_redirect_err, const struct net_device *device)
{
    return count_xdp_error(device);
}
