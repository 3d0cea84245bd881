/*
 * A fast HTTP server for the bench of the load: one thread, epoll, one fixed answer. It notes when each
 * request was there, and can stall: 500 ms in which it does nothing, every 2.5 s.
 */
#ifndef TESTS_BENCH_LOAD_SERVER_H
#define TESTS_BENCH_LOAD_SERVER_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runner/support/fd.h"

#define SERVER_TIMES (1u << 22)
#define STALL_NS     UINT64_C(500000000)
#define STALL_PERIOD (5 * STALL_NS)
#define SERVER_ROOM  16384

struct bench_server {
    pid_t pid;
    uint16_t port;
    struct bench_server_shared {
        uint64_t requests;
        uint64_t times_ns[SERVER_TIMES]; /* of the first requests since they were set to 0 */
    } * shared;
};

struct bench_client {
    int fd;
    size_t used, wanted; /* bytes there; of the whole request, 0: not known yet */
    char text[SERVER_ROOM];
};

static void bench_pin(unsigned cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
        sched_setaffinity(0, sizeof set, &set);
}

/* Takes the first request off the client's bytes; false: it is not all there. */
static bool bench_take(struct bench_client *client)
{
    client->text[client->used] = 0;
    const char *end = client->wanted ? NULL : strstr(client->text, "\r\n\r\n");
    if (end) {
        const char *length = strcasestr(client->text, "content-length:");
        client->wanted = (size_t)(end + 4 - client->text);
        if (length && length < end)
            client->wanted += strtoul(length + strlen("content-length:"), NULL, 10);
    }
    if (!client->wanted || client->used < client->wanted)
        return false;
    memmove(client->text, client->text + client->wanted, client->used - client->wanted);
    client->used -= client->wanted;
    client->wanted = 0;
    return true;
}

static bool bench_answer(struct bench_server_shared *shared, struct bench_client *client)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";
    ssize_t size = recv(client->fd, client->text + client->used, SERVER_ROOM - 1 - client->used, 0);
    if (size <= 0)
        return false;
    client->used += (size_t)size;
    while (bench_take(client)) {
        uint64_t number = shared->requests;
        if (number < SERVER_TIMES)
            shared->times_ns[number] = clock_monotonic_ns();
        __atomic_store_n(&shared->requests, number + 1, __ATOMIC_RELEASE);
        if (send(client->fd, answer, sizeof answer - 1, MSG_NOSIGNAL) < 0)
            return false;
    }
    return true;
}

static void bench_accept(int epoll, int listener)
{
    const int on = 1;
    struct bench_client *client = calloc(1, sizeof *client);
    client->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_ctl(epoll, EPOLL_CTL_ADD, client->fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = client});
}

static void bench_stall(uint64_t *next_ns)
{
    uint64_t now_ns = clock_monotonic_ns();
    if (now_ns < *next_ns)
        return;
    uint64_t until_ns = *next_ns + STALL_NS;
    const struct timespec until = {.tv_sec = (time_t)(until_ns / 1000000000),
                                   .tv_nsec = (long)(until_ns % 1000000000)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0)
        ;
    *next_ns += STALL_PERIOD;
}

static void bench_serve(struct bench_server_shared *shared, int listener, bool stalls)
{
    struct epoll_event events[64];
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    uint64_t next_ns = clock_monotonic_ns() + 2 * STALL_NS;
    const struct sched_param lowest = {.sched_priority = 1};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    bench_pin(0);
    /* What is measured is who sends: other work on this machine must not slow the server. */
    sched_setscheduler(0, SCHED_FIFO, &lowest);
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN});
    for (;;) {
        int count = epoll_wait(epoll, events, 64, stalls ? 1 : -1);
        if (stalls)
            bench_stall(&next_ns);
        for (int i = 0; i < count; i++) {
            struct bench_client *client = events[i].data.ptr;
            if (!client) {
                bench_accept(epoll, listener);
            } else if (!bench_answer(shared, client)) {
                close(client->fd);
                free(client);
            }
        }
    }
}

/* 0 or a negative errno. */
static int bench_server_start(struct bench_server *server, bool stalls)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    server->shared =
        mmap(NULL, sizeof *server->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    AUTO_FD listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->shared == MAP_FAILED || bind(listener, (struct sockaddr *)&address, length) < 0 ||
        listen(listener, 4096) < 0 || getsockname(listener, (struct sockaddr *)&address, &length) < 0)
        return -errno;
    server->port = ntohs(address.sin_port);
    server->pid = fork();
    if (server->pid == 0) {
        bench_serve(server->shared, listener, stalls);
        _exit(0);
    }
    return server->pid < 0 ? -errno : 0;
}

static void bench_server_stop(struct bench_server *server)
{
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    munmap(server->shared, sizeof *server->shared);
}

#endif
