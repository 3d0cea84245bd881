#include "runner/build/compile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/sandbox/sandbox.h"
#include "runner/support/fd.h"

#define ENVIRONMENT_MAX 20
#define TMP_BYTES       ((uint64_t)64 << 20) /* big temporary files go to /out/tmp, on the disk */

struct environment {
    char root[512], flags[64]; /* the entries that are not constant */
    const char *items[ENVIRONMENT_MAX];
};

enum outcome { OUTCOME_ENDED, OUTCOME_TIMEOUT, OUTCOME_CANCELED, OUTCOME_LOST };

/* What one run holds; released in reverse. */
struct run {
    const struct compile_job *job;
    struct build_log *log;
    struct error *error;
    struct cgroup *group;
    struct sandbox *sandbox;
    int output, timer; /* read end of the program's stdout and stderr; timerfd */
    int wait_status;
};

static void make_environment(const struct compile_job *job, struct environment *environment)
{
    snprintf(environment->root, sizeof environment->root, "GOROOT=%s", job->toolchain->root);
    snprintf(environment->flags, sizeof environment->flags, "GOFLAGS=-mod=%s",
             job->vendored ? "vendor" : "mod");
    const char *const items[ENVIRONMENT_MAX] = {
        environment->root,   environment->flags,
        "GOPROXY=off",       "GOSUMDB=off",
        "GOTOOLCHAIN=local", "GOENV=off",
        "CGO_ENABLED=0",     "GOCACHE=/cache",
        "GOTMPDIR=/out/tmp", "GOPATH=/tmp/go",
        "HOME=/tmp",         "PATH=/usr/bin:/bin",
        "LC_ALL=C",          NULL,
    };
    memcpy(environment->items, items, sizeof items);
}

char *compile_environment(const struct compile_job *job)
{
    struct environment environment;
    make_environment(job, &environment);
    char *line = NULL;
    size_t size;
    FILE *stream = open_memstream(&line, &size);
    if (!stream)
        return NULL;
    for (size_t i = 0; environment.items[i]; i++)
        fprintf(stream, "%s%s", i ? " " : "", environment.items[i]);
    return fclose(stream) == 0 ? line : (free(line), NULL);
}

/* The memory limit. A host that cannot enforce it builds without: it is no control of the experiment, and the
   log says so. */
static int make_group(struct run *run, int entries[CGROUP_HIERARCHIES])
{
    const struct build_options *options = run->job->options;
    if (!options->group)
        return 0;
    char name[128];
    snprintf(name, sizeof name, "build-%s", run->job->name);
    int result = cgroup_create(options->group, name, &run->group, run->error);
    if (result < 0)
        return result;
    struct cgroup_settings settings = {CGROUP_UNSET, CGROUP_UNSET, NULL,         CGROUP_UNSET,
                                       CGROUP_UNSET, CGROUP_UNSET, CGROUP_UNSET, CGROUP_UNSET};
    if (options->memory_max)
        settings.memory_max = options->memory_max;
    struct cgroup_applied applied[CGROUP_APPLIED_MAX];
    int rows = cgroup_apply(run->group, &settings, "memory.max", applied, run->error);
    for (int i = 0; i < rows; i++) {
        char line[256];
        int length = snprintf(line, sizeof line, "%s of the build is not enforced: %s\n", applied[i].key,
                              applied[i].reason);
        if (!applied[i].enforced_by)
            log_add(run->log, line, (size_t)length);
    }
    return rows < 0 ? rows : cgroup_entry_fds(run->group, entries, run->error);
}

static int make_timer(struct run *run)
{
    uint64_t ns = run->job->options->timeout_ns;
    struct itimerspec when = {.it_value = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)}};
    run->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (run->timer < 0 || timerfd_settime(run->timer, 0, &when, NULL) < 0)
        return error_set(run->error, ERROR_INTERNAL, errno, "set the time-out of the build of %s",
                         run->job->name);
    return 0;
}

static int prepare(struct run *run, int output, int null, const int *entries, size_t entry_count)
{
    const struct compile_job *job = run->job;
    struct environment environment;
    make_environment(job, &environment);
    const char *argv[] = {"go", "build", "-o", "/out/program", "-buildvcs=false", "--", job->package, NULL};
    struct sandbox_bind binds[] = {
        {.source = job->source, .source_fd = -1, .target = "/src", .writable = true},
        {.source = job->out, .source_fd = -1, .target = "/out", .writable = true},
        {.source = job->cache, .source_fd = -1, .target = "/cache", .writable = true},
        {.source = job->toolchain->root, .source_fd = -1, .target = job->toolchain->root},
    };
    bool in_system = strncmp(job->toolchain->root, "/usr/", 5) == 0;
    struct sandbox_spec spec = {
        .argv = argv,
        .envp = environment.items,
        .executable = job->toolchain->go,
        .cwd = job->cwd,
        .binds = binds,
        .bind_count = sizeof binds / sizeof binds[0] - in_system,
        .system_libraries = true,
        .tmp_bytes = TMP_BYTES,
        .aslr = true,
        .user = COMPILE_USER,
        .stdin_fd = null,
        .stdout_fd = output,
        .stderr_fd = output,
        .helper_group_fd = -1,
        .entry_fds = entries,
        .entry_count = entry_count,
    };
    return sandbox_prepare(&spec, &run->sandbox, run->error);
}

static int start(struct run *run)
{
    int entries[CGROUP_HIERARCHIES];
    int entry_count = make_group(run, entries);
    if (entry_count < 0)
        return entry_count;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_set(run->error, ERROR_INTERNAL, errno, "make a pipe for the build of %s",
                         run->job->name);
    run->output = ends[0];
    AUTO_FD write_end = ends[1];
    AUTO_FD null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0 || fcntl(run->output, F_SETFL, O_NONBLOCK) < 0)
        return error_set(run->error, ERROR_INTERNAL, errno, "set up the build of %s", run->job->name);
    int result = prepare(run, write_end, null, entries, (size_t)entry_count);
    if (result == 0)
        result = make_timer(run);
    struct sandbox_status status;
    if (result == 0)
        result = sandbox_release(run->sandbox, NULL, &status, run->error);
    if (result == 0 && status.state == SANDBOX_START_FAILED)
        result = error_set(run->error, ERROR_HOST, status.number, "start %s in a sandbox (step %s, %s)",
                           run->job->toolchain->go, sandbox_step_name(status.step), status.what);
    return result;
}

/* Takes what is in the pipe; false at its end. */
static bool take_output(struct run *run)
{
    char bytes[16384];
    for (;;) {
        ssize_t n = read(run->output, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 && errno == EAGAIN;
        log_add(run->log, bytes, (size_t)n);
    }
}

static enum outcome watch(struct run *run)
{
    struct pollfd fds[] = {{run->output, POLLIN, 0},
                           {sandbox_status_fd(run->sandbox), POLLIN, 0},
                           {run->timer, POLLIN, 0},
                           {run->job->options->cancel_fd, POLLIN, 0}};
    for (;;) {
        if (poll(fds, sizeof fds / sizeof fds[0], -1) < 0)
            continue; /* EINTR: the others cannot happen with these arguments */
        if (fds[0].revents && !take_output(run))
            fds[0].fd = -1;
        struct sandbox_status status;
        if (fds[1].revents) {
            if (sandbox_read_status(run->sandbox, &status) < 0 || status.state == SANDBOX_LOST)
                return OUTCOME_LOST;
            run->wait_status = status.wait_status;
            if (status.state == SANDBOX_ENDED)
                return OUTCOME_ENDED;
        }
        if (fds[3].revents)
            return OUTCOME_CANCELED;
        if (fds[2].revents)
            return OUTCOME_TIMEOUT;
    }
}

static bool hit_memory_limit(const struct run *run)
{
    struct cgroup_stat stat;
    return run->group && cgroup_read_stat(run->group, &stat) == 0 && stat.oom_kill != UINT64_MAX &&
           stat.oom_kill > 0;
}

static int judge_end(const struct run *run)
{
    const struct compile_job *job = run->job;
    if (WIFEXITED(run->wait_status) && WEXITSTATUS(run->wait_status) == 0)
        return 0;
    if (hit_memory_limit(run))
        return error_mend(run->error, ERROR_DEMO, 0,
                          "Raise the memory limit of builds or make the program smaller",
                          "demo %s does not build: go build needed more than its limit of %" PRIu64 " MiB",
                          job->name, job->options->memory_max >> 20);
    AUTO_FREE char *text = log_text(run->log);
    char line[400];
    log_first_error(text ? text : "", line, sizeof line);
    if (WIFSIGNALED(run->wait_status))
        return error_set(run->error, ERROR_DEMO, 0, "demo %s does not build: go build was ended by SIG%s%s%s",
                         job->name, sigabbrev_np(WTERMSIG(run->wait_status)), *line ? ": " : "", line);
    return error_set(run->error, ERROR_DEMO, 0, "demo %s does not build: %s", job->name,
                     *line ? line : "go build failed without a word");
}

static int judge(const struct run *run, enum outcome outcome)
{
    const struct compile_job *job = run->job;
    switch (outcome) {
    case OUTCOME_ENDED:
        return judge_end(run);
    case OUTCOME_TIMEOUT:
        return error_mend(run->error, ERROR_DEMO, 0,
                          "Give it more time, or fill the build cache by one build beforehand",
                          "demo %s does not build: go build was not done after %.1f s and was ended",
                          job->name, (double)job->options->timeout_ns / 1e9);
    case OUTCOME_CANCELED:
        return error_set(run->error, ERROR_INTERNAL, ECANCELED, "build demo %s", job->name);
    default:
        return error_set(run->error, ERROR_INTERNAL, 0,
                         "the build of demo %s was lost: its sandbox's init died", job->name);
    }
}

int compile_run(const struct compile_job *job, struct build_log *log, struct error *error)
{
    struct run run = {.job = job, .log = log, .error = error, .output = -1, .timer = -1};
    int result = start(&run);
    if (result == 0) {
        enum outcome outcome = watch(&run);
        take_output(&run);
        result = judge(&run, outcome);
    }
    sandbox_destroy(run.sandbox);
    fd_close(&run.timer);
    fd_close(&run.output);
    if (run.group) {
        int removed = cgroup_destroy(run.group, result < 0 ? NULL : error);
        result = result < 0 ? result : removed;
    }
    return result;
}
