/* Which hooks are taken, which are left alone, and what is there afterwards. */
#include "bpf/net.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "tests/integration/networked.h"

/* BPF_TCX_INGRESS, BPF_TCX_EGRESS of enum bpf_attach_type since Linux 6.6. */
static const enum bpf_attach_type tcx_types[] = {46, 47};
static const enum bpf_tc_attach_point tc_points[] = {BPF_TC_INGRESS, BPF_TC_EGRESS};

/* What is attached to loopback. */
struct hooks {
    size_t tcx, filters, qdiscs, xdp;
};

static void list_hooks(void *argument)
{
    struct hooks *hooks = argument;
    int lo = (int)if_nametoindex("lo");
    __u32 xdp = 0;
    *hooks = (struct hooks){0};
    for (size_t i = 0; i < 2; i++) {
        __u32 ids[8], count = 8;
        hooks->tcx += bpf_prog_query(lo, tcx_types[i], 0, NULL, ids, &count) == 0 ? count : 0;
        LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = lo, .attach_point = tc_points[i]);
        for (__u32 priority = 49150; priority <= 49152;
             priority++) { /* what the kernel gives without a wish */
            LIBBPF_OPTS(bpf_tc_opts, filter, .handle = 1, .priority = priority);
            hooks->filters += bpf_tc_query(&hook, &filter) == 0;
        }
    }
    /* Asked for a qdisc that is there, the kernel says EEXIST; without one it makes it. */
    LIBBPF_OPTS(bpf_tc_hook, both, .ifindex = lo, .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
    if (bpf_tc_hook_create(&both) == -EEXIST)
        hooks->qdiscs = 1;
    else
        bpf_tc_hook_destroy(&both);
    if (bpf_xdp_query_id(lo, 0, &xdp) == 0)
        hooks->xdp = xdp != 0;
}

static ino_t own_namespace(void)
{
    struct stat facts;
    cr_assert_eq(stat("/proc/thread-self/ns/net", &facts), 0);
    return facts.st_ino;
}

static struct net_attachment *attach(struct observer *observer, int namespace_fd)
{
    struct net_attachment *attachment = NULL;
    struct error error = {0};
    struct net_counts counts;
    struct net_health health;
    cr_assert_eq(observer_net_attach(observer, namespace_fd, &attachment, &error), 0, "%s", error.text);
    observer_net_read(attachment, &counts, &health);
    net_need_hooks(namespace_fd, &health);
    return attachment;
}

Test(net, detaching_leaves_nothing_and_starts_anew)
{
    for (int without_tcx = 0; without_tcx < 2; without_tcx++) {
        struct observer *observer = net_observer(without_tcx);
        AUTO_FD namespace_fd = namespace_make();
        ino_t before = own_namespace();
        for (int times = 0; times < 2; times++) {
            struct net_counts counts;
            struct net_health health;
            struct hooks hooks;
            struct pair pair = {.family = AF_INET, .type = SOCK_DGRAM};
            struct net_attachment *attachment = attach(observer, namespace_fd);
            observer_net_read(attachment, &counts, &health);
            cr_expect_eq(counts.ingress.packets + counts.egress.packets + counts.xdp.packets, 0);
            net_expect_attached(&health, without_tcx);
            namespace_do(namespace_fd, list_hooks, &hooks);
            cr_expect_eq(hooks.tcx, health.tcx ? 2 : 0);
            cr_expect_eq(hooks.filters, health.tcx ? 0 : 2);
            cr_expect_eq(hooks.qdiscs, health.tcx ? 0 : 1);
            cr_expect_eq(hooks.xdp, 1);
            pair_open(namespace_fd, &pair);
            cr_expect_eq(write(pair.ends[0], "abc", 3), 3);
            pair_close(&pair);
            observer_net_detach(attachment, &health);
            cr_expect_gt(health.detach_ns, 0);
            namespace_do(namespace_fd, list_hooks, &hooks);
            cr_expect_eq(hooks.tcx + hooks.filters + hooks.qdiscs + hooks.xdp, 0);
            cr_expect_eq(own_namespace(), before);
        }
        observer_close(observer);
    }
}

static void make_clsact(void *argument)
{
    LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)if_nametoindex("lo"),
                .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
    *(int *)argument = bpf_tc_hook_create(&hook);
}

Test(net, a_qdisc_of_somebody_else_stays)
{
    struct observer *observer = net_observer(true);
    AUTO_FD namespace_fd = namespace_make();
    struct net_health health;
    struct hooks hooks;
    int result = 0;
    namespace_do(namespace_fd, make_clsact, &result);
    if (result == -ENOENT)
        cr_skip("this kernel has no sch_ingress: modprobe sch_ingress cls_bpf");
    cr_assert_eq(result, 0, "%s", strerror(-result));
    observer_net_detach(attach(observer, namespace_fd), &health);
    net_expect_attached(&health, true);
    namespace_do(namespace_fd, list_hooks, &hooks);
    cr_expect_eq(hooks.qdiscs, 1);
    cr_expect_eq(hooks.filters, 0);
    observer_close(observer);
}

static void attach_aborting(void *argument)
{
    static const struct bpf_insn aborts[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_ABORTED},
        {.code = BPF_JMP | BPF_EXIT},
    };
    AUTO_FD program = bpf_prog_load(BPF_PROG_TYPE_XDP, "aborts", "GPL", aborts, 2, NULL);
    cr_assert_geq(program, 0);
    *(int *)argument = bpf_xdp_attach((int)if_nametoindex("lo"), program, XDP_FLAGS_SKB_MODE, NULL);
}

Test(net, a_place_in_xdp_that_is_taken_is_told_and_its_errors_are_counted)
{
    struct observer *observer = net_observer(false);
    AUTO_FD namespace_fd = namespace_make();
    struct pair pair = {.family = AF_INET, .type = SOCK_DGRAM};
    struct net_counts counts;
    struct net_health health;
    int result = 0;
    pair_open(namespace_fd, &pair);
    namespace_do(namespace_fd, attach_aborting, &result);
    cr_assert_eq(result, 0, "%s", strerror(-result));
    struct net_attachment *attachment = attach(observer, namespace_fd);
    for (int i = 0; i < 7; i++)
        cr_assert_eq(write(pair.ends[0], "ab", 2), 2);
    do /* the backlog of a CPU is between the sides */
        observer_net_read(attachment, &counts, &health);
    while (counts.xdp_errors < 7);
    cr_expect_eq(health.xdp_wanted, 1);
    cr_expect_eq(health.xdp_attached, 0);
    cr_expect_str_eq(health.reason[NET_XDP], "attach an XDP program to lo: Device or resource busy");
    cr_expect_eq(counts.xdp.packets, NET_UNKNOWN);
    cr_expect_eq(counts.xdp_errors, 7);
    cr_expect_eq(counts.egress.payload_bytes, 14);
    cr_expect_eq(counts.ingress.payload_bytes, 0);
    cr_expect_eq(counts.drops_seen, 7);
    observer_net_detach(attachment, NULL);
    pair_close(&pair);
    observer_close(observer);
}

Test(net, one_namespace_at_a_time_and_only_where_it_was_asked_for)
{
    struct observer *observer = net_observer(false);
    AUTO_FD namespace_fd = namespace_make();
    struct net_attachment *attachment = attach(observer, namespace_fd), *second = NULL;
    struct error error = {0};
    cr_expect_eq(observer_net_attach(observer, namespace_fd, &second, &error), -EBUSY);
    cr_expect_eq(error.class, ERROR_INTERNAL);
    observer_net_detach(attachment, NULL);
    cr_expect_lt(observer_net_attach(observer, -1, &second, &error), 0);
    AUTO_FD no_namespace = namespace_fd >= 0 ? dup(STDERR_FILENO) : -1;
    cr_expect_lt(observer_net_attach(observer, no_namespace, &second, &error), 0);
    observer_net_detach(attach(observer, namespace_fd), NULL); /* a failure leaves nothing behind */
    observer_close(observer);

    struct observer_settings settings = {.ring_bytes = 65536};
    struct observer_health health;
    cr_assert_eq(observer_open(&settings, &observer, &error), 0, "%s", error.text);
    observer_read_health(observer, &health);
    cr_expect_eq(health.programs_loaded, 0);
    cr_expect_eq(observer_net_attach(observer, namespace_fd, &second, &error), -EINVAL);
    observer_close(observer);
}

static void set_effective(const cap_value_t *values, int count)
{
    cap_t caps = cap_get_proc();
    cr_assert_eq(cap_clear_flag(caps, CAP_EFFECTIVE), 0);
    cr_assert_eq(cap_set_flag(caps, CAP_EFFECTIVE, count, values, CAP_SET), 0);
    cr_assert_eq(cap_set_proc(caps), 0);
    cap_free(caps);
}

/* capabilities(7): tracing takes CAP_BPF and CAP_PERFMON, programs on packets CAP_NET_ADMIN. */
Test(net, a_host_that_refuses_programs_on_packets_keeps_all_others)
{
    static const cap_value_t tracing[] = {CAP_BPF, CAP_PERFMON}, all[] = {CAP_SYS_ADMIN, CAP_NET_ADMIN};
    struct observer_settings settings = {.ring_bytes = 65536, .sched = true, .net = true};
    struct observer *observer = NULL;
    struct observer_health loaded;
    struct net_counts counts;
    struct net_health health;
    struct error error = {0};
    if (geteuid() != 0)
        cr_skip("BPF needs root");
    AUTO_FD namespace_fd = namespace_make();
    set_effective(tracing, 2);
    int result = observer_open(&settings, &observer, &error);
    set_effective(all, 2);
    cr_assert_eq(result, 0, "%s", error.text);
    observer_read_health(observer, &loaded);
    cr_expect_eq(loaded.programs_loaded, 9 + 4, "the scheduler's and the network's on tracepoints");
    struct net_attachment *attachment = attach(observer, namespace_fd);
    observer_net_read(attachment, &counts, &health);
    cr_expect_not_null(strstr(health.reason[NET_TRAFFIC], "not permitted"), "%s", health.reason[NET_TRAFFIC]);
    cr_expect_not_null(strstr(health.reason[NET_XDP], "not permitted"), "%s", health.reason[NET_XDP]);
    cr_expect_str_empty(health.reason[NET_RETRANSMITS]);
    cr_expect_eq(health.tc_attached, 0);
    cr_expect_eq(counts.ingress.packets, NET_UNKNOWN);
    cr_expect_eq(counts.retransmits, 0);
    observer_net_detach(attachment, NULL);
    observer_close(observer);
}
