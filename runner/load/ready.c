#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "runner/load/connection.h"
#include "runner/load/generator.h"
#include "runner/load/request.h"
#include "runner/support/fd.h"

#define PAUSE_NS UINT64_C(50000000) /* between the end of a try and the next one */
#define TRY_NS                                                                                               \
    UINT64_C(1000000000) /* a server that took the connection while it started may have lost it              \
                          */
#define BODY_MAX (UINT64_C(16) << 20)

enum { WAIT_OVER, WAIT_CONTROL_ENDED, WAIT_READY };

struct attempt {
    const struct load_http *http;
    const char *target;
    const struct http_request *request;
    int control_fd;
    uint64_t until_ns;
    char why[160]; /* how it ended */
};

/* Waits for `fd` (-1: only for the time) and for the end of the control socket. */
static int wait_for(const struct attempt *attempt, int fd, short events)
{
    for (;;) {
        uint64_t now_ns = clock_monotonic_ns();
        uint64_t left_ns = attempt->until_ns > now_ns ? attempt->until_ns - now_ns : 0;
        const struct timespec timeout = {.tv_sec = (time_t)(left_ns / 1000000000),
                                         .tv_nsec = (long)(left_ns % 1000000000)};
        struct pollfd watched[] = {{.fd = attempt->control_fd, .events = POLLIN | POLLRDHUP},
                                   {.fd = fd, .events = events}};
        int count = ppoll(watched, 2, &timeout, NULL);
        if (count < 0 && errno != EINTR)
            return WAIT_OVER;
        if (count > 0 && watched[0].revents) {
            char packet[64];
            ssize_t size = recv(attempt->control_fd, packet, sizeof packet, MSG_DONTWAIT);
            if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR))
                return WAIT_CONTROL_ENDED;
        }
        if (count > 0 && watched[1].revents)
            return WAIT_READY;
        if (left_ns == 0)
            return WAIT_OVER;
    }
}

static int send_request(struct attempt *attempt, int fd)
{
    size_t sent = 0;
    while (sent < attempt->request->size) {
        int waited = wait_for(attempt, fd, POLLOUT);
        if (waited != WAIT_READY)
            return waited;
        ssize_t size = send(fd, attempt->request->bytes + sent, attempt->request->size - sent,
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size < 0 && errno != EAGAIN && errno != EINTR) {
            snprintf(attempt->why, sizeof attempt->why, "%s", strerror(errno));
            return WAIT_OVER;
        }
        sent += size > 0 ? (size_t)size : 0;
    }
    return WAIT_READY;
}

/* Judges what the parser says; WAIT_OVER with `why` when it is no good answer. */
static int judge(struct attempt *attempt, const struct response *response)
{
    if (response->progress == RESPONSE_COMPLETE && response->status < 500)
        return WAIT_READY;
    if (response->progress == RESPONSE_COMPLETE)
        snprintf(attempt->why, sizeof attempt->why, "its status was %u", response->status);
    else
        snprintf(attempt->why, sizeof attempt->why, "no good HTTP/1.1 answer (%s)",
                 response_fault_name(response->fault));
    return WAIT_OVER;
}

static int receive_answer(struct attempt *attempt, int fd)
{
    struct response response;
    char buffer[4096];
    response_start(&response, false, BODY_MAX);
    snprintf(attempt->why, sizeof attempt->why, "no answer came");
    while (response.progress == RESPONSE_READING) {
        int waited = wait_for(attempt, fd, POLLIN);
        if (waited != WAIT_READY)
            return waited;
        ssize_t size = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
        if (size > 0) {
            response_feed(&response, buffer, (size_t)size);
        } else if (size == 0) {
            response_close(&response);
        } else if (errno != EAGAIN && errno != EINTR) {
            snprintf(attempt->why, sizeof attempt->why, "%s", strerror(errno));
            return WAIT_OVER;
        }
    }
    return judge(attempt, &response);
}

static int try_once(struct attempt *attempt)
{
    snprintf(attempt->why, sizeof attempt->why, "no connection was made");
    AUTO_FD fd = connection_socket(&attempt->http->url);
    if (fd < 0) {
        snprintf(attempt->why, sizeof attempt->why, "%s", strerror(-fd));
        return WAIT_OVER;
    }
    int waited = send_request(attempt, fd);
    return waited == WAIT_READY ? receive_answer(attempt, fd) : waited;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static int ask(struct attempt *attempt, uint64_t until_ns, struct error *error)
{
    char why[sizeof attempt->why] = ""; /* of the last try that the end of the time did not cut short */
    for (;;) {
        attempt->until_ns = earlier(clock_monotonic_ns() + TRY_NS, until_ns);
        int waited = try_once(attempt);
        bool cut = clock_monotonic_ns() >= until_ns;
        if (!cut || !*why)
            memcpy(why, attempt->why, sizeof why);
        if (waited == WAIT_OVER && !cut) {
            attempt->until_ns = earlier(clock_monotonic_ns() + PAUSE_NS, until_ns);
            waited = wait_for(attempt, -1, 0);
        }
        if (waited == WAIT_READY)
            return 0;
        if (waited == WAIT_CONTROL_ENDED) {
            error_set(error, ERROR_INTERNAL, 0, "was told to stop while waiting for the demo to answer");
            return -ECANCELED;
        }
        if (clock_monotonic_ns() >= until_ns) {
            error_set(error, ERROR_DEMO, 0, "the demo did not answer http://%s%s in time; last try: %s",
                      attempt->http->url.authority, attempt->target, why);
            return -ETIMEDOUT;
        }
    }
}

int generator_wait_ready(const struct load_http *http, const char *target, uint64_t until_ns, int control_fd,
                         struct error *error)
{
    struct http_request request;
    int result = request_make_get(http, target, &request, error);
    if (result < 0)
        return result;
    struct attempt attempt = {.http = http, .target = target, .request = &request, .control_fd = control_fd};
    result = ask(&attempt, until_ns, error);
    request_free(&request);
    return result;
}
