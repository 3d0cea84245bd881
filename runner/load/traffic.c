#include "runner/load/traffic.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "runner/support/fd.h"

enum {
    RECEIVE_SIZE = 65536,
    SEND_SIZE = 262144, /* of a large body at a time: copying takes time in which arrivals wait */
    CONNECTS_AT_ONCE = 16,
    ARRIVALS_AT_ONCE = 256, /* answers are read in between, also when more come than can be sent */
};

/* --- life ------------------------------------------------------------------------------------- */

int traffic_init(struct traffic *traffic, const struct load_http *http, const struct http_request *request,
                 struct error *error)
{
    *traffic = (struct traffic){.http = http, .request = request, .epoll_fd = -1};
    int result = request ? 0 : request_make(http, &traffic->own_request, error);
    if (result < 0)
        return result;
    if (!request)
        traffic->request = &traffic->own_request;
    traffic->tallies = calloc(http->step_count + 1, sizeof *traffic->tallies);
    traffic->lags = calloc(LOAD_LAGS_KEPT, sizeof *traffic->lags);
    traffic->buffer = malloc(RECEIVE_SIZE);
    if (pool_init(&traffic->pool, http->connections_most) < 0 || !traffic->tallies || !traffic->lags ||
        !traffic->buffer) {
        traffic_free(traffic);
        return error_set(error, ERROR_INTERNAL, ENOMEM, "prepare the load");
    }
    traffic->present = traffic->tallies;
    traffic->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (traffic->epoll_fd < 0) {
        int number = errno;
        traffic_free(traffic);
        return error_set(error, ERROR_INTERNAL, number, "make an epoll descriptor for the load");
    }
    return 0;
}

void traffic_free(struct traffic *traffic)
{
    for (size_t i = 0; traffic->tallies && i <= traffic->http->step_count; i++)
        tally_free(&traffic->tallies[i]);
    free(traffic->tallies);
    free(traffic->lags);
    free(traffic->buffer);
    pool_free(&traffic->pool);
    load_log_free(traffic->log);
    request_free(&traffic->own_request);
    fd_close(&traffic->epoll_fd);
    *traffic = (struct traffic){.epoll_fd = -1};
}

void traffic_schedule(struct traffic *traffic, uint64_t seed, uint64_t start_ns)
{
    struct schedule *schedule = &traffic->schedule;
    schedule_make(schedule, traffic->http, seed, start_ns);
    for (size_t i = 0; i < schedule->phase_count; i++) {
        const struct phase *phase = &schedule->phases[i];
        traffic->tallies[i].rate = phase->rate;
        traffic->tallies[i].start_ns = phase->start_ns;
        traffic->tallies[i].end_ns = phase->start_ns + phase->duration_ns;
    }
    cursor_start(&traffic->due, schedule);
    cursor_start(&traffic->send, schedule);
}

uint64_t traffic_waiting(const struct traffic *traffic)
{
    return traffic->due.taken - traffic->send.taken;
}

/* --- the end of a request --------------------------------------------------------------------- */

static void add_time(struct traffic *traffic, struct histogram *histogram, uint64_t ns)
{
    int result = histogram_add(histogram, ns);
    if (result < 0)
        traffic->failure = result;
}

/* `connection` is NULL for a request that none carried. */
static void finish(struct traffic *traffic, const struct flight *flight, const struct connection *connection,
                   enum load_error error, uint64_t now_ns)
{
    struct tally *tally = &traffic->tallies[flight->step + 1];
    const struct response *response = connection ? &connection->response : NULL;
    bool answered = response && response->progress == RESPONSE_COMPLETE;
    tally->answered += answered;
    if (error == LOAD_FINE) {
        tally->ok++;
        add_time(traffic, &tally->latency_due, now_ns - flight->due_ns);
        add_time(traffic, &tally->latency_sent, now_ns - flight->sent_ns);
    } else {
        tally->errors[error]++;
        if (answered)
            tally->statuses[response->status]++;
        if (error == LOAD_MALFORMED)
            tally->faults[response->fault]++;
    }
    if (!traffic->log || flight->step == SCHEDULE_WARMUP)
        return;
    load_log_add(traffic->log, &(struct load_row){
                                   .due_ns = flight->due_ns,
                                   .sent_ns = flight->sent_ns,
                                   .end_ns = now_ns,
                                   .lag_ns = flight->lag_ns,
                                   .status = answered ? response->status : 0,
                                   .bytes = response ? response->body_bytes : 0,
                                   .connection = connection ? connection->serial : 0,
                                   .error = error,
                               });
}

static void fail(struct traffic *traffic, struct connection *connection, enum load_error error,
                 uint64_t now_ns)
{
    finish(traffic, &connection->flight, connection, error, now_ns);
    pool_close(&traffic->pool, connection);
}

static bool take_waiting(struct traffic *traffic, struct flight *flight)
{
    if (traffic_waiting(traffic) == 0)
        return false;
    bool known = traffic_waiting(traffic) <= LOAD_LAGS_KEPT;
    *flight = (struct flight){.lag_ns = -1};
    if (known)
        flight->lag_ns = traffic->lags[traffic->send.taken % LOAD_LAGS_KEPT];
    cursor_peek(&traffic->send, &flight->due_ns, &flight->step);
    cursor_advance(&traffic->send);
    return true;
}

/* --- sending ---------------------------------------------------------------------------------- */

static void watch(struct traffic *traffic, struct connection *connection, bool wants_write)
{
    if (connection->wants_write == wants_write)
        return;
    connection->wants_write = wants_write;
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | (wants_write ? EPOLLOUT : 0u),
                                .data.ptr = connection};
    epoll_ctl(traffic->epoll_fd, EPOLL_CTL_MOD, connection->fd, &event);
}

/* An error of send(2) is not the request's end: an answer may have come before it, and recv(2) tells. */
static void send_more(struct traffic *traffic, struct connection *connection)
{
    size_t left = traffic->request->size - connection->written;
    ssize_t sent = send(connection->fd, traffic->request->bytes + connection->written,
                        left < SEND_SIZE ? left : SEND_SIZE, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
        connection->written += (size_t)sent;
        traffic->bytes_written += (uint64_t)sent;
    } else if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        connection->write_ended = true;
    }
    watch(traffic, connection, !connection->write_ended && connection->written < traffic->request->size);
}

static void send_on(struct traffic *traffic, struct connection *connection, const struct flight *flight)
{
    connection->flight = *flight;
    connection->flight.sent_ns = clock_monotonic_ns();
    connection->written = 0;
    response_start(&connection->response, traffic->request->head, RESPONSE_BODY_MAX);
    pool_set_busy(&traffic->pool, connection, connection->flight.sent_ns + traffic->http->timeout_ns);
    traffic->tallies[flight->step + 1].sent++;
    send_more(traffic, connection);
}

/* --- connections ------------------------------------------------------------------------------ */

/* No connection for the request that has waited longest. */
static void connect_failed(struct traffic *traffic, int number)
{
    struct flight flight;
    if (take_waiting(traffic, &flight))
        finish(traffic, &flight, NULL,
               number == ECONNREFUSED ? LOAD_REFUSED
               : number == ETIMEDOUT  ? LOAD_TIMEOUT
                                      : LOAD_CONNECT,
               clock_monotonic_ns());
}

static int open_one(struct traffic *traffic)
{
    struct connection *connection;
    struct pool *pool = &traffic->pool;
    int result =
        pool_open(pool, &traffic->http->url, clock_monotonic_ns() + traffic->http->timeout_ns, &connection);
    if (result < 0) {
        bool ours = result == -EMFILE || result == -ENFILE || result == -ENOMEM || result == -ENOBUFS;
        if (ours && pool->open > 0) {
            pool->most = pool->open; /* what is open must do */
            traffic->connections_error = -result;
        }
        return result;
    }
    traffic->present->connections_opened++;
    if (pool->open > traffic->present->connections_most)
        traffic->present->connections_most = pool->open;
    connection->wants_write = true;
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = connection};
    if (epoll_ctl(traffic->epoll_fd, EPOLL_CTL_ADD, connection->fd, &event) < 0) {
        result = -errno;
        pool_close(pool, connection);
    }
    return result;
}

void traffic_open(struct traffic *traffic)
{
    for (uint32_t i = 0; i < traffic->http->connections_start; i++)
        if (open_one(traffic) < 0)
            return;
}

bool traffic_pending(const struct traffic *traffic)
{
    uint64_t waiting = traffic_waiting(traffic);
    const struct pool *pool = &traffic->pool;
    return waiting && (pool->idle.first || (waiting > pool->connecting && pool->open < pool->most));
}

void traffic_pump(struct traffic *traffic)
{
    struct flight flight;
    struct pool *pool = &traffic->pool;
    while (pool->idle.first && take_waiting(traffic, &flight))
        send_on(traffic, pool->idle.first, &flight);
    for (unsigned i = 0; i < CONNECTS_AT_ONCE && traffic_pending(traffic); i++) {
        int result = open_one(traffic);
        if (result < 0 && pool->open < pool->most)
            connect_failed(traffic, -result);
    }
}

/* Takes the next arrival when it is due; NULL: it is not, or there is none. */
static struct tally *look(struct traffic *traffic, uint64_t now_ns)
{
    uint64_t due_ns;
    int step;
    if (!cursor_peek(&traffic->due, &due_ns, &step) || due_ns > now_ns)
        return NULL;
    uint64_t lag_ns = now_ns - due_ns;
    struct tally *tally = &traffic->tallies[step + 1];
    traffic->lags[traffic->due.taken % LOAD_LAGS_KEPT] = lag_ns < UINT32_MAX ? (uint32_t)lag_ns : UINT32_MAX;
    cursor_advance(&traffic->due);
    tally->due++;
    add_time(traffic, &tally->send_lag, lag_ns);
    return tally;
}

void traffic_look(struct traffic *traffic)
{
    struct tally *tally;
    for (unsigned i = 0; i < ARRIVALS_AT_ONCE && (tally = look(traffic, clock_monotonic_ns())); i++) {
        traffic_pump(traffic);
        uint64_t waiting = traffic_waiting(traffic);
        tally->waited += waiting > 0;
        tally->pool_full += waiting > traffic->pool.connecting && traffic->pool.open >= traffic->pool.most;
        if (waiting > tally->waiting_most)
            tally->waiting_most = waiting;
    }
}

bool traffic_done(struct traffic *traffic)
{
    uint64_t due_ns;
    int step;
    return traffic_waiting(traffic) == 0 && traffic->pool.busy == 0 &&
           !cursor_peek(&traffic->due, &due_ns, &step);
}

/* --- answers ---------------------------------------------------------------------------------- */

/* We close at once after an answer that says so: the ports that this leaves in TIME_WAIT are used again on
   loopback (tcp_tw_reuse in Documentation/networking/ip-sysctl.rst). */
static void close_and_fill(struct traffic *traffic, struct connection *connection)
{
    pool_close(&traffic->pool, connection);
    if (traffic->pool.open < traffic->http->connections_start)
        open_one(traffic);
}

static void answered(struct traffic *traffic, struct connection *connection, bool ended, bool more,
                     uint64_t now_ns)
{
    finish(traffic, &connection->flight, connection, load_error_of(traffic->http, &connection->response),
           now_ns);
    if (more)
        traffic->tallies[connection->flight.step + 1].errors[LOAD_UNASKED_BYTES]++;
    if (more || ended || connection->write_ended || !connection->response.keep_alive ||
        connection->written < traffic->request->size)
        close_and_fill(traffic, connection);
    else
        pool_set_idle(&traffic->pool, connection);
}

static void receive(struct traffic *traffic, struct connection *connection, bool ended)
{
    ssize_t size = recv(connection->fd, traffic->buffer, RECEIVE_SIZE, MSG_DONTWAIT);
    int number = size < 0 ? errno : 0;
    if (number == EAGAIN || number == EINTR)
        return;
    uint64_t now_ns = clock_monotonic_ns();
    if (size > 0)
        traffic->bytes_read += (uint64_t)size;
    if (connection->state == CONNECTION_IDLE) {
        /* A server may close what is idle (RFC 9112, 9.5), but it has nothing to say there. */
        if (size > 0)
            traffic->present->errors[LOAD_UNASKED_BYTES]++;
        pool_close(&traffic->pool, connection);
        return;
    }
    struct response *response = &connection->response;
    size_t used = 0;
    if (size > 0)
        used = response_feed(response, traffic->buffer, (size_t)size);
    else if (size == 0)
        response_close(response);
    if (size < 0)
        fail(traffic, connection, LOAD_RESET, now_ns);
    else if (response->progress == RESPONSE_COMPLETE)
        answered(traffic, connection, ended || size == 0, used < (size_t)size, now_ns);
    else if (response->progress == RESPONSE_FAULTY)
        fail(traffic, connection, load_error_of(traffic->http, response), now_ns);
}

static void connected(struct traffic *traffic, struct connection *connection)
{
    int number = 0;
    socklen_t length = sizeof number;
    if (getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &number, &length) < 0)
        number = errno;
    if (number) {
        pool_close(&traffic->pool, connection);
        connect_failed(traffic, number);
        return;
    }
    watch(traffic, connection, false);
    pool_set_idle(&traffic->pool, connection);
}

void traffic_event(struct traffic *traffic, struct connection *connection, uint32_t events)
{
    if (connection->state == CONNECTION_CONNECTING) {
        connected(traffic, connection);
    } else {
        if ((events & EPOLLOUT) && connection->state == CONNECTION_BUSY)
            send_more(traffic, connection);
        if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
            receive(traffic, connection, events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR));
    }
    traffic_pump(traffic);
}

/* --- time ------------------------------------------------------------------------------------- */

uint64_t traffic_next_ns(struct traffic *traffic)
{
    uint64_t next_ns = UINT64_MAX;
    int step;
    if (traffic->due.schedule && !cursor_peek(&traffic->due, &next_ns, &step))
        next_ns = UINT64_MAX;
    const struct connection *first = traffic->pool.deadlines.first;
    return first && first->deadline_ns < next_ns ? first->deadline_ns : next_ns;
}

bool traffic_expire(struct traffic *traffic, uint64_t now_ns)
{
    struct connection *first = traffic->pool.deadlines.first;
    if (!first || first->deadline_ns > now_ns)
        return false;
    if (first->state == CONNECTION_BUSY) {
        fail(traffic, first, LOAD_TIMEOUT, now_ns);
    } else {
        pool_close(&traffic->pool, first);
        connect_failed(traffic, ETIMEDOUT);
    }
    traffic_pump(traffic);
    return true;
}

void traffic_end(struct traffic *traffic, uint64_t now_ns)
{
    struct flight flight;
    while (look(traffic, now_ns))
        ;
    for (struct connection *at = traffic->pool.deadlines.first, *after; at; at = after) {
        after = at->after;
        if (at->state == CONNECTION_BUSY)
            fail(traffic, at, LOAD_UNANSWERED_AT_END, now_ns);
    }
    while (take_waiting(traffic, &flight))
        finish(traffic, &flight, NULL, LOAD_NOT_SENT, now_ns);
}
