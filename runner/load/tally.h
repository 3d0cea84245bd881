/*
 * What is counted and timed while the load runs, and its JSON (load.json). One tally a phase: the warm-up has
 * one of its own, the window is the sum of its steps. A request belongs to the step in which it was due.
 *
 * Every due request ends in exactly one way: `ok`, or one error. `unasked_bytes` alone is no request's end
 * but a connection's: bytes behind a complete answer. So due = ok + the errors but unasked_bytes.
 */
#ifndef RUNNER_LOAD_TALLY_H
#define RUNNER_LOAD_TALLY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/load/response.h"
#include "runner/manifest/load.h"
#include "runner/support/histogram.h"

enum load_error {
    LOAD_FINE,
    LOAD_REFUSED,     /* the connection that the request waited for was refused */
    LOAD_CONNECT,     /* ... could not be made for another reason */
    LOAD_RESET,       /* the connection was reset before the answer was complete */
    LOAD_EARLY_CLOSE, /* ... was closed */
    LOAD_TIMEOUT,     /* no complete answer within timeout_ns of being sent, or no connection in that time */
    LOAD_UNANSWERED_AT_END, /* was sent, and the load ended before its timeout */
    LOAD_NOT_SENT,          /* was due, and no connection was free until the load ended */
    LOAD_STATUS,            /* a complete answer with a status that is not expected */
    LOAD_REDIRECT,          /* ... from 300 to 399 */
    LOAD_MALFORMED,         /* no HTTP/1.x answer; `faults` says what was wrong */
    LOAD_HEADER_TOO_LONG,
    LOAD_BODY_TOO_LONG,
    LOAD_UNASKED_BYTES, /* on a connection without a request */
    LOAD_ERRORS
};

struct tally {
    uint64_t rate;             /* asked, a second */
    uint64_t start_ns, end_ns; /* CLOCK_MONOTONIC; a load that is cut ends its phases earlier */
    uint64_t due, sent, answered, ok;
    uint64_t waited;       /* found no free connection when due */
    uint64_t pool_full;    /* of them: and no more could be made */
    uint64_t waiting_most; /* such requests at once */
    uint64_t connections_opened, connections_most;
    uint64_t errors[LOAD_ERRORS];
    uint64_t faults[RESPONSE_FAULTS]; /* of malformed answers */
    uint64_t statuses[1000];          /* not expected ones */
    /* Nanoseconds. The latencies are those of `ok` answers: an error that comes fast is not a fast answer. */
    struct histogram latency_due, latency_sent;
    struct histogram send_lag; /* from due until the generator looked; every due request has one */
};

struct load_result {
    const struct load_http *http;
    uint64_t seed;
    size_t request_bytes;
    const struct tally *warmup; /* NULL: there was none */
    const struct tally *steps;
    size_t step_count;
    uint64_t bytes_written, bytes_read; /* payload, warm-up included */
    uint64_t connections_opened, connections_most;
    int connections_error; /* errno value: why the pool could not grow to its bound; 0: it could */
    bool cut;
    bool realtime; /* the generator went before other processes */
    bool has_log;
    uint64_t log_rows;
    int log_error; /* errno value: the log ends before the load did */
};

/* "refused", "early_close" ...: stable, in snake_case; "" for LOAD_FINE. */
const char *load_error_name(enum load_error error);

/* What a complete or faulty answer is to the request that it belongs to. */
enum load_error load_error_of(const struct load_http *http, const struct response *response);

void tally_free(struct tally *tally); /* leaves it empty and usable */

/* Adds what `from` counted; rate and times are joined to those of one window. 0 or -ENOMEM. */
int tally_merge(struct tally *into, const struct tally *from);

/* ok a second, over the phase's own time; negative: it has none. */
double tally_achieved_rate(const struct tally *tally);

/* load.json; NULL: no memory.
 * {"schema": 1, "kind": "http", "url", "method", "arrivals": "constant"|"poisson", "seed", "request_bytes",
 *  "cut": bool, "realtime": bool, "window": {"start_ns", "end_ns"}, "asked_rate_per_s", "achieved_rate_per_s"
 * (null: no window), "requests": {"due", "sent", "answered", "ok", "waited_for_connection",
 * "found_pool_full", "waiting_most"}, "errors": {kind: n}, "faults": {fault of a malformed answer: n},
 * "statuses": {"500": n} (unexpected ones), "connections": {"opened", "most", "limited_by": null | text},
 * "bytes": {"written", "read"}, "latency_due", "latency_sent", "send_lag": histogram_json, nanoseconds,
 *  "steps": [from "window" to "send_lag" the same, without "bytes", and with "rate_per_s"],
 *  "warmup": null | {"requests", "errors", "faults", "statuses", "connections"},
 *  "log": null | {"rows", "error": null | text}}
 * A step's connections: opened during it, most open at once during it; without "limited_by". Steps that never
 * began because the load was cut are left out; where none began, the window is 0 to 0. */
json_t *tally_json(const struct load_result *result);

#endif
