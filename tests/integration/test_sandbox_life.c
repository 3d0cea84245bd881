/*
 * How a sandbox starts, is told things, and ends.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "sandboxed.h"

static void start_file(const char *name, const void *content, size_t size, mode_t mode,
                       struct sandboxed *result)
{
    char folder[] = "/tmp/runner-sandbox-XXXXXX";
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chmod(folder, 0755), 0);
    AUTO_FD directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    AUTO_FD file = openat(directory, "program", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    cr_assert_eq(fd_write_all(file, content, size), 0);
    cr_assert_eq(fchmod(file, mode), 0);
    fd_close(&file);
    const struct sandbox_bind bind = {.source = folder, .target = "/demo"};
    const char *argv[4];
    struct sandbox_spec spec = sandboxed_spec(argv, ":");
    char executable[64];
    snprintf(executable, sizeof executable, "/demo/%s", name);
    spec.executable = executable;
    spec.system_libraries = false;
    spec.binds = &bind;
    spec.bind_count = 1;
    sandboxed_run(&spec, result);
    cr_expect_eq(fd_remove_tree(AT_FDCWD, folder), 0);
    cr_assert_eq((int)result->status.state, (int)SANDBOX_START_FAILED);
    cr_assert_eq((int)result->status.step, (int)SANDBOX_STEP_EXEC);
    cr_assert_str_eq(result->status.what, executable);
}

Test(sandbox_life, tells_the_four_ways_in_which_a_program_does_not_start)
{
    sandboxed_need_root();
    AUTO_FREE char *shell = NULL;
    size_t size = 0;
    cr_assert_eq(fd_read_file(AT_FDCWD, "/bin/sh", 16 << 20, &shell, &size), 0);
    struct sandboxed missing;
    struct sandboxed mode;
    struct sandboxed format;
    struct sandboxed loader;
    struct sandboxed script;
    start_file("absent", "", 0, 0755, &missing);
    start_file("program", shell, size, 0644, &mode);
    start_file("program", "no program\n", 11, 0755, &format);
    start_file("program", shell, size, 0755, &loader);
    start_file("program", "#! /no/interpreter -x\n", 22, 0755, &script);
    cr_expect_eq(missing.status.number, ENOENT);
    cr_expect_not_null(strstr(missing.status.text, "does not exist"), "%s", missing.status.text);
    cr_expect_eq(mode.status.number, EACCES);
    cr_expect_not_null(strstr(mode.status.text, "may not be executed"), "%s", mode.status.text);
    cr_expect_eq(format.status.number, ENOEXEC);
    cr_expect_not_null(strstr(format.status.text, "no format"), "%s", format.status.text);
    cr_expect_eq(loader.status.number, ENOENT);
    cr_expect_not_null(strstr(loader.status.text, "its loader /lib"), "%s", loader.status.text);
    cr_expect_not_null(strstr(script.status.text, "its loader /no/interpreter is"), "%s", script.status.text);
}

Test(sandbox_life, names_a_group_that_cannot_be_entered)
{
    sandboxed_need_root();
    AUTO_FD unwritable = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int entries[] = {unwritable};
    const char *argv[4];
    struct sandbox_spec spec = sandboxed_spec(argv, ":");
    spec.entry_fds = entries;
    spec.entry_count = 1;
    struct sandboxed result;
    sandboxed_run(&spec, &result);
    cr_assert_eq((int)result.status.state, (int)SANDBOX_START_FAILED);
    cr_assert_eq((int)result.status.step, (int)SANDBOX_STEP_GROUPS);
    cr_assert_eq(result.status.number, EBADF);
}

Test(sandbox_life, reports_exit_codes_and_signals)
{
    struct sandboxed result;
    sandboxed_shell("exit 42", &result);
    cr_assert_eq((int)result.status.state, (int)SANDBOX_ENDED);
    cr_assert(WIFEXITED(result.status.wait_status) && WEXITSTATUS(result.status.wait_status) == 42);
    sandboxed_shell("kill -SEGV $$", &result);
    cr_assert_eq((int)result.status.state, (int)SANDBOX_ENDED);
    cr_assert(WIFSIGNALED(result.status.wait_status) && WTERMSIG(result.status.wait_status) == SIGSEGV);
    cr_assert(!WCOREDUMP(result.status.wait_status));
}

Test(sandbox_life, kills_and_counts_what_is_left_behind)
{
    struct sandboxed result;
    sandboxed_shell("setsid sleep 1000 & setsid setsid sleep 1000 & sleep 1000 & sleep 0.2; echo done",
                    &result);
    cr_assert_str_eq(result.output, "done\n");
    cr_assert_eq((int)result.status.state, (int)SANDBOX_ENDED);
    cr_assert_eq(result.status.left_behind, 3, "%u", result.status.left_behind);
    cr_assert_eq(result.status.orphans_reaped, 0);
}

Test(sandbox_life, reaps_orphans)
{
    struct sandboxed result;
    /* Each inner shell ends before the sleep that it started. The wait is for descriptor 3 to be closed. */
    sandboxed_shell(
        "mkfifo /tmp/f; for i in 1 2 3; do sh -c 'sleep 0.1 9>/tmp/f & '; done; cat /tmp/f; sleep 0.1;"
        "grep -l '^State:.Z' /proc/[0-9]*/status; echo done",
        &result);
    cr_assert_str_eq(result.output, "done\n");
    cr_assert_eq(result.status.left_behind, 0);
    cr_assert_eq(result.status.orphans_reaped, 3);
}

struct running {
    struct sandbox *sandbox;
    int output;
};

static struct running start_shell(const char *script)
{
    sandboxed_need_root();
    const char *argv[4];
    struct sandbox_spec spec = sandboxed_spec(argv, script);
    int ends[2];
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    AUTO_FD null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    spec.stdin_fd = null;
    spec.stdout_fd = spec.stderr_fd = ends[1];
    struct running running = {.output = ends[0]};
    struct sandbox_status status;
    struct error error = {0};
    uint64_t started = 0;
    uint64_t before = clock_monotonic_ns();
    cr_assert_eq(sandbox_prepare(&spec, &running.sandbox, &error), 0, "%s", error.text);
    cr_assert_eq(sandbox_signal(running.sandbox, SIGTERM), -ESRCH);
    cr_assert_eq(sandbox_release(running.sandbox, &started, &status, &error), 0, "%s", error.text);
    cr_assert_eq((int)status.state, (int)SANDBOX_RUNNING, "%s", status.text);
    cr_assert(started > before && started < clock_monotonic_ns());
    close(ends[1]);
    return running;
}

static void stop(struct running *running)
{
    sandbox_destroy(running->sandbox);
    fd_close(&running->output);
}

static void expect_line(const struct running *running, const char *line)
{
    char text[64] = "";
    size_t used = 0;
    while (used < strlen(line)) {
        ssize_t n = read(running->output, text + used, strlen(line) - used);
        cr_assert(n > 0, "the output ended after \"%s\"", text);
        used += (size_t)n;
    }
    cr_assert_str_eq(text, line);
}

Test(sandbox_life, forwards_signals_to_the_first_process)
{
    struct running running = start_shell(
        "trap 'echo usr1' USR1; trap 'echo term; exit 3' TERM; echo ready; while :; do sleep 0.05; done");
    expect_line(&running, "ready\n");
    cr_assert_eq(sandbox_signal(running.sandbox, SIGUSR1), 0);
    expect_line(&running, "usr1\n");
    cr_assert_eq(sandbox_signal(running.sandbox, SIGTERM), 0);
    expect_line(&running, "term\n");
    struct sandbox_status status;
    sandboxed_wait(running.sandbox, &status);
    cr_assert_eq((int)status.state, (int)SANDBOX_ENDED);
    cr_assert(WIFEXITED(status.wait_status) && WEXITSTATUS(status.wait_status) == 3);
    cr_assert(status.end_ns > 0 && status.end_ns < clock_monotonic_ns());
    cr_assert_eq(sandbox_signal(running.sandbox, SIGTERM), -ESRCH);
    stop(&running);
}

Test(sandbox_life, gives_the_demos_pid_as_runner_sees_it)
{
    struct running running = start_shell("echo ready; exec sleep 1000");
    expect_line(&running, "ready\n");
    char path[64];
    char parent[32];
    char text[4096];
    snprintf(path, sizeof path, "/proc/%d/status", sandbox_demo_pid(running.sandbox));
    cr_assert_eq(fd_read_text(AT_FDCWD, path, text, sizeof text), 0);
    snprintf(parent, sizeof parent, "PPid:\t%d\n", sandbox_init_pid(running.sandbox));
    cr_assert_not_null(strstr(text, parent));
    cr_assert_eq(pidfd_send_signal(sandbox_demo_pidfd(running.sandbox), SIGKILL, NULL, 0), 0);
    struct sandbox_status status;
    sandboxed_wait(running.sandbox, &status);
    cr_assert(WIFSIGNALED(status.wait_status) && WTERMSIG(status.wait_status) == SIGKILL);
    stop(&running);
}

Test(sandbox_life, is_lost_when_init_is_killed)
{
    struct running running = start_shell("echo ready; exec sleep 1000");
    expect_line(&running, "ready\n");
    cr_assert_eq(kill(sandbox_init_pid(running.sandbox), SIGKILL), 0);
    struct sandbox_status status;
    sandboxed_wait(running.sandbox, &status);
    cr_assert_eq((int)status.state, (int)SANDBOX_LOST);
    cr_assert(strlen(status.text) > 0);
    stop(&running);
}

Test(sandbox_life, ends_without_being_released)
{
    sandboxed_need_root();
    const char *argv[4];
    struct sandbox_spec spec = sandboxed_spec(argv, "echo never");
    AUTO_FD null = open("/dev/null", O_RDWR | O_CLOEXEC);
    spec.stdin_fd = spec.stdout_fd = spec.stderr_fd = null;
    struct sandbox *sandbox;
    struct error error = {0};
    cr_assert_eq(sandbox_prepare(&spec, &sandbox, &error), 0, "%s", error.text);
    AUTO_FD demo = fcntl(sandbox_demo_pidfd(sandbox), F_DUPFD_CLOEXEC, 0);
    sandbox_destroy(sandbox);
    struct pollfd watched = {.fd = demo, .events = POLLIN};
    cr_assert_eq(poll(&watched, 1, 10000), 1, "the process at the barrier is still alive");
}

/* A runner of its own, killed with a demo that has a daemon: everything must go. */
Test(sandbox_life, dies_with_runner)
{
    sandboxed_need_root();
    int ends[2];
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t runner = fork();
    if (runner == 0) {
        const char *argv[4];
        struct sandbox_spec spec = sandboxed_spec(argv, "setsid sleep 1000 & echo ready; sleep 1000");
        spec.stdin_fd = 0;
        spec.stdout_fd = ends[1];
        spec.stderr_fd = 2;
        struct sandbox *sandbox;
        struct sandbox_status status;
        if (sandbox_prepare(&spec, &sandbox, NULL) || sandbox_release(sandbox, NULL, &status, NULL))
            _exit(1);
        for (;;)
            pause();
    }
    close(ends[1]);
    AUTO_FD output = ends[0];
    char text[8] = "";
    cr_assert_eq(read(output, text, 6), 6);
    cr_assert_str_eq(text, "ready\n");
    cr_assert_eq(kill(runner, SIGKILL), 0);
    /* The demo, its daemon and nobody else hold the pipe: its end is theirs. */
    struct pollfd watched = {.fd = output, .events = POLLIN};
    cr_assert_eq(poll(&watched, 1, 10000), 1);
    cr_assert_eq(read(output, text, sizeof text), 0);
    cr_assert_eq(waitpid(runner, NULL, 0), runner);
}

Test(sandbox_life, does_not_let_one_sandbox_hold_another)
{
    struct running first = start_shell("echo ready; exec sleep 1000");
    expect_line(&first, "ready\n");
    struct running second = start_shell("echo ready; exec sleep 1000");
    expect_line(&second, "ready\n");
    stop(&first);
    struct sandbox_status status;
    sandbox_read_status(second.sandbox, &status);
    cr_assert_eq((int)status.state, (int)SANDBOX_RUNNING);
    stop(&second);
}

static void handle(int number)
{
    (void)number;
}

/* Signals 32 and 33, which the C library hides: children of GNU make ignore them. */
static void ignore_what_make_does(void)
{
    const void *action[4] = {(const void *)SIG_IGN};
    cr_assert_eq(syscall(SYS_rt_sigaction, 32, action, NULL, 8), 0);
    cr_assert_eq(syscall(SYS_rt_sigaction, 33, action, NULL, 8), 0);
}

Test(sandbox_life, does_not_pass_on_what_runner_ignores_or_handles)
{
    cr_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    cr_assert(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
    cr_assert(signal(SIGRTMAX, SIG_IGN) != SIG_ERR);
    cr_assert(signal(SIGINT, handle) != SIG_ERR);
    ignore_what_make_does();
    struct sandboxed result;
    sandboxed_shell("grep -E 'SigIgn|SigBlk' /proc/self/status; sleep 0.1 & exit 3", &result);
    cr_assert_str_eq(result.output, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
    cr_assert(WIFEXITED(result.status.wait_status) && WEXITSTATUS(result.status.wait_status) == 3);
}

/* An HTTP server that is its own client: timers, netpoll, system calls, collections. */
Test(sandbox_life, runs_a_go_program)
{
    sandboxed_need_root();
    const char *bin = getenv("RUNNER_TEST_BIN");
    cr_assert(bin, "RUNNER_TEST_BIN names the build folder: use `make integration`");
    char folder[512];
    snprintf(folder, sizeof folder, "%s/demos", bin);
    const struct sandbox_bind bind = {.source = folder, .target = "/demo"};
    const char *argv[4];
    struct sandbox_spec spec = sandboxed_spec(argv, "");
    static const char *const words[] = {"/demo/http-json", "-requests=200", NULL};
    spec.argv = words;
    spec.executable = "/demo/http-json";
    spec.system_libraries = false;
    spec.binds = &bind;
    spec.bind_count = 1;
    struct sandboxed result;
    sandboxed_run(&spec, &result);
    cr_assert_eq((int)result.status.state, (int)SANDBOX_ENDED);
    cr_assert_eq(result.status.wait_status, 0, "%s", result.output);
    cr_assert(strstr(result.output, "\"answers_wrong\":0") != NULL, "%s", result.output);
}
