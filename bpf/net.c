#include "bpf/net.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/net_counts.h"
#include "bpf/net_programs.h"
#include "bpf/state.h"
#include "runner/support/fd.h"
#include "runner/support/netns.h"

enum side { INGRESS, EGRESS, SIDES };
static const enum bpf_tc_attach_point tc_points[SIDES] = {BPF_TC_INGRESS, BPF_TC_EGRESS};

/* What we hold of one interface, in the order of acquisition. */
struct interface {
    int index;
    int xdp;                          /* link; -1: none */
    struct bpf_link *tcx[SIDES];      /* NULL: none */
    bool clsact;                      /* the qdisc is ours */
    bool filtered[SIDES];             /* by clsact */
    struct bpf_tc_opts filter[SIDES]; /* handle and priority that the kernel chose */
};

struct net_attachment {
    struct observer *observer;
    int netns_fd;
    struct bpf_link *tracepoints[NET_TRACEPOINTS_MAX];
    struct interface *interfaces;
    size_t count;
    uint64_t missed_before;
    struct net_health health;
};

/* Keeps the first reason of a figure. */
static void explain(struct net_health *health, enum net_figure figure, const char *what, const char *name,
                    int number)
{
    if (!health->reason[figure][0])
        snprintf(health->reason[figure], NET_REASON_MAX, "%s %s: %s", what, name, strerror(number));
}

/* --- one interface ----------------------------------------------------------------------------- */

static void attach_xdp(struct net_attachment *attachment, struct interface *interface, const char *name)
{
    struct net_health *health = &attachment->health;
    health->xdp_wanted++;
    if (health->reason[NET_XDP][0])
        return;
    /* In the generic way also where a driver could do it: all interfaces alike. EBUSY: a program is there. */
    LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_SKB_MODE);
    int program = bpf_program__fd(attachment->observer->programs->progs.net_xdp);
    interface->xdp = bpf_link_create(program, interface->index, BPF_XDP, &options);
    if (interface->xdp < 0)
        explain(health, NET_XDP, "attach an XDP program to", name, -interface->xdp);
    else
        health->xdp_attached++;
}

static struct bpf_program *side_program(const struct net_attachment *attachment, enum side side)
{
    const struct observer_bpf *programs = attachment->observer->programs;
    return side == INGRESS ? programs->progs.net_ingress : programs->progs.net_egress;
}

/* False: this kernel has no tcx (6.6: e420bed02507), or refuses it here. */
static bool attach_tcx(struct net_attachment *attachment, struct interface *interface)
{
    if (attachment->observer->settings.net_without_tcx || attachment->observer->net.tcx_refused)
        return false;
    LIBBPF_OPTS(bpf_tcx_opts, options);
    for (enum side side = INGRESS; side < SIDES; side++) {
        interface->tcx[side] =
            bpf_program__attach_tcx(side_program(attachment, side), interface->index, &options);
        if (interface->tcx[side])
            continue;
        attachment->observer->net.tcx_refused = errno == EINVAL; /* bpf(2): an attach type it does not know */
        bpf_link__destroy(interface->tcx[INGRESS]);
        interface->tcx[INGRESS] = NULL;
        return false;
    }
    attachment->health.tc_attached += SIDES;
    return true;
}

static void attach_clsact(struct net_attachment *attachment, struct interface *interface, const char *name)
{
    struct net_health *health = &attachment->health;
    LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = interface->index,
                .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
    int result = bpf_tc_hook_create(&hook);
    interface->clsact = result == 0;
    if (result < 0 && result != -EEXIST) {
        explain(health, NET_TRAFFIC, "make a clsact qdisc (sch_ingress) on", name, -result);
        return;
    }
    for (enum side side = INGRESS; side < SIDES; side++) {
        LIBBPF_OPTS(bpf_tc_opts, filter, .prog_fd = bpf_program__fd(side_program(attachment, side)));
        hook.attach_point = tc_points[side];
        result = bpf_tc_attach(&hook, &filter);
        if (result < 0) {
            explain(health, NET_TRAFFIC, "attach a filter (cls_bpf) to the clsact qdisc of", name, -result);
            continue;
        }
        interface->filtered[side] = true;
        interface->filter[side] = filter;
        health->tc_attached++;
    }
}

static void detach_clsact(struct interface *interface)
{
    LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = interface->index,
                .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
    if (interface->clsact) {
        bpf_tc_hook_destroy(&hook);
        return;
    }
    for (enum side side = INGRESS; side < SIDES; side++) {
        if (!interface->filtered[side])
            continue;
        LIBBPF_OPTS(bpf_tc_opts, filter, .handle = interface->filter[side].handle,
                    .priority = interface->filter[side].priority);
        hook.attach_point = tc_points[side];
        bpf_tc_detach(&hook, &filter);
    }
}

static void attach_interface(struct net_attachment *attachment, struct interface *interface, const char *name)
{
    attach_xdp(attachment, interface, name);
    attachment->health.tc_wanted += SIDES;
    if (attachment->health.reason[NET_TRAFFIC][0])
        return;
    if (attach_tcx(attachment, interface))
        attachment->health.tcx = true;
    else
        attach_clsact(attachment, interface, name);
}

/* --- all of them ------------------------------------------------------------------------------- */

/* Programs read frames from their Ethernet header on; loopback has one as well. */
static bool is_wanted(int ask, const char *name, bool *has_ethernet)
{
    struct ifreq request = {0};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (ioctl(ask, SIOCGIFFLAGS, &request) < 0 || !(request.ifr_flags & IFF_UP))
        return false;
    *has_ethernet =
        ioctl(ask, SIOCGIFHWADDR, &request) == 0 &&
        (request.ifr_hwaddr.sa_family == ARPHRD_ETHER || request.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK);
    return true;
}

/* In the namespace. 0 or a negative errno. */
static int attach_interfaces(struct net_attachment *attachment)
{
    AUTO_FD ask = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct if_nameindex *names = if_nameindex();
    size_t count = 0;
    if (ask < 0 || !names) {
        int number = errno;
        if_freenameindex(names);
        return -number;
    }
    while (names[count].if_index)
        count++;
    attachment->interfaces = calloc(count + 1, sizeof *attachment->interfaces);
    for (size_t i = 0; i < count && attachment->interfaces; i++) {
        bool has_ethernet;
        if (!is_wanted(ask, names[i].if_name, &has_ethernet))
            continue;
        if (!has_ethernet) {
            attachment->health.tc_wanted += SIDES;
            attachment->health.xdp_wanted++;
            explain(&attachment->health, NET_TRAFFIC, "count on", names[i].if_name, EPROTONOSUPPORT);
            explain(&attachment->health, NET_XDP, "count on", names[i].if_name, EPROTONOSUPPORT);
            continue;
        }
        struct interface *interface = &attachment->interfaces[attachment->count++];
        *interface = (struct interface){.index = (int)names[i].if_index, .xdp = -1};
        attach_interface(attachment, interface, names[i].if_name);
    }
    if_freenameindex(names);
    return attachment->interfaces ? 0 : -ENOMEM;
}

static int begin(struct net_attachment *attachment, struct error *error)
{
    struct observer *observer = attachment->observer;
    struct stat namespace;
    __u32 key = 0;
    if (fstat(attachment->netns_fd, &namespace) < 0)
        return error_set(error, ERROR_INTERNAL, errno, "look at the sandbox's network namespace");
    memset(observer->net.per_cpu, 0, observer->cpu_count * sizeof *observer->net.per_cpu);
    int result = bpf_map_update_elem(bpf_map__fd(observer->programs->maps.net_counters), &key,
                                     observer->net.per_cpu, BPF_ANY);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "zero the network's counters");
    __atomic_store_n(&observer->programs->bss->net_namespace, (uint32_t) namespace.st_ino, __ATOMIC_RELEASE);
    memcpy(attachment->health.reason, observer->net.why_not, sizeof attachment->health.reason);
    memcpy(attachment->health.drops_partial, observer->net.drops_partial, NET_REASON_MAX);
    attachment->missed_before = net_programs_missed(observer);
    net_programs_attach(observer, attachment->tracepoints, attachment->health.reason);
    int home;
    result = netns_enter(attachment->netns_fd, &home);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "enter the sandbox's network namespace");
    int attached = attach_interfaces(attachment);
    result = netns_leave(&home);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "return to runner's network namespace");
    if (attached < 0)
        return error_set(error, ERROR_INTERNAL, -attached, "list the sandbox's network interfaces");
    return result;
}

int observer_net_attach(struct observer *observer, int netns_fd, struct net_attachment **attachment,
                        struct error *error)
{
    if (!observer->settings.net || observer->net.attached)
        return error_set(error, ERROR_INTERNAL, observer->net.attached ? EBUSY : EINVAL,
                         "count a network namespace's packets");
    uint64_t start = clock_monotonic_ns();
    struct net_attachment *made = calloc(1, sizeof *made);
    if (!made)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "count a network namespace's packets");
    made->observer = observer;
    observer->net.attached = true;
    made->netns_fd = fcntl(netns_fd, F_DUPFD_CLOEXEC, 0);
    int result = made->netns_fd < 0 ? error_set(error, ERROR_INTERNAL, errno, "keep a network namespace")
                                    : begin(made, error);
    if (result < 0) {
        observer_net_detach(made, NULL);
        return result;
    }
    made->health.attach_ns = clock_monotonic_ns() - start;
    *attachment = made;
    return 0;
}

void observer_net_read(const struct net_attachment *attachment, struct net_counts *counts,
                       struct net_health *health)
{
    const struct observer *observer = attachment->observer;
    const struct net_state *net = &observer->net;
    __u32 key = 0;
    *health = attachment->health;
    health->missed = net_programs_missed(observer) - attachment->missed_before;
    int result = bpf_map_lookup_elem(bpf_map__fd(observer->programs->maps.net_counters), &key, net->per_cpu);
    for (size_t i = 0; i < NET_FIGURE_COUNT && result < 0; i++)
        explain(health, i, "read", "the network's counters", -result);
    net_counts_sum(net->per_cpu, observer->cpu_count, net->drop_names, health->reason,
                   health->drops_partial[0] != 0, counts);
}

const char *observer_net_drop_name(const struct observer *observer, uint32_t reason)
{
    return observer->net.drop_names[reason < NET_DROP_REASONS ? reason : NET_DROP_REASONS - 1];
}

void observer_net_detach(struct net_attachment *attachment, struct net_health *health)
{
    if (!attachment)
        return;
    struct observer *observer = attachment->observer;
    uint64_t start = clock_monotonic_ns();
    __atomic_store_n(&observer->programs->bss->net_namespace, 0, __ATOMIC_RELEASE);
    for (size_t i = 0; i < NET_TRACEPOINTS_MAX; i++)
        bpf_link__destroy(attachment->tracepoints[i]);
    bool inside = false;
    for (size_t i = 0; i < attachment->count; i++) {
        struct interface *interface = &attachment->interfaces[i];
        for (enum side side = INGRESS; side < SIDES; side++) {
            bpf_link__destroy(interface->tcx[side]);
            inside |= interface->filtered[side];
        }
        inside |= interface->clsact;
        fd_close(&interface->xdp);
    }
    int home;
    if (inside && netns_enter(attachment->netns_fd, &home) == 0) {
        for (size_t i = 0; i < attachment->count; i++)
            detach_clsact(&attachment->interfaces[i]);
        netns_leave(&home);
    }
    fd_close(&attachment->netns_fd);
    attachment->health.detach_ns = clock_monotonic_ns() - start;
    attachment->health.missed = net_programs_missed(observer) - attachment->missed_before;
    if (health)
        *health = attachment->health;
    observer->net.attached = false;
    free(attachment->interfaces);
    free(attachment);
}
