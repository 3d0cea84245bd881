#include "runner/sandbox/sandbox.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/sandbox/blueprint.h"
#include "runner/sandbox/init.h"
#include "runner/sandbox/network.h"
#include "runner/sandbox/protocol.h"
#include "runner/sandbox/signals.h"
#include "runner/sandbox/spawn.h"
#include "runner/support/fd.h"

#define PATIENCE_MS 10000

struct sandbox {
    int control;
    int init_pidfd, demo_pidfd;
    int network;
    pid_t init, demo;
    struct blueprint *blueprint; /* until init has its copy and we have time to release ours */
    bool released;
    uint64_t ignored; /* see struct request */
    struct sandbox_status last;
};

static struct sandbox *new_sandbox(void)
{
    struct sandbox *sandbox = calloc(1, sizeof *sandbox);
    if (sandbox)
        sandbox->control = sandbox->init_pidfd = sandbox->demo_pidfd = sandbox->network = -1;
    return sandbox;
}

/* Runs in init from its first instruction. Signals were blocked so that no handler of runner's runs here. */
static pid_t clone_init(struct sandbox *sandbox, struct blueprint *blueprint)
{
    const uint64_t others = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;
    const uint64_t namespaces = CLONE_NEWPID | (blueprint->is_ahead ? 0 : others);
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = spawn(namespaces, blueprint->spec->helper_group_fd, &sandbox->init_pidfd);
    if (pid == 0)
        init_main(blueprint);
    int number = errno;
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = number;
    return pid;
}

static int start_init(struct sandbox *sandbox, const struct sandbox_spec *spec, struct error *error)
{
    int ends[2];
    int result = protocol_open(ends);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "make a socket pair for the sandbox");
    sandbox->control = ends[0];
    AUTO_FD far = ends[1];
    result = blueprint_make(spec, far, &sandbox->blueprint, error);
    if (result < 0)
        return result;
    sandbox->init = clone_init(sandbox, sandbox->blueprint);
    if (sandbox->init == -EPERM)
        return error_mend(error, ERROR_HOST, EPERM, "Run as root, with CAP_SYS_ADMIN",
                          "make the sandbox's namespaces");
    if (sandbox->init == -ENOSPC || sandbox->init == -EINVAL)
        return error_mend(error, ERROR_HOST, -sandbox->init,
                          "Look at /proc/sys/user/max_*_namespaces and the kernel's CONFIG_*_NS",
                          "make the sandbox's namespaces");
    if (sandbox->init < 0)
        return error_set(error, ERROR_INTERNAL, -sandbox->init, "make the sandbox's init");
    sandbox->network = fd_take(&sandbox->blueprint->ahead.fds[SPARE_NETWORK]);
    return 0;
}

/* Waits for the next record: 1 there is one; 0 init is gone; -ETIMEDOUT or another negative errno. */
static int next_record(const struct sandbox *sandbox, struct record *record, struct ancillary *ancillary)
{
    struct pollfd watched = {.fd = sandbox->control, .events = POLLIN};
    uint64_t end = clock_monotonic_ns() + PATIENCE_MS * 1000000ULL;
    for (;;) {
        uint64_t now = clock_monotonic_ns();
        int ready = now < end ? poll(&watched, 1, (int)((end - now) / 1000000) + 1) : 0;
        if (ready == 0)
            return -ETIMEDOUT;
        if (ready > 0)
            return protocol_receive(sandbox->control, record, sizeof *record, MSG_DONTWAIT, ancillary);
        if (errno != EINTR)
            return -errno;
    }
}

static int no_record(int result, const char *doing, struct error *error)
{
    if (result == 0)
        return error_set(error, ERROR_INTERNAL, ECHILD, "%s: the sandbox's init was killed", doing);
    return error_set(error, ERROR_INTERNAL, -result, "%s: no answer from the sandbox's init within %d s",
                     doing, PATIENCE_MS / 1000);
}

/* A step that failed before the barrier is this host's fault where it refuses a thing by nature. */
static int setup_failed(const struct failure *failure, struct error *error)
{
    char text[512];
    failure_text(failure, text, sizeof text);
    bool refused = failure->number == EPERM || failure->number == ENOSYS || failure->number == ENOSPC ||
                   failure->number == ENODEV;
    error_set(error, refused ? ERROR_HOST : ERROR_INTERNAL, 0, "%s", text);
    if (error)
        error->number = failure->number;
    return failure->number ? -failure->number : -EINVAL;
}

static void note_record(struct sandbox *sandbox, const struct record *record)
{
    struct sandbox_status *status = &sandbox->last;
    if (record->kind == RECORD_FAILED) {
        status->state = SANDBOX_START_FAILED;
        status->step = record->failure.step;
        status->number = record->failure.number;
        memcpy(status->what, record->failure.what, sizeof status->what);
        failure_text(&record->failure, status->text, sizeof status->text);
    } else if (record->kind == RECORD_ENDED) {
        status->state = SANDBOX_ENDED;
        status->wait_status = record->wait_status;
        status->end_ns = record->end_ns;
        status->orphans_reaped = record->orphans_reaped;
        status->left_behind = record->left_behind;
    }
}

static int await_barrier(struct sandbox *sandbox, struct error *error)
{
    struct record record = {.kind = RECORD_ENDED};
    struct ancillary came = {.descriptor = -1};
    int result = next_record(sandbox, &record, &came);
    if (result != 1)
        return no_record(result, "set up the sandbox", error);
    if (record.kind == RECORD_FAILED && record.failure.fault == EXEC_FAULT_STARVED) {
        note_record(sandbox, &record); /* the demo's own limit: told by sandbox_release() */
        return 0;
    }
    if (record.kind == RECORD_FAILED)
        return setup_failed(&record.failure, error);
    if (record.kind != RECORD_BARRIER)
        return error_set(error, ERROR_INTERNAL, EPROTO,
                         "set up the sandbox: record %d instead of the barrier", record.kind);
    sandbox->demo = came.sender;
    /* Safe from reuse: the process waits at the barrier, and init reaps only after it ran. */
    sandbox->demo_pidfd = pidfd_open(sandbox->demo, 0);
    if (sandbox->demo_pidfd < 0 && errno != ENOSYS)
        return error_set(error, ERROR_INTERNAL, errno, "open a pidfd of the demo's process");
    return 0;
}

static int send_network(struct sandbox *sandbox, struct error *error)
{
    struct failure failure = {0};
    sandbox->network = network_make(&failure);
    if (sandbox->network < 0)
        return setup_failed(&failure, error);
    const struct request request = {.kind = REQUEST_NETWORK};
    int result = protocol_send_descriptor(sandbox->control, &request, sizeof request, sandbox->network);
    /* EPIPE: init has failed before; its record says why */
    if (result < 0 && result != -EPIPE)
        return error_set(error, ERROR_INTERNAL, -result, "give the sandbox its network namespace");
    return 0;
}

int sandbox_prepare(const struct sandbox_spec *spec, struct sandbox **made, struct error *error)
{
    struct sandbox *sandbox = new_sandbox();
    if (!sandbox)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "make a sandbox");
    int result = start_init(sandbox, spec, error);
    if (!result && !spec->network_host && sandbox->network < 0)
        result = send_network(sandbox, error);
    /* Handlers went with CLONE_CLEAR_SIGHAND. Asking takes 64 system calls: here, while init is busy. */
    sandbox->ignored = signals_ignored();
    blueprint_free(sandbox->blueprint);
    sandbox->blueprint = NULL;
    if (!result)
        result = await_barrier(sandbox, error);
    if (result < 0) {
        sandbox_destroy(sandbox);
        return result;
    }
    *made = sandbox;
    return 0;
}

int sandbox_release(struct sandbox *sandbox, uint64_t *exec_ns, struct sandbox_status *status,
                    struct error *error)
{
    if (sandbox->released)
        return error_set(error, ERROR_INTERNAL, EALREADY, "release the sandbox");
    const struct request request = {.kind = REQUEST_RELEASE, .ignored = sandbox->ignored};
    sandbox->released = true;
    if (exec_ns)
        *exec_ns = clock_monotonic_ns();
    if (sandbox->last.state == SANDBOX_START_FAILED) {
        *status = sandbox->last;
        return 0;
    }
    int result = protocol_send(sandbox->control, &request, sizeof request);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "release the sandbox");
    struct record record = {0};
    result = next_record(sandbox, &record, NULL);
    if (result != 1)
        return no_record(result, "start the demo", error);
    note_record(sandbox, &record);
    *status = sandbox->last;
    return 0;
}

pid_t sandbox_demo_pid(const struct sandbox *sandbox)
{
    return sandbox->demo;
}

pid_t sandbox_init_pid(const struct sandbox *sandbox)
{
    return sandbox->init;
}

int sandbox_demo_pidfd(const struct sandbox *sandbox)
{
    return sandbox->demo_pidfd;
}

int sandbox_status_fd(const struct sandbox *sandbox)
{
    return sandbox->control;
}

int sandbox_network_fd(const struct sandbox *sandbox)
{
    return sandbox->network;
}

int sandbox_read_status(struct sandbox *sandbox, struct sandbox_status *status)
{
    struct record record = {0};
    while (sandbox->last.state == SANDBOX_RUNNING) {
        int result = protocol_receive(sandbox->control, &record, sizeof record, MSG_DONTWAIT, NULL);
        if (result == -EAGAIN)
            break;
        if (result == 1) {
            note_record(sandbox, &record);
            continue;
        }
        sandbox->last.state = SANDBOX_LOST;
        snprintf(sandbox->last.text, sizeof sandbox->last.text,
                 "the sandbox's init (pid %d) ended without a report: something outside killed it",
                 sandbox->init);
    }
    *status = sandbox->last;
    return 0;
}

int sandbox_signal(struct sandbox *sandbox, int signal)
{
    if (!sandbox->released || sandbox->last.state != SANDBOX_RUNNING)
        return -ESRCH;
    const struct request request = {.kind = REQUEST_SIGNAL, .signal = signal};
    int result = protocol_send(sandbox->control, &request, sizeof request);
    return result == -EPIPE || result == -ECONNRESET ? -ESRCH : result;
}

static void reap_init(const struct sandbox *sandbox)
{
    pidfd_send_signal(sandbox->init_pidfd, SIGKILL, NULL, 0);
    struct pollfd watched = {.fd = sandbox->init_pidfd, .events = POLLIN};
    int ready;
    do
        ready = poll(&watched, 1, PATIENCE_MS);
    while (ready < 0 && errno == EINTR);
    /* Where somebody in there cannot die (a hung file system), nothing is gained by hanging too. */
    siginfo_t ignored;
    waitid(P_PIDFD, (id_t)sandbox->init_pidfd, &ignored, WEXITED | __WALL | (ready > 0 ? 0 : WNOHANG));
}

void sandbox_destroy(struct sandbox *sandbox)
{
    if (!sandbox)
        return;
    if (sandbox->init > 0)
        reap_init(sandbox);
    fd_close(&sandbox->control);
    fd_close(&sandbox->init_pidfd);
    fd_close(&sandbox->demo_pidfd);
    fd_close(&sandbox->network);
    free(sandbox);
}
