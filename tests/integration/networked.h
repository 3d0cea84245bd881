/*
 * Helpers for tests of the network's counters: a network namespace of our own with loopback, sockets in it
 * that the test uses from outside, and transfers whose bytes are known.
 */
#ifndef TESTS_INTEGRATION_NETWORKED_H
#define TESTS_INTEGRATION_NETWORKED_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "bpf/net.h"
#include "bpf/observer.h"

/* A namespace with loopback up. Skips the test where it cannot be made. */
int namespace_make(void);
/* Calls `work` in the namespace and comes back. */
void namespace_do(int namespace_fd, void (*work)(void *), void *argument);

/* Two ends of a TCP connection, or two UDP sockets connected to each other, over loopback. Non-blocking. */
struct pair {
    int family, type;
    int receive_buffer; /* of both; 0: the kernel's own */
    int ends[2];
    struct sockaddr_storage address; /* of ends[1], for TCP of its listener */
    socklen_t address_size;
};
void pair_open(int namespace_fd, struct pair *pair);
void pair_close(struct pair *pair);

/* Writes `size` bytes to `from` in pieces of `piece` and reads them from `to`, in turns. Without a piece they
   have been written already. */
void transfer(int from, int to, size_t size, size_t piece);
/* Reads what is there: the bytes. */
size_t read_all(int fd);

/* An observer of the network alone; `without_tcx`: by clsact. Skips without root. */
struct observer *net_observer(bool without_tcx);
/* Skips where neither tcx nor clsact can be had, as the kernel says itself. */
void net_need_hooks(int namespace_fd, const struct net_health *health);
/* The counters, with every figure known that this kernel can know. */
void net_expect_attached(const struct net_health *health, bool without_tcx);

#endif
