#include "runner/sandbox/init.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/sandbox/demo.h"
#include "runner/sandbox/descriptors.h"
#include "runner/sandbox/mounts.h"
#include "runner/sandbox/network.h"
#include "runner/sandbox/privileges.h"
#include "runner/sandbox/spawn.h"
#include "runner/support/fd.h"

struct init {
    struct blueprint *blueprint;
    int children; /* signalfd of SIGCHLD */
    pid_t demo;
    struct record ended; /* what is counted so far */
};

static int die_with_runner(struct failure *failure)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        return failure_set(failure, SANDBOX_STEP_NAMESPACES, errno, "ask for a signal when runner dies");
    return 0;
}

#define OWN_MAX (2 + 3 + SPARE_NAMESPACES + BLUEPRINT_ENTRIES_MAX + BLUEPRINT_BINDS_MAX)

static int keep_own_descriptors(struct blueprint *blueprint)
{
    int *own[OWN_MAX];
    int numbers[OWN_MAX];
    size_t count = 0;
    own[count++] = &blueprint->control;
    if (blueprint->group >= 0)
        own[count++] = &blueprint->group;
    for (size_t i = 0; i < 3; i++)
        own[count++] = &blueprint->standard[i];
    for (size_t i = 0; i < SPARE_NAMESPACES; i++)
        if (blueprint->ahead.fds[i] >= 0)
            own[count++] = &blueprint->ahead.fds[i];
    for (size_t i = 0; i < blueprint->entry_count; i++)
        own[count++] = &blueprint->entries[i];
    for (size_t i = 0; i < blueprint->bind_count; i++)
        own[count++] = &blueprint->binds[i].fd;
    int result = 0;
    for (size_t i = 0; i < count && !result; i++) {
        result = descriptors_lift(own[i]);
        numbers[i] = *own[i];
    }
    if (!result)
        result = descriptors_close_others(numbers, count);
    if (result < 0)
        return failure_set(&blueprint->failure, SANDBOX_STEP_NAMESPACES, -result, "close what was inherited");
    return 0;
}

/* SIGCHLD is read from a signalfd; all others keep their default action, which pid 1 does not suffer from
   inside its namespace (pid_namespaces(7)). */
static int reset_signals(struct init *init)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    (void)signal(SIGCHLD, SIG_DFL); /* ignored by runner, it would be no signal here, and nothing to reap */
    sigprocmask(SIG_SETMASK, &set, NULL);
    init->children = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (init->children < 0)
        return failure_set(&init->blueprint->failure, SANDBOX_STEP_NAMESPACES, errno, "make a signalfd");
    return 0;
}

/* Runner sends the network namespace that it has made meanwhile. */
static int enter_network(struct blueprint *blueprint)
{
    struct request request;
    struct ancillary came = {.descriptor = -1};
    int result = protocol_receive(blueprint->control, &request, sizeof request, 0, &came);
    if (result == 0)
        _exit(1);
    AUTO_FD network = came.descriptor;
    if (result < 0 || network < 0)
        return failure_set(&blueprint->failure, SANDBOX_STEP_NETWORK, result < 0 ? -result : EPROTO,
                           "receive the network namespace");
    if (setns(network, CLONE_NEWNET) < 0)
        return failure_set(&blueprint->failure, SANDBOX_STEP_NETWORK, errno, "enter the network namespace");
    return 0;
}

static int set_up(struct init *init)
{
    struct blueprint *blueprint = init->blueprint;
    struct failure *failure = &blueprint->failure;
    if (die_with_runner(failure) < 0 || keep_own_descriptors(blueprint) < 0 || reset_signals(init) < 0)
        return -1;
    blueprint->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (blueprint->proc < 0)
        return failure_set(failure, SANDBOX_STEP_USER, errno, "open /proc");
    if (blueprint->is_ahead && spare_namespaces_enter(&blueprint->ahead, failure) < 0)
        return -1;
    if (!blueprint->is_ahead && sethostname(SANDBOX_HOST_NAME, strlen(SANDBOX_HOST_NAME)) < 0)
        return failure_set(failure, SANDBOX_STEP_NAMESPACES, errno, "set the host name");
    if (mounts_make(blueprint, failure) < 0)
        return -1;
    if (!blueprint->is_ahead && !blueprint->spec->network_host && enter_network(blueprint) < 0)
        return -1;
    if (prctl(PR_SET_DUMPABLE, 0) < 0)
        return failure_set(failure, SANDBOX_STEP_PRIVILEGES, errno, "make init undumpable");
    return 0;
}

static int demo_body(void *blueprint)
{
    return demo_main(blueprint);
}

/* Makes the demo's process and sleeps until it has called execve or died (CLONE_VFORK). */
static int start(struct init *init)
{
    struct blueprint *blueprint = init->blueprint;
    init->demo = spawn_suspended(demo_body, blueprint, blueprint->group);
    if (init->demo < 0)
        return failure_set(&blueprint->failure, SANDBOX_STEP_GROUPS, -init->demo,
                           "make the demo's process in the trial's group");
    if (blueprint->failure.step != SANDBOX_STEP_NONE) {
        /* What that process needs is charged to the trial's group, where limits hold already. */
        if (blueprint->failure.number == ENOMEM && blueprint->failure.fault == EXEC_FAULT_OTHER &&
            blueprint->group >= 0)
            blueprint->failure.fault = EXEC_FAULT_STARVED;
        return -1;
    }
    /* Runner reads the demo's output to its end: init must not hold it open. */
    int keep[] = {blueprint->control, init->children};
    int result = descriptors_close_others(keep, 2);
    if (result < 0)
        return failure_set(&blueprint->failure, SANDBOX_STEP_EXEC, -result, "close what was inherited");
    if (privileges_retire(blueprint->uid, blueprint->gid, blueprint->no_capabilities, &blueprint->failure) <
        0)
        return -1;
    /* The change of user has cleared it (prctl(2)). Had runner died meanwhile, the socket would tell. */
    return die_with_runner(&blueprint->failure);
}

/* Whether a dead, unreaped child never got as far as execve: PF_FORKNOEXEC in the 9th field of its stat
   (proc(5); include/linux/sched.h). The second field is a name in brackets and may contain anything. */
static bool died_before_execve(pid_t child)
{
    char path[32];
    char text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", child);
    if (fd_read_text(AT_FDCWD, path, text, sizeof text) < 0)
        return false;
    const char *rest = strrchr(text, ')');
    unsigned flags = 0;
    return rest && sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) == 1 && (flags & 0x40);
}

static void __attribute__((noreturn)) finish(struct init *init)
{
    struct record *record = &init->ended;
    /* Whoever is alive now was left behind; their own dead children are told apart by how they died. */
    while (kill(-1, SIGKILL) == 0) {
        int status;
        pid_t pid = wait(&status);
        if (pid < 0)
            break;
        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
            record->left_behind++;
        else
            record->orphans_reaped++;
    }
    protocol_send(init->blueprint->control, record, sizeof *record);
    _exit(0);
}

static void reap(struct init *init)
{
    struct signalfd_siginfo ignored;
    while (read(init->children, &ignored, sizeof ignored) > 0)
        ;
    struct record *record = &init->ended;
    for (;;) {
        siginfo_t child = {0};
        if (waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) < 0 || child.si_pid == 0)
            return;
        if (child.si_pid != init->demo) {
            waitpid(child.si_pid, NULL, 0);
            record->orphans_reaped++;
            continue;
        }
        record->end_ns = clock_monotonic_ns();
        bool never_started = child.si_code != CLD_EXITED && died_before_execve(child.si_pid);
        waitpid(child.si_pid, &record->wait_status, 0);
        record->kind = never_started ? RECORD_FAILED : RECORD_ENDED;
        if (never_started)
            failure_set(&record->failure, SANDBOX_STEP_EXEC, 0,
                        "signal %d killed the process before execve; is its memory limit too small to start?",
                        WTERMSIG(record->wait_status));
        finish(init);
    }
}

static void obey(const struct init *init)
{
    struct request request;
    int result = protocol_receive(init->blueprint->control, &request, sizeof request, MSG_DONTWAIT, NULL);
    if (result == 0)
        _exit(1); /* runner is gone, and with us everything in here */
    if (result == 1 && request.kind == REQUEST_SIGNAL)
        kill(init->demo, request.signal);
}

void init_main(struct blueprint *blueprint)
{
    struct init init = {.blueprint = blueprint, .children = -1};
    if (set_up(&init) < 0 || start(&init) < 0) {
        const struct record record = {.kind = RECORD_FAILED, .failure = blueprint->failure};
        protocol_send(blueprint->control, &record, sizeof record);
        _exit(1);
    }
    const struct record started = {.kind = RECORD_STARTED};
    protocol_send(blueprint->control, &started, sizeof started);
    struct pollfd watched[] = {{.fd = blueprint->control, .events = POLLIN},
                               {.fd = init.children, .events = POLLIN}};
    for (;;) {
        if (poll(watched, 2, -1) < 0)
            continue;
        if (watched[0].revents)
            obey(&init);
        if (watched[1].revents)
            reap(&init);
    }
}
