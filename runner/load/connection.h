/*
 * The pool of connections: slots that are allocated once, each free, connecting, idle or busy with one
 * request.
 *
 * Idle connections are used in turn (the longest idle one first), so that all are kept alive and the server's
 * work is spread over them. What waits for the network, connecting or busy, stands in one queue: all have the
 * same timeout, so that the queue's order is the order of their deadlines and its head is the next to expire.
 */
#ifndef RUNNER_LOAD_CONNECTION_H
#define RUNNER_LOAD_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/load/response.h"
#include "runner/manifest/load.h"

enum connection_state { CONNECTION_FREE, CONNECTION_CONNECTING, CONNECTION_IDLE, CONNECTION_BUSY };

/* A request on its way. */
struct flight {
    uint64_t due_ns, sent_ns; /* CLOCK_MONOTONIC; sent_ns 0: not yet */
    int64_t lag_ns;           /* negative: no longer known */
    int step;                 /* SCHEDULE_WARMUP or a step's number */
};

struct connection {
    int fd;
    enum connection_state state;
    uint64_t serial;      /* from 1 on, in the order of opening */
    uint64_t deadline_ns; /* connecting, busy */
    bool wants_write;     /* EPOLLOUT is watched */
    bool write_ended;     /* the peer takes no more bytes; its answer may still be there to read */
    struct flight flight; /* busy */
    size_t written;       /* of the request */
    struct response response;
    struct connection *before, *after; /* in the list of its state */
};

struct connection_list {
    struct connection *first, *last;
};

struct pool {
    struct connection *slots;
    uint32_t most;  /* may be lowered while running */
    uint32_t fresh; /* slots from here on were never used */
    uint32_t open;  /* not free */
    uint32_t open_most, connecting, busy;
    uint64_t opened; /* ever */
    struct connection_list free, idle, deadlines;
};

/* -ENOMEM. Memory is touched only as connections are opened. */
int pool_init(struct pool *pool, uint32_t most);
void pool_free(struct pool *pool); /* closes what is open */

/* Opens a non-blocking TCP connection, CONNECTING until its descriptor is writable. 0 with *made; -EBUSY: the
   pool is at its bound; else the negative errno of socket(2) or connect(2). */
int pool_open(struct pool *pool, const struct load_url *url, uint64_t deadline_ns, struct connection **made);
void pool_close(struct pool *pool, struct connection *connection);

/* Moves a connection to the end of the list of its new state. */
void pool_set_idle(struct pool *pool, struct connection *connection);
void pool_set_busy(struct pool *pool, struct connection *connection, uint64_t deadline_ns);

/* A non-blocking TCP socket, connected or about to be. Negative errno. */
int connection_socket(const struct load_url *url);

#endif
