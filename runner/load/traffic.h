/*
 * The requests and their connections while the load runs: what the loop in generator.c calls when time passes
 * and when a descriptor is ready.
 *
 * Two cursors go through the schedule. `due` is at the next arrival that the generator has not looked at,
 * `send` at the next request to send: what lies between are the requests that wait for a connection, in due
 * order and without memory of their own. A request is bound to a connection only when that one is there and
 * idle.
 *
 * Connections are made for waiting requests, one each, up to the pool's bound. One that cannot be made costs
 * the request that has waited longest. After an answer that closes, the pool is filled up to
 * connections_start again; not after failures, or a dead server would be asked without end.
 *
 * No request is sent twice, not even when a server closed an idle connection in the same moment: that it did
 * is what the client of that server would see.
 */
#ifndef RUNNER_LOAD_TRAFFIC_H
#define RUNNER_LOAD_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/load/arrivals.h"
#include "runner/load/connection.h"
#include "runner/load/log.h"
#include "runner/load/request.h"
#include "runner/load/tally.h"

struct traffic {
    const struct load_http *http;
    struct http_request own_request;
    const struct http_request *request;
    struct schedule schedule;
    struct cursor due, send;
    struct tally *tallies; /* of the phases: [0] is the warm-up */
    struct tally *present; /* of the phase that runs */
    struct pool pool;
    struct load_log *log; /* NULL: none */
    uint32_t *lags;       /* send lag of the last LOAD_LAGS_KEPT due requests, UINT32_MAX at most */
    int epoll_fd;         /* owned; connections are its entries' data.ptr */
    char *buffer;         /* what is read goes here and is forgotten */
    uint64_t bytes_written, bytes_read;
    int connections_error; /* see struct load_result */
    int failure;           /* 0, or -ENOMEM: figures are missing */
};

/* Makes the pool, the tallies and the epoll descriptor; and the request, where `request` is NULL. */
int traffic_init(struct traffic *traffic, const struct load_http *http, const struct http_request *request,
                 struct error *error);
void traffic_free(struct traffic *traffic);

/* Opens connections_start connections. */
void traffic_open(struct traffic *traffic);
/* Sets the schedule, which begins at `start_ns`. */
void traffic_schedule(struct traffic *traffic, uint64_t seed, uint64_t start_ns);

/* Requests that are due and not sent. */
uint64_t traffic_waiting(const struct traffic *traffic);
/* True: traffic_pump() has more to do. */
bool traffic_pending(const struct traffic *traffic);
/* When the next arrival is due or the next deadline is over; UINT64_MAX: never. */
uint64_t traffic_next_ns(struct traffic *traffic);

/* Takes arrivals that are due and sends them, where a connection is idle; not all at once when there are
 * many. */
void traffic_look(struct traffic *traffic);
/* Sends what waits on idle connections, and opens some connections (not all at once: arrivals go first). */
void traffic_pump(struct traffic *traffic);
void traffic_event(struct traffic *traffic, struct connection *connection, uint32_t events);
/* Ends at most one connection or request whose time is over; false: there is none. */
bool traffic_expire(struct traffic *traffic, uint64_t now_ns);
/* Nothing is open, nothing waits, and no arrival is left. */
bool traffic_done(struct traffic *traffic);
/* Counts what has no answer or was not sent, among what is due by now. */
void traffic_end(struct traffic *traffic, uint64_t now_ns);

#endif
