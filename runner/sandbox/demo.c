#include "runner/sandbox/demo.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/sandbox/descriptors.h"
#include "runner/sandbox/execfault.h"
#include "runner/sandbox/privileges.h"
#include "runner/sandbox/seccomp.h"
#include "runner/sandbox/signals.h"

static int prepare(struct blueprint *blueprint)
{
    struct failure *failure = &blueprint->failure;
    if (privileges_enter_user_namespace(blueprint->uid, blueprint->gid, blueprint->proc, failure) < 0 ||
        privileges_reduce(blueprint->last_capability, failure) < 0)
        return -1;
    const char *cwd = blueprint->spec->cwd ? blueprint->spec->cwd : "/tmp";
    if (chdir(cwd) < 0)
        return failure_set(failure, SANDBOX_STEP_EXEC, errno, "enter the working directory %s", cwd);
    umask(022);
    if (!blueprint->spec->aslr && personality(ADDR_NO_RANDOMIZE) < 0)
        return failure_set(failure, SANDBOX_STEP_EXEC, errno, "switch off address randomisation");
    if (setsid() < 0)
        return failure_set(failure, SANDBOX_STEP_PRIVILEGES, errno, "make a session");
    for (int fd = 0; fd < 3; fd++)
        if (dup2(blueprint->standard[fd], fd) < 0)
            return failure_set(failure, SANDBOX_STEP_EXEC, errno, "make descriptor %d", fd);
    int result = descriptors_close_on_exec(3);
    if (result < 0)
        return failure_set(failure, SANDBOX_STEP_EXEC, -result, "close what was inherited");
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    return 0;
}

/* 1 opened, 0 runner is gone, negative errno */
static int wait_at_barrier(const struct blueprint *blueprint)
{
    const struct record record = {.kind = RECORD_BARRIER};
    int result = protocol_send(blueprint->control, &record, sizeof record);
    if (result < 0)
        return result;
    struct request request;
    do
        result = protocol_receive(blueprint->control, &request, sizeof request, 0, NULL);
    while (result == 1 && request.kind != REQUEST_RELEASE);
    if (result == 1)
        signals_reset(request.ignored);
    return result;
}

static int enter_groups(struct blueprint *blueprint)
{
    for (size_t i = 0; i < blueprint->entry_count; i++)
        if (write(blueprint->entries[i], "0", 1) < 0)
            return failure_set(&blueprint->failure, SANDBOX_STEP_GROUPS, errno,
                               "enter the trial's group %zu of %zu", i + 1, blueprint->entry_count);
    /* After joining: the groups that a process is in when it unshares are the root that it sees. */
    if (unshare(CLONE_NEWCGROUP) < 0)
        return failure_set(&blueprint->failure, SANDBOX_STEP_NAMESPACES, errno, "make a cgroup namespace");
    return 0;
}

int demo_main(struct blueprint *blueprint)
{
    if (prepare(blueprint) < 0)
        return 127;
    /* The kernel takes 0.1 ms to translate the filter: before the barrier where the filter lets the rest
     * pass. */
    if (!blueprint->filter_late && filter_install(&blueprint->filter, &blueprint->failure) < 0)
        return 127;
    int opened = wait_at_barrier(blueprint);
    if (opened != 1) {
        if (opened < 0)
            failure_set(&blueprint->failure, SANDBOX_STEP_EXEC, -opened, "wait at the barrier");
        return 127;
    }
    if (enter_groups(blueprint) < 0 || privileges_drop(blueprint->no_capabilities, &blueprint->failure) < 0 ||
        (blueprint->filter_late && filter_install(&blueprint->filter, &blueprint->failure) < 0))
        return 127;
    const struct sandbox_spec *spec = blueprint->spec;
    execve(spec->executable, (char *const *)spec->argv, (char *const *)spec->envp);
    execfault_note(spec->executable, errno, &blueprint->failure);
    return 127;
}
