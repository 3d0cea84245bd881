#include "tests/integration/networked.h"

#include <bpf/libbpf.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "tests/integration/observed.h"

#define PIECE_MAX (1 << 20)

static int own_namespace(void)
{
    int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    cr_assert_geq(fd, 0);
    return fd;
}

static void loopback_up(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    AUTO_FD fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(ioctl(fd, SIOCSIFFLAGS, &request), 0, "%s", strerror(errno));
}

int namespace_make(void)
{
    AUTO_FD before = own_namespace();
    if (unshare(CLONE_NEWNET) < 0)
        cr_skip("no network namespace can be made: %s", strerror(errno));
    loopback_up();
    int made = own_namespace();
    cr_assert_eq(setns(before, CLONE_NEWNET), 0);
    return made;
}

void namespace_do(int namespace_fd, void (*work)(void *), void *argument)
{
    AUTO_FD before = own_namespace();
    cr_assert_eq(setns(namespace_fd, CLONE_NEWNET), 0);
    work(argument);
    cr_assert_eq(setns(before, CLONE_NEWNET), 0);
}

/* Any free port of loopback. */
static int bound(struct pair *pair)
{
    int fd = socket(pair->family, pair->type | SOCK_CLOEXEC, 0);
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    cr_assert_geq(fd, 0, "%s", strerror(errno));
    if (pair->receive_buffer)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &pair->receive_buffer, sizeof pair->receive_buffer);
    const void *address = pair->family == AF_INET ? (void *)&v4 : (void *)&v6;
    pair->address_size = pair->family == AF_INET ? sizeof v4 : sizeof v6;
    cr_assert_eq(bind(fd, address, pair->address_size), 0, "%s", strerror(errno));
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&pair->address, &pair->address_size), 0);
    return fd;
}

static void open_inside(void *argument)
{
    struct pair *pair = argument;
    const struct sockaddr *address = (struct sockaddr *)&pair->address;
    pair->ends[0] = bound(pair);
    if (pair->type == SOCK_DGRAM) {
        socklen_t size = pair->address_size;
        struct sockaddr_storage first = pair->address;
        pair->ends[1] = bound(pair);
        cr_assert_eq(connect(pair->ends[1], (struct sockaddr *)&first, size), 0);
        cr_assert_eq(connect(pair->ends[0], address, pair->address_size), 0);
    } else {
        AUTO_FD listener = bound(pair);
        cr_assert_eq(listen(listener, 1), 0);
        cr_assert_eq(connect(pair->ends[0], address, pair->address_size), 0);
        pair->ends[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        cr_assert_geq(pair->ends[1], 0);
    }
    for (size_t i = 0; i < 2; i++)
        cr_assert_eq(fcntl(pair->ends[i], F_SETFL, O_NONBLOCK), 0);
}

void pair_open(int namespace_fd, struct pair *pair)
{
    namespace_do(namespace_fd, open_inside, pair);
}

void pair_close(struct pair *pair)
{
    fd_close(&pair->ends[0]);
    fd_close(&pair->ends[1]);
}

size_t read_all(int fd)
{
    static char room[65536];
    size_t sum = 0;
    ssize_t size;
    while ((size = read(fd, room, sizeof room)) > 0)
        sum += (size_t)size;
    return sum;
}

void transfer(int from, int to, size_t size, size_t piece)
{
    AUTO_FREE char *bytes = calloc(1, PIECE_MAX);
    size_t written = 0, taken = 0;
    cr_assert(bytes && piece <= PIECE_MAX);
    if (!piece)
        written = size;
    while (taken < size) {
        size_t rest = size - written < piece ? size - written : piece;
        ssize_t step = rest ? write(from, bytes, rest) : 0;
        cr_assert(step >= 0 || errno == EAGAIN, "%s", strerror(errno));
        written += step > 0 ? (size_t)step : 0;
        struct pollfd watched[2] = {{.fd = to, .events = POLLIN},
                                    {.fd = from, .events = written < size ? POLLOUT : 0}};
        cr_assert_gt(poll(watched, 2, 10000), 0, "%zu of %zu bytes came through", taken, size);
        taken += read_all(to);
    }
    cr_assert_eq(taken, size);
}

struct observer *net_observer(bool without_tcx)
{
    return observer_with(
        &(struct observer_settings){.ring_bytes = 65536, .net = true, .net_without_tcx = without_tcx});
}

/* A qdisc that is there already is EEXIST; ENOENT: nothing of that name can be loaded. */
static void ask_for_clsact(void *argument)
{
    LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)if_nametoindex("lo"),
                .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
    int result = bpf_tc_hook_create(&hook);
    *(bool *)argument = result != -ENOENT && result != -EOPNOTSUPP;
    if (result == 0)
        bpf_tc_hook_destroy(&hook);
}

void net_need_hooks(int namespace_fd, const struct net_health *health)
{
    bool there = true;
    if (!health->tcx)
        namespace_do(namespace_fd, ask_for_clsact, &there);
    if (!there)
        cr_skip("this kernel has no tcx to use here, and no sch_ingress: modprobe sch_ingress cls_bpf");
}

void net_expect_attached(const struct net_health *health, bool without_tcx)
{
    for (size_t i = 0; i < NET_FIGURE_COUNT; i++)
        cr_expect_str_empty(health->reason[i]);
    cr_expect_eq(health->tc_wanted, 2);
    cr_expect_eq(health->tc_attached, 2);
    cr_expect_eq(health->xdp_wanted, 1);
    cr_expect_eq(health->xdp_attached, 1);
    cr_expect_eq(health->missed, 0);
    if (without_tcx)
        cr_expect(!health->tcx);
}
