/*
 * What counting a network namespace's packets costs: attaching, detaching, a round trip of one byte and a
 * mebibyte over loopback, by the same two sockets without and with the programs.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bpf/net.h"
#include "bpf/observer.h"
#include "runner/support/fd.h"

enum { REPEATS = 7, ROUND_TRIPS = 20000, ATTACHMENTS = 9 };
#define BULK  (512u << 20)
#define PIECE 65536

static void fail(const char *what)
{
    fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_value);
    return values[count / 2];
}

/* The process stays in the namespace: nothing else is in it. */
static int enter_new_namespace(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    if (unshare(CLONE_NEWNET) < 0)
        fail("unshare");
    AUTO_FD fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
        fail("bring loopback up");
    return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

static void connect_pair(int ends[2])
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int on = 1;
    AUTO_FD listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ends[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 1) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) < 0 ||
        connect(ends[0], (struct sockaddr *)&address, size) < 0)
        fail("connect over loopback");
    ends[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    for (size_t i = 0; i < 2; i++) {
        setsockopt(ends[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        fcntl(ends[i], F_SETFL, O_NONBLOCK);
    }
}

static void read_exactly(int fd, size_t size)
{
    static char room[1 << 20];
    while (size) {
        ssize_t step = read(fd, room, size < sizeof room ? size : sizeof room);
        size -= step > 0 ? (size_t)step : 0;
    }
}

/* Nanoseconds for one byte there and back, by one thread. */
static double round_trip(const int ends[2])
{
    uint64_t start = clock_monotonic_ns();
    for (int i = 0; i < ROUND_TRIPS; i++)
        for (int k = 0; k < 2; k++) {
            if (write(ends[k], "", 1) != 1)
                fail("write");
            read_exactly(ends[1 - k], 1);
        }
    return (double)(clock_monotonic_ns() - start) / ROUND_TRIPS;
}

/* Nanoseconds for a mebibyte, written in pieces of 64 KiB. */
static double mebibyte(const int ends[2])
{
    static char bytes[PIECE];
    uint64_t start = clock_monotonic_ns();
    for (size_t sent = 0; sent < BULK; sent += PIECE)
        for (size_t part = 0; part < PIECE;) {
            ssize_t step = write(ends[0], bytes, PIECE - part);
            if (step <= 0)
                fail("write");
            read_exactly(ends[1], (size_t)step);
            part += (size_t)step;
        }
    return (double)(clock_monotonic_ns() - start) / (BULK >> 20);
}

static struct observer *open_observer(bool without_tcx)
{
    struct observer_settings settings = {.ring_bytes = 65536, .net = true, .net_without_tcx = without_tcx};
    struct observer *observer = NULL;
    struct error error = {0};
    if (observer_open(&settings, &observer, &error) < 0) {
        fprintf(stderr, "bench: %s\n", error.text);
        exit(1);
    }
    return observer;
}

static struct net_attachment *attach(struct observer *observer, int namespace_fd)
{
    struct net_attachment *attachment = NULL;
    struct error error = {0};
    if (observer_net_attach(observer, namespace_fd, &attachment, &error) < 0) {
        fprintf(stderr, "bench: %s\n", error.text);
        exit(1);
    }
    return attachment;
}

static void measure_attachments(struct observer *observer, int namespace_fd, const char *name)
{
    double attached[ATTACHMENTS], detached[ATTACHMENTS];
    for (size_t i = 0; i < ATTACHMENTS; i++) {
        struct net_health health;
        observer_net_detach(attach(observer, namespace_fd), &health);
        attached[i] = (double)health.attach_ns / 1e6;
        detached[i] = (double)health.detach_ns / 1e6;
    }
    printf("%-8s attach %5.1f ms, detach %5.1f ms\n", name, median(attached, ATTACHMENTS),
           median(detached, ATTACHMENTS));
}

/* Without and with in turns, so that both see the same machine. */
static void measure_traffic(struct observer *observer, int namespace_fd, const char *name)
{
    double trip[2][REPEATS], bulk[2][REPEATS];
    int ends[2];
    connect_pair(ends);
    for (size_t i = 0; i < REPEATS; i++)
        for (size_t with = 0; with < 2; with++) {
            struct net_attachment *attachment = with ? attach(observer, namespace_fd) : NULL;
            trip[with][i] = round_trip(ends);
            bulk[with][i] = mebibyte(ends);
            observer_net_detach(attachment, NULL);
        }
    double before = median(trip[0], REPEATS), after = median(trip[1], REPEATS);
    printf("%-8s round trip of 1 byte %6.0f ns -> %6.0f ns (%+.0f)\n", name, before, after, after - before);
    before = median(bulk[0], REPEATS), after = median(bulk[1], REPEATS);
    printf("%-8s 1 MiB %6.0f us -> %6.0f us (%+.0f%%)\n", name, before / 1e3, after / 1e3,
           100 * (after / before - 1));
    fd_close(&ends[0]);
    fd_close(&ends[1]);
}

int main(void)
{
    AUTO_FD namespace_fd = enter_new_namespace();
    for (int without_tcx = 0; without_tcx < 2; without_tcx++) {
        const char *name = without_tcx ? "clsact" : "tcx";
        struct observer *observer = open_observer(without_tcx);
        measure_attachments(observer, namespace_fd, name);
        measure_traffic(observer, namespace_fd, name);
        observer_close(observer);
    }
    return 0;
}
