#include "runner/trial/netcount.h"

#include <stddef.h>

int netcount_begin(struct netcount *netcount, struct observer *observer, int network_fd, struct error *error)
{
    *netcount = (struct netcount){.observer = observer, .wanted = true};
    if (network_fd < 0) {
        netcount->off = "the demo shares the host's network, where its packets cannot be told from others'";
        return 0;
    }
    return observer_net_attach(observer, network_fd, &netcount->attachment, error);
}

void netcount_end(struct netcount *netcount)
{
    if (!netcount->attachment)
        return;
    observer_net_read(netcount->attachment, &netcount->counts, &netcount->health);
    netcount_close(netcount);
}

void netcount_close(struct netcount *netcount)
{
    struct net_health last = netcount->health;
    observer_net_detach(netcount->attachment, netcount->attachment ? &last : NULL);
    netcount->health.detach_ns = last.detach_ns;
    netcount->attachment = NULL;
}

/* The figures: where each stands, and what it hangs on. */
static const struct figure {
    enum metric_id id; /* METRIC_ID_COUNT: in trial.json alone */
    const char *block; /* of record["net"]; NULL: the object itself */
    const char *key;
    size_t offset; /* in struct net_counts */
} figures[] = {
    {METRIC_NET_PACKETS_IN, "ingress", "packets", offsetof(struct net_counts, ingress.packets)},
    {METRIC_ID_COUNT, "ingress", "bytes", offsetof(struct net_counts, ingress.bytes)},
    {METRIC_NET_PAYLOAD_IN, "ingress", "payload_bytes", offsetof(struct net_counts, ingress.payload_bytes)},
    {METRIC_NET_PACKETS_OUT, "egress", "packets", offsetof(struct net_counts, egress.packets)},
    {METRIC_ID_COUNT, "egress", "bytes", offsetof(struct net_counts, egress.bytes)},
    {METRIC_NET_PAYLOAD_OUT, "egress", "payload_bytes", offsetof(struct net_counts, egress.payload_bytes)},
    {METRIC_ID_COUNT, "xdp", "packets", offsetof(struct net_counts, xdp.packets)},
    {METRIC_ID_COUNT, "xdp", "bytes", offsetof(struct net_counts, xdp.bytes)},
    {METRIC_ID_COUNT, NULL, "unparsed", offsetof(struct net_counts, unparsed)},
    {METRIC_NET_DROPS, NULL, "drops", offsetof(struct net_counts, drops)},
    {METRIC_ID_COUNT, NULL, "drops_seen", offsetof(struct net_counts, drops_seen)},
    {METRIC_NET_RETRANSMITS, NULL, "retransmits", offsetof(struct net_counts, retransmits)},
    {METRIC_NET_RETRANSMITTED, NULL, "retransmitted_bytes", offsetof(struct net_counts, retransmitted_bytes)},
    {METRIC_NET_XDP_ERRORS, NULL, "xdp_errors", offsetof(struct net_counts, xdp_errors)},
};
#define FIGURES (sizeof figures / sizeof *figures)

static uint64_t value_of(const struct netcount *netcount, const struct figure *figure)
{
    return *(const uint64_t *)((const char *)&netcount->counts + figure->offset);
}

static json_t *count_json(uint64_t count)
{
    return count == NET_UNKNOWN ? json_null() : json_integer((json_int_t)count);
}

static void put(json_t *net, const struct figure *figure, uint64_t value)
{
    json_t *object = net;
    if (figure->block) {
        object = json_object_get(net, figure->block);
        if (!object) {
            object = json_object();
            json_object_set_new(net, figure->block, object);
        }
    }
    json_object_set_new(object, figure->key, count_json(value));
}

static json_t *drops_json(const struct netcount *netcount)
{
    json_t *object = json_object();
    for (uint32_t i = 0; i < NET_DROP_REASONS; i++)
        if (netcount->counts.by_reason[i])
            json_object_set_new(object, observer_net_drop_name(netcount->observer, i),
                                json_integer((json_int_t)netcount->counts.by_reason[i]));
    return object;
}

static json_t *health_json(const struct net_health *health)
{
    const char *kind = health->tcx ? "tcx" : "clsact";
    json_t *object = json_object();
    json_object_set_new(object, "tc", health->tc_attached ? json_string(kind) : json_null());
    json_object_set_new(object, "tc_wanted", json_integer(health->tc_wanted));
    json_object_set_new(object, "tc_attached", json_integer(health->tc_attached));
    json_object_set_new(object, "xdp_wanted", json_integer(health->xdp_wanted));
    json_object_set_new(object, "xdp_attached", json_integer(health->xdp_attached));
    json_object_set_new(object, "missed_runs", json_integer((json_int_t)health->missed));
    json_object_set_new(object, "attach_ns", json_integer((json_int_t)health->attach_ns));
    json_object_set_new(object, "detach_ns", json_integer((json_int_t)health->detach_ns));
    return object;
}

/* Why figures are null. */
static json_t *reasons_json(const struct net_health *health)
{
    static const char *const names[NET_FIGURE_COUNT] = {
        [NET_TRAFFIC] = "traffic",
        [NET_XDP] = "xdp",
        [NET_DROPS] = "drops",
        [NET_XDP_ERRORS] = "xdp_errors",
        [NET_RETRANSMITS] = "retransmits",
    };
    json_t *object = json_object();
    for (size_t i = 0; i < NET_FIGURE_COUNT; i++)
        if (health->reason[i][0])
            json_object_set_new(object, names[i], json_string(health->reason[i]));
    if (health->drops_partial[0] && !health->reason[NET_DROPS][0])
        json_object_set_new(object, "drops", json_string(health->drops_partial));
    return object;
}

void netcount_evaluate(const struct netcount *netcount, struct metrics *metrics, json_t *record)
{
    if (!netcount->wanted)
        return;
    json_t *net = json_object();
    for (size_t i = 0; i < FIGURES; i++) {
        uint64_t value = netcount->off ? NET_UNKNOWN : value_of(netcount, &figures[i]);
        if (!netcount->off)
            put(net, &figures[i], value);
        if (figures[i].id == METRIC_ID_COUNT)
            continue;
        if (value != NET_UNKNOWN)
            metrics_set(metrics, figures[i].id, (double)value);
        else
            metrics_unknown(metrics, figures[i].id,
                            netcount->off ? netcount->off
                                          : "this kernel cannot tell: net.reasons of trial.json says why");
    }
    json_object_set_new(net, "probes", json_string(netcount->off ? "off" : "on"));
    if (netcount->off) {
        json_object_set_new(net, "reason", json_string(netcount->off));
    } else {
        json_object_set_new(net, "drops_by_reason", drops_json(netcount));
        json_object_set_new(net, "health", health_json(&netcount->health));
        json_object_set_new(net, "reasons", reasons_json(&netcount->health));
    }
    json_object_set_new(record, "net", net);
}
