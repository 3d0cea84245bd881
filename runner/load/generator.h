/*
 * The open-loop HTTP/1.1 load. Theory of operation:
 *
 * Requests are due at absolute times that are fixed before the load begins (arrivals.h); nothing that the
 * server does moves them. One thread waits in epoll until the next one is due, a connection has something to
 * tell or a deadline is over. When a request is due it goes out on an idle connection of the pool; without
 * one it waits, a connection is opened for it (up to connections_most), and it goes out, in due order, as
 * soon as one is free. Its latency counts from when it was due, so that the time in which it could not even
 * be sent is part of it
 * ("coordinated omission", Tene); and, apart from that, from when it was sent. How late the generator itself
 * was to look at an arrival is the send lag: only that can make a load invalid.
 *
 *     generator.c   the loop: phases, marks for the parent, the end, load.json
 *     traffic.c     requests and connections: what happens when something is due or ready
 *     connection.c  the pool; response.c and framing.c the parser; request.c the bytes that are sent
 *     arrivals.c    due times; tally.c figures and their JSON; log.c the raw log
 *     ready.c       the question whether a server answers yet
 *
 * Memory is bounded by connections_most, the histograms and the log's ring, however long it runs and whatever
 * the server does: answers are parsed in place and forgotten. Answers may go on coming for timeout_ns after
 * the last arrival; then what is still open is counted as unanswered or not sent.
 *
 * The process runs with the lowest real-time priority where it may. It stands for clients on other machines:
 * a demo that uses every processor must not make them late. Without it a wake-up waits for the next tick of
 * the processor that another process has (PREEMPT_LAZY), which is milliseconds.
 *
 * The kernel lets epoll_pwait2 be late by 0.1% of the time that it waits, 0.5% for a nice process
 * (fs/select.c, select_estimate_accuracy), whatever the timer slack: longer waits are done in two steps.
 */
#ifndef RUNNER_LOAD_GENERATOR_H
#define RUNNER_LOAD_GENERATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/load/request.h"
#include "runner/manifest/load.h"
#include "runner/support/error.h"

enum load_at {
    LOAD_AT_WARMUP, /* left out when there is none */
    LOAD_AT_WINDOW, /* the first step begins */
    LOAD_AT_STEP,   /* a further step begins: 1, 2 ... */
    LOAD_AT_END, /* the last arrival has been due and its time is over; or the load is "cut", says the text */
    LOAD_AT_DONE,   /* the result is written; the text says so when the log is incomplete */
    LOAD_AT_FAILED, /* there is no result; the text says why */
};

/* One packet each. Those of a phase that begin late are sent late, with the time at which they were to be. */
struct load_message {
    uint32_t at;
    uint32_t step;
    uint64_t time_ns; /* CLOCK_MONOTONIC */
    char text[240];
};

struct generator_spec {
    const struct load_http *http;
    const struct http_request
        *request; /* made before, as by somebody who may read its body's file; NULL: made here */
    uint64_t seed;
    int control_fd; /* SOCK_SEQPACKET; -1: nobody listens and nobody can cut the load */
    int log_fd;     /* a file for the raw log (log.h); -1: none */
    int result_fd;  /* load.json (tally.h) is written there */
};

/* Asks for a place before all processes that are not real-time: a request that is due must not wait behind
   the demo. Needs CAP_SYS_NICE; whoever has the place keeps it when he gives that up (sched(7)). False:
   refused. */
bool generator_prioritize(void);

/* Runs the whole load in this process, whose timer slack and limit of descriptors it changes. 0, or a
   negative errno with error, then without a result. What the server does is never an error. When the far end
   of control_fd is closed or shut down for writing, sending stops at once, what is outstanding is counted as
   `unanswered_at_end`, what was never due is not counted, and the result is still written with "cut": true.
 */
int generator_run(const struct generator_spec *spec, struct error *error);

/* GETs `target`, on a connection of its own each time, until an answer with a status below 500 comes; at
   once, then at most 50 ms after a try that failed. 0; -ETIMEDOUT with error, which tells how the last try
   ended, when CLOCK_MONOTONIC has reached until_ns; -ECANCELED when control_fd (-1: none) ends as above;
   another negative errno when no request can be made. */
int generator_wait_ready(const struct load_http *http, const char *target, uint64_t until_ns, int control_fd,
                         struct error *error);

#endif
