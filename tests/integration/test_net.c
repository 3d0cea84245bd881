#include "bpf/net.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "tests/integration/networked.h"

/* An observed namespace, its counters and what they were at the last look. */
struct scene {
    struct observer *observer;
    int namespace_fd;
    struct net_attachment *attachment;
    struct net_counts counts;
    struct net_health health;
};

static void look(struct scene *scene)
{
    observer_net_read(scene->attachment, &scene->counts, &scene->health);
}

static void scene_attach(struct scene *scene)
{
    struct error error = {0};
    cr_assert_eq(observer_net_attach(scene->observer, scene->namespace_fd, &scene->attachment, &error), 0,
                 "%s", error.text);
    look(scene);
}

static void scene_open(struct scene *scene, bool without_tcx)
{
    *scene = (struct scene){.observer = net_observer(without_tcx)};
    scene->namespace_fd = namespace_make();
    scene_attach(scene);
    net_expect_attached(&scene->health, without_tcx);
    cr_expect_eq(scene->counts.ingress.packets + scene->counts.egress.packets, 0);
    cr_expect_eq(scene->counts.drops_seen, 0);
}

static void scene_close(struct scene *scene)
{
    observer_net_detach(scene->attachment, &scene->health);
    fprintf(stderr, "attach %.2f ms detach %.2f ms tcx %d\n", scene->health.attach_ns / 1e6,
            scene->health.detach_ns / 1e6, scene->health.tcx);
    fd_close(&scene->namespace_fd);
    observer_close(scene->observer);
}

/* Nothing was lost between the two sides, and each saw every byte. */
static void expect_payload(struct scene *scene, uint64_t bytes)
{
    look(scene);
    const struct net_counts *counts = &scene->counts;
    cr_expect_eq(counts->egress.payload_bytes, bytes + counts->retransmitted_bytes, "%lu of %lu",
                 counts->egress.payload_bytes, bytes);
    cr_expect_eq(counts->ingress.payload_bytes, counts->egress.payload_bytes);
    cr_expect_eq(counts->ingress.packets, counts->egress.packets);
    cr_expect_eq(counts->ingress.bytes, counts->egress.bytes);
    cr_expect_eq(counts->xdp.packets, counts->ingress.packets);
    cr_expect_eq(counts->xdp.bytes, counts->ingress.bytes);
    cr_expect_eq(counts->unparsed, 0);
    cr_expect_eq(counts->xdp_errors, 0);
    for (uint32_t i = 0; i < NET_DROP_REASONS; i++)
        if (counts->by_reason[i])
            fprintf(stderr, "drop %s %lu\n", observer_net_drop_name(scene->observer, i),
                    counts->by_reason[i]);
}

Test(net, an_echo_by_tcp_is_counted_byte_for_byte)
{
    static const int families[] = {AF_INET, AF_INET6};
    for (size_t i = 0; i < 4; i++) {
        struct scene scene;
        struct pair pair = {.family = families[i % 2], .type = SOCK_STREAM};
        scene_open(&scene, i >= 2);
        pair_open(scene.namespace_fd, &pair);
        for (size_t times = 0; times < 50; times++) {
            transfer(pair.ends[0], pair.ends[1], 1000 + times, 1 << 20);
            transfer(pair.ends[1], pair.ends[0], 1, 1);
        }
        expect_payload(&scene, 50 * 1000 + 49 * 50 / 2 + 50);
        pair_close(&pair);
        scene_close(&scene);
    }
}
