/*
 * Whether somebody listens on a TCP port of a network namespace, without connecting: by socket diagnostics
 * (sock_diag(7)); where the kernel has none, by the tables of /proc/PID/net (proc(5)).
 */
#ifndef RUNNER_LOAD_LISTENING_H
#define RUNNER_LOAD_LISTENING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runner/support/error.h"

struct listening {
    int netlink; /* in the namespace; -1: by /proc */
    pid_t process;
};

/* `network`: descriptor of the namespace, -1: the caller's own. `process`: one that lives in it, in the
   caller's PID namespace; looked at only where diagnostics are missing. The calling thread is in another
   namespace for a moment. */
int listening_open(struct listening *listening, int network, pid_t process, struct error *error);
/* 1: somebody listens, on IPv4 or IPv6, whatever the address; 0: nobody; or a negative errno. */
int listening_find(struct listening *listening, uint16_t port);
void listening_close(struct listening *listening);

#endif
