#include "runner/load/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/load/command.h"
#include "runner/load/cpus.h"
#include "runner/load/generator.h"
#include "runner/sandbox/descriptors.h"
#include "runner/sandbox/privileges.h"
#include "runner/sandbox/signals.h"
#include "runner/sandbox/users.h"
#include "runner/support/fd.h"

#define OUTPUT_MOST (64u << 20) /* bytes that a command may write to each of its files */

/* What process_go() sends. */
struct go {
    uint64_t ready_until;
};

/* All that the child needs, made before the fork. */
struct child {
    const struct process_spec *spec;
    int control, result;
    struct http_request request;
    uid_t uid;
    gid_t gid;
    cpu_set_t cpus;
    bool bound;
    cap_t no_capabilities;
};

static void tell_failure(const struct child *child, uint32_t at, const char *text)
{
    struct load_message message = {.at = at, .time_ns = clock_monotonic_ns()};
    snprintf(message.text, sizeof message.text, "%.*s", (int)sizeof message.text - 1, text);
    send(child->control, &message, sizeof message, MSG_NOSIGNAL);
}

static int settle_in(struct child *child, struct error *error)
{
    const struct process_spec *spec = child->spec;
    sigset_t none;
    sigemptyset(&none);
    signals_reset(signals_ignored());
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (spec->network >= 0 && setns(spec->network, CLONE_NEWNET) < 0)
        return error_set(error, ERROR_INTERNAL, errno, "enter the demo's network namespace");
    if (child->bound && sched_setaffinity(0, sizeof child->cpus, &child->cpus) < 0)
        return error_set(error, ERROR_INTERNAL, errno, "bind the load to its CPUs");
    if (spec->load->kind == LOAD_HTTP)
        generator_prioritize(); /* as long as this process may */
    struct failure failure = {0};
    if (privileges_retire(child->uid, child->gid, child->no_capabilities, &failure) < 0)
        return error_set(error, ERROR_INTERNAL, failure.number, "%s", failure.what);
    /* The change of user has cleared it (prctl(2)). Had runner died meanwhile, the socket would tell. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return error_set(error, ERROR_INTERNAL, errno, "ask for a signal when runner dies");
    return 0;
}

/* Negative, with *at: how it failed. */
static int generate(struct child *child, const struct go *go, uint32_t *at, struct error *error)
{
    const struct load_settings *load = child->spec->load;
    struct generator_spec spec = {
        .http = &load->http,
        .request = &child->request,
        .seed = child->spec->seed,
        .control_fd = child->control,
        .log_fd = child->spec->log_fd,
        .result_fd = child->result,
    };
    (void)signal(SIGPIPE, SIG_IGN);
    int result = 0;
    if (go->ready_until)
        result =
            generator_wait_ready(&load->http, load->ready.target, go->ready_until, child->control, error);
    if (result == -ETIMEDOUT)
        *at = PROCESS_AT_NOT_READY;
    return result < 0 ? result : generator_run(&spec, error);
}

static int run_command(const struct child *child, struct error *error)
{
    const struct process_spec *spec = child->spec;
    AUTO_FD null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (dup2(null, 0) < 0 || dup2(spec->stdout_fd, 1) < 0 || dup2(spec->stderr_fd, 2) < 0)
        return error_set(error, ERROR_INTERNAL, errno, "make the descriptors of load.command");
    if (chdir("/") < 0)
        return error_set(error, ERROR_INTERNAL, errno, "enter /");
    /* It writes into the bundle itself: beyond this its write(2) fails with EFBIG. */
    (void)signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){OUTPUT_MOST, OUTPUT_MOST});
    descriptors_close_on_exec(3);
    return command_exec(&spec->load->command, spec->load->command_url, error);
}

static void __attribute__((noreturn)) child_main(struct child *child)
{
    struct error error = {0};
    struct go go;
    uint32_t at = LOAD_AT_FAILED;
    int keep[] = {child->control,      child->result,          child->spec->network,
                  child->spec->log_fd, child->spec->stdout_fd, child->spec->stderr_fd};
    int own[sizeof keep / sizeof *keep];
    size_t count = 0;
    for (size_t i = 0; i < sizeof keep / sizeof *keep; i++)
        if (keep[i] >= 0)
            own[count++] = keep[i];
    int result = descriptors_close_others(own, count);
    if (result < 0)
        error_set(&error, ERROR_INTERNAL, -result, "close what was inherited");
    else
        result = settle_in(child, &error);
    if (result == 0 && recv(child->control, &go, sizeof go, 0) != sizeof go)
        _exit(0); /* it is not wanted any more */
    if (result == 0)
        result = child->spec->load->kind == LOAD_HTTP ? generate(child, &go, &at, &error)
                                                      : run_command(child, &error);
    if (result < 0)
        tell_failure(child, at, error.text);
    _exit(result < 0);
}

static int make_result(struct process *process, const struct load_settings *load)
{
    if (load->kind != LOAD_HTTP)
        return 0;
    process->result = memfd_create("load.json", MFD_CLOEXEC);
    return process->result < 0 ? -errno : 0;
}

static int fork_child(struct child *child, struct process *process, int ends[2], struct error *error)
{
    process->control = ends[0];
    child->control = ends[1];
    child->result = process->result;
    process->pid = fork();
    if (process->pid == 0)
        child_main(child);
    int number = errno;
    close(ends[1]);
    if (process->pid < 0)
        return error_set(error, ERROR_INTERNAL, number, "start the load's process");
    process->pidfd = pidfd_open(process->pid, 0);
    if (process->pidfd < 0)
        return error_set(error, ERROR_INTERNAL, errno, "open a pidfd of the load's process");
    return 0;
}

int process_start(const struct process_spec *spec, struct process *process, struct error *error)
{
    *process = (struct process){.control = -1, .pidfd = -1, .result = -1};
    struct child child = {.spec = spec};
    int result = users_find(spec->user, &child.uid, &child.gid, error);
    if (result == 0 && spec->load->kind == LOAD_HTTP)
        result = request_make(&spec->load->http, &child.request, error);
    if (result < 0)
        return result;
    if (sched_getaffinity(0, sizeof child.cpus, &child.cpus) == 0)
        process->cpus = cpus_avoid(spec->cpuset, &child.cpus);
    child.bound = process->cpus > 0;
    child.no_capabilities = cap_init();
    result = child.no_capabilities ? make_result(process, spec->load) : -ENOMEM;
    int ends[2] = {-1, -1};
    if (result == 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        result = -errno;
    if (result < 0)
        error_set(error, ERROR_INTERNAL, -result, "prepare the load's process");
    else
        result = fork_child(&child, process, ends, error);
    cap_free(child.no_capabilities);
    request_free(&child.request);
    if (result < 0)
        process_close(process);
    return result;
}

int process_go(struct process *process, uint64_t ready_until)
{
    const struct go go = {.ready_until = ready_until};
    return send(process->control, &go, sizeof go, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

void process_cut(struct process *process)
{
    if (process->control >= 0)
        shutdown(process->control, SHUT_WR);
}

int process_reap(struct process *process, int *status)
{
    if (process->pid <= 0)
        return -ECHILD;
    pid_t pid = waitpid(process->pid, status, WNOHANG);
    if (pid < 0)
        return -errno;
    if (pid > 0)
        process->pid = 0;
    return pid > 0;
}

void process_close(struct process *process)
{
    if (process->pid > 0) {
        kill(process->pid, SIGKILL); /* ours and not reaped yet: the number is still its own */
        waitpid(process->pid, NULL, 0);
    }
    process->pid = 0;
    fd_close(&process->control);
    fd_close(&process->pidfd);
    fd_close(&process->result);
}
