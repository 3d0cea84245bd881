/*
 * The process that makes the traffic. Theory of operation:
 *
 * It is forked from runner, so that draining the rings never delays a request, and lives in the demo's
 * network namespace but in none of its groups: what it uses is not charged to the demo. It runs as the demo's
 * user, without a capability, and ends with runner. Where the demo is bound to some CPUs, it takes the
 * others. It waits until process_go(); from then on a generator (generator.h) sends struct load_message over
 * the socket, and any other program just runs.
 */
#ifndef RUNNER_LOAD_PROCESS_H
#define RUNNER_LOAD_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "runner/manifest/load.h"
#include "runner/support/error.h"

/* Beside enum load_at: load.ready.http was not answered in time. */
#define PROCESS_AT_NOT_READY 100

struct process_spec {
    const struct load_settings *load;
    uint64_t seed;
    int network;              /* descriptor of the demo's network namespace; -1: the host's */
    const char *cpuset;       /* of the demo; NULL: all CPUs */
    const char *user;         /* name */
    int log_fd;               /* generator: the raw log */
    int stdout_fd, stderr_fd; /* command */
};

struct process {
    int control; /* SOCK_SEQPACKET to the generator; a command's ends when it has been started */
    int pidfd;   /* readable when the process has ended */
    int result;  /* generator: a memfd with load.json */
    pid_t pid;
    unsigned cpus; /* that it was bound to; 0: to none */
};

/* The descriptors of `spec` stay the caller's. */
int process_start(const struct process_spec *spec, struct process *process, struct error *error);
/* `ready_until`: a generator first asks load.ready.target until it is answered, at most until this time on
   CLOCK_MONOTONIC; 0: it begins at once. 0 or a negative errno. */
int process_go(struct process *process, uint64_t ready_until);
/* Tells the generator to stop sending and to write its result. */
void process_cut(struct process *process);
/* 1: ended, *status as wait(2) has it; 0: it lives; or a negative errno. */
int process_reap(struct process *process, int *status);
/* Kills and reaps it where need be, and closes everything. Fine for a zeroed one with control, pidfd, result
 * -1. */
void process_close(struct process *process);

#endif
