#include "runner/load/session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/load/generator.h"
#include "runner/support/fd.h"

#define NEVER         UINT64_MAX
#define FIRST_POLL_NS 1000000u  /* a server that starts at once is seen at once */
#define POLL_NS       10000000u /* a socket that begins to listen tells nobody */
#define PATIENCE_MS   10000     /* for the result of a load that was cut */
#define RESULT_MOST   (64u << 20)

int session_open(struct session *session, const struct process_spec *spec, pid_t demo, struct error *error)
{
    const struct load_settings *load = spec->load;
    *session = (struct session)SESSION_CLOSED;
    session->load = load;
    int result = 0;
    if (load->ready.kind == READY_TCP)
        result = listening_open(&session->listening, spec->network, demo, error);
    if (result == 0 && load->ready.kind == READY_STDOUT && watch_open(&session->watch, load->ready.text) < 0)
        result = error_set(error, ERROR_INTERNAL, ENOMEM, "watch for load.ready.stdout");
    return result < 0 ? result : process_start(spec, &session->process, error);
}

void session_start(struct session *session, uint64_t start_ns)
{
    session->start_ns = start_ns;
    session->poll_step = FIRST_POLL_NS;
    session->poll_ns = start_ns + FIRST_POLL_NS;
}

int session_control_fd(const struct session *session)
{
    return session->process.control;
}

int session_end_fd(const struct session *session)
{
    return session->process.pidfd;
}

static uint64_t ready_limit(const struct session *session)
{
    return session->start_ns + session->load->ready.within_ns;
}

uint64_t session_deadline(const struct session *session)
{
    if (session->state != SESSION_WAITING)
        return NEVER;
    switch (session->load->ready.kind) {
    case READY_TCP:
        return session->poll_ns < ready_limit(session) ? session->poll_ns : ready_limit(session);
    case READY_STDOUT:
        return ready_limit(session); /* or when something is printed */
    default:
        return session->start_ns; /* nothing is waited for here */
    }
}

static enum session_event end(struct session *session, enum session_event event)
{
    session->state = SESSION_OVER;
    session->not_ready |= event == SESSION_NOT_READY;
    return event;
}

static enum session_event fail(struct session *session, const char *text)
{
    snprintf(session->failure, sizeof session->failure, "%s", text);
    return end(session, SESSION_FAILED);
}

/* READY_HTTP is asked by the generator itself, in the demo's network. */
static bool is_ready(struct session *session, uint64_t now)
{
    switch (session->load->ready.kind) {
    case READY_TCP:
        if (now < session->poll_ns)
            return false;
        if (session->poll_step < POLL_NS)
            session->poll_step *= 2;
        session->poll_ns = now + session->poll_step;
        return listening_find(&session->listening, (uint16_t)session->load->ready.port) > 0;
    case READY_STDOUT:
        return session->watch.found;
    default:
        return true;
    }
}

static enum session_event step_waiting(struct session *session, uint64_t now)
{
    if (!is_ready(session, now))
        return now >= ready_limit(session) ? end(session, SESSION_NOT_READY) : SESSION_NOTHING;
    bool asks = session->load->ready.kind == READY_HTTP;
    /* Where it fails, the process is gone and has left word why. */
    process_go(&session->process, asks ? ready_limit(session) : 0);
    session->state = SESSION_RUNNING;
    session->ready_ns = asks ? 0 : now;
    return SESSION_NOTHING;
}

static enum session_event on_message(struct session *session, const struct load_message *message)
{
    switch (message->at) {
    case LOAD_AT_WARMUP:
    case LOAD_AT_WINDOW:
        if (!session->ready_ns)
            session->ready_ns = message->time_ns; /* READY_HTTP */
        return message->at == LOAD_AT_WINDOW ? SESSION_WINDOW : SESSION_NOTHING;
    case LOAD_AT_STEP:
        return SESSION_STEP;
    case LOAD_AT_END:
        return SESSION_END;
    case LOAD_AT_DONE:
        session->result_known = true;
        return end(session, SESSION_DONE);
    case PROCESS_AT_NOT_READY:
        snprintf(session->failure, sizeof session->failure, "%s", message->text);
        return end(session, SESSION_NOT_READY);
    default:
        return fail(session, message->text);
    }
}

/* A command: ended, or about to run. A generator that ends without a word has crashed. */
static enum session_event step_ended(struct session *session)
{
    int ended = process_reap(&session->process, &session->status);
    if (ended == 0)
        return SESSION_NOTHING;
    if (session->load->kind == LOAD_COMMAND && ended > 0)
        return end(session, SESSION_DONE);
    return fail(session, "the load's process ended without a result");
}

static enum session_event step_running(struct session *session)
{
    struct load_message message = {0};
    enum session_event event = SESSION_NOTHING;
    while (session->process.control >= 0 && event == SESSION_NOTHING) {
        ssize_t size = recv(session->process.control, &message, sizeof message, MSG_DONTWAIT);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return SESSION_NOTHING;
        message.text[sizeof message.text - 1] = 0;
        if (size == sizeof message)
            event = on_message(session, &message);
        else
            fd_close(&session->process.control); /* a command has begun, or its process is gone */
    }
    return event == SESSION_NOTHING ? step_ended(session) : event;
}

enum session_event session_step(struct session *session, uint64_t now)
{
    switch (session->state) {
    case SESSION_WAITING:
        return step_waiting(session, now);
    case SESSION_RUNNING:
        return step_running(session);
    case SESSION_OVER:
        break;
    }
    return SESSION_NOTHING;
}

void session_finish(struct session *session)
{
    if (session->state == SESSION_RUNNING && session->load->kind == LOAD_HTTP)
        process_cut(&session->process);
    uint64_t limit = clock_monotonic_ns() + PATIENCE_MS * 1000000ull;
    while (session->state == SESSION_RUNNING && session->load->kind == LOAD_HTTP) {
        uint64_t now = clock_monotonic_ns();
        struct pollfd watched = {.fd = session->process.control >= 0 ? session->process.control
                                                                     : session->process.pidfd,
                                 .events = POLLIN};
        if (now >= limit || poll(&watched, 1, (int)((limit - now) / 1000000) + 1) == 0) {
            fail(session, "the load's process did not stop");
            return;
        }
        while (session_step(session, clock_monotonic_ns()) != SESSION_NOTHING)
            ;
    }
}

json_t *session_result(const struct session *session)
{
    char path[32];
    AUTO_FREE char *text = NULL;
    size_t size;
    if (!session->result_known)
        return NULL;
    snprintf(path, sizeof path, "/proc/self/fd/%d", session->process.result); /* from its beginning */
    return fd_read_file(AT_FDCWD, path, RESULT_MOST, &text, &size) < 0 ? NULL
                                                                       : json_loadb(text, size, 0, NULL);
}

void session_close(struct session *session)
{
    process_close(&session->process);
    listening_close(&session->listening);
    watch_close(&session->watch);
}
