/*
 * The network of a sandbox: a namespace in which nothing but loopback exists.
 */
#ifndef RUNNER_SANDBOX_NETWORK_H
#define RUNNER_SANDBOX_NETWORK_H

#include "runner/sandbox/protocol.h"

/* Makes a namespace and brings its loopback up; returns a descriptor of it, or a negative errno. Runner does
   this while init makes the mounts: a network namespace is the dearest of all (0.7 ms), and there are two
   CPUs. The calling thread, and no other, is in the new namespace meanwhile; when it cannot get back, the
   program cannot go on in that thread, and `failure` says so. */
int network_make(struct failure *failure);

/* Brings `lo` of the caller's namespace up; the kernel adds 127.0.0.1/8 and ::1 by itself (inetdev_event() in
   net/ipv4/devinet.c). */
int network_loopback_up(struct failure *failure);

#endif
