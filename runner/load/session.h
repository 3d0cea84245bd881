/*
 * The load's life within one trial: wait until the demo is ready, let the load's process run, tell what
 * happens. A state machine without a loop of its own: the trial's loop asks for its descriptor and deadline,
 * calls session_step() when either is due, and acts on the events.
 *
 *     waiting --ready--> running --over--> over          waiting --too late--> over (NOT_READY)
 *                           '--failed, cut--> over
 */
#ifndef RUNNER_LOAD_SESSION_H
#define RUNNER_LOAD_SESSION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runner/load/listening.h"
#include "runner/load/process.h"
#include "runner/load/watch.h"
#include "runner/manifest/load.h"
#include "runner/support/error.h"

enum session_state { SESSION_WAITING, SESSION_RUNNING, SESSION_OVER };

enum session_event {
    SESSION_NOTHING,
    SESSION_WINDOW,    /* measuring begins */
    SESSION_STEP,      /* a further rate begins */
    SESSION_END,       /* measuring ends; answers may still come */
    SESSION_DONE,      /* there is a result, or the command has ended: stop the demo */
    SESSION_NOT_READY, /* within load.ready.within: stop the demo */
    SESSION_FAILED,    /* the load itself; session->failure says why: stop the demo */
};

struct session {
    const struct load_settings *load;
    enum session_state state;
    struct listening listening;
    struct watch watch; /* of the demo's stdout, for load.ready.stdout */
    struct process process;
    uint64_t start_ns, ready_ns, poll_ns, poll_step; /* ready_ns 0: never */
    bool result_known, not_ready;
    int status;        /* a command's, as wait(2) has it */
    char failure[320]; /* empty: none */
};

/* One that session_close() may be called for. */
#define SESSION_CLOSED                                                                                       \
    {                                                                                                        \
        .listening.netlink = -1, .process = {.control = -1, .pidfd = -1, .result = -1 }                      \
    }

/* Starts the load's process, which waits. `demo`: the demo's first process, at its barrier. */
int session_open(struct session *session, const struct process_spec *spec, pid_t demo, struct error *error);
/* The demo was released at `start_ns`. */
void session_start(struct session *session, uint64_t start_ns);
/* Two descriptors for epoll (-1: not now): news of the load's process, and its end. */
int session_control_fd(const struct session *session);
int session_end_fd(const struct session *session);
/* When session_step() wants to be called at the latest; UINT64_MAX: no time. */
uint64_t session_deadline(const struct session *session);
/* Call again until it tells SESSION_NOTHING; never blocks. */
enum session_event session_step(struct session *session, uint64_t now);
/* The demo is gone, or nobody wants to wait: cuts the load and waits for its result, at most some seconds.
   Harmless when it is over. */
void session_finish(struct session *session);
/* load.json; NULL: there is none. A new reference. */
json_t *session_result(const struct session *session);
void session_close(struct session *session);

#endif
