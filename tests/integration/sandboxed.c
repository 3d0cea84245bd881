#include "sandboxed.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "runner/support/fd.h"

static const char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", NULL};

void sandboxed_need_root(void)
{
    if (geteuid() != 0)
        cr_skip("namespaces and mounts need root");
}

struct sandbox_spec sandboxed_spec(const char *argv[4], const char *script)
{
    argv[0] = "sh";
    argv[1] = "-c";
    argv[2] = script;
    argv[3] = NULL;
    return (struct sandbox_spec){.argv = argv,
                                 .envp = environment,
                                 .executable = "/bin/sh",
                                 .system_libraries = true,
                                 .tmp_bytes = 4 << 20,
                                 .helper_group_fd = -1};
}

void sandboxed_wait(struct sandbox *sandbox, struct sandbox_status *status)
{
    struct pollfd watched = {.fd = sandbox_status_fd(sandbox), .events = POLLIN};
    do {
        int ready = poll(&watched, 1, 20000);
        cr_assert(ready > 0 || (ready < 0 && errno == EINTR), "no status within 20 s");
        sandbox_read_status(sandbox, status);
    } while (status->state == SANDBOX_RUNNING);
}

void sandboxed_run(const struct sandbox_spec *asked, struct sandboxed *result)
{
    sandboxed_need_root();
    int ends[2];
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    AUTO_FD from = ends[0];
    AUTO_FD to = ends[1];
    AUTO_FD null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct sandbox_spec spec = *asked;
    spec.stdin_fd = null;
    spec.stdout_fd = spec.stderr_fd = to;
    struct error error = {0};
    struct sandbox *sandbox;
    cr_assert_eq(sandbox_prepare(&spec, &sandbox, &error), 0, "%s", error.text);
    fd_close(&to);
    cr_assert_eq(sandbox_release(sandbox, NULL, &result->status, &error), 0, "%s", error.text);
    size_t used = 0;
    ssize_t n;
    while (used + 1 < sizeof result->output &&
           (n = read(from, result->output + used, sizeof result->output - 1 - used)) > 0)
        used += (size_t)n;
    result->output[used] = 0;
    if (result->status.state == SANDBOX_RUNNING)
        sandboxed_wait(sandbox, &result->status);
    sandbox_destroy(sandbox);
}

/* Made ahead for what `spec` is, and there. */
struct sandbox_spare *sandboxed_spare(const struct sandbox_spec *spec)
{
    const struct sandbox_spare_settings settings = {
        .user = spec->user, .tmp_bytes = spec->tmp_bytes, .network_host = spec->network_host};
    struct sandbox_spare *spare;
    struct error error = {0};
    sandboxed_need_root();
    cr_assert_eq(sandbox_spare_create(&settings, &spare, &error), 0, "%s", error.text);
    sandbox_spare_refill(spare);
    cr_assert(sandbox_spare_wait(spare) > 0, "no namespaces were made ahead");
    return spare;
}

void sandboxed_shell(const char *script, struct sandboxed *result)
{
    const char *argv[4];
    struct sandboxed ahead;
    struct sandbox_spec spec = sandboxed_spec(argv, script);
    spec.spare = sandboxed_spare(&spec);
    sandboxed_run(&spec, &ahead);
    cr_assert_eq(sandbox_spare_wait(spec.spare), 0, "the namespaces made ahead were not taken");
    sandbox_spare_free(spec.spare);
    spec.spare = NULL;
    sandboxed_run(&spec, result);
    cr_assert_eq((int)ahead.status.state, (int)result->status.state, "%s", ahead.status.text);
    cr_assert_eq(ahead.status.wait_status, result->status.wait_status);
    cr_assert_str_eq(ahead.output, result->output);
}
