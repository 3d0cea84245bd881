#include "runner/sandbox/spare.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/sandbox/ground.h"
#include "runner/sandbox/network.h"
#include "runner/sandbox/users.h"
#include "runner/support/fd.h"

static const struct {
    int type;
    const char *name; /* below /proc/<pid>/ns */
} kinds[SPARE_NAMESPACES] = {
    [SPARE_MOUNT] = {CLONE_NEWNS, "mnt"},
    [SPARE_IPC] = {CLONE_NEWIPC, "ipc"},
    [SPARE_UTS] = {CLONE_NEWUTS, "uts"},
    [SPARE_NETWORK] = {CLONE_NEWNET, "net"},
};

struct sandbox_spare {
    char *user;
    struct ground_user ids;
    uint64_t tmp_bytes;
    bool network_host;
    pthread_t thread;
    bool running; /* there is a thread to be joined */
    struct spare_namespaces made;
    uint64_t cost_ns;
};

void spare_namespaces_clear(struct spare_namespaces *namespaces)
{
    for (int i = 0; i < SPARE_NAMESPACES; i++)
        namespaces->fds[i] = -1;
}

void spare_namespaces_close(struct spare_namespaces *namespaces)
{
    for (int i = 0; i < SPARE_NAMESPACES; i++)
        fd_close(&namespaces->fds[i]);
}

int spare_namespaces_enter(struct spare_namespaces *namespaces, struct failure *failure)
{
    for (int i = 0; i < SPARE_NAMESPACES; i++)
        if (namespaces->fds[i] >= 0 && setns(namespaces->fds[i], kinds[i].type) < 0)
            return failure_set(failure, SANDBOX_STEP_NAMESPACES, errno, "enter the namespace %s made ahead",
                               kinds[i].name);
    spare_namespaces_close(namespaces);
    return 0;
}

/* /proc is out of reach once the ground is the root: `links` is the thread's folder of namespaces. */
static int leave_runner(const struct sandbox_spare *spare, const struct ground *ground, int links,
                        struct spare_namespaces *made, struct failure *failure)
{
    int types = 0;
    for (int i = 0; i < SPARE_NAMESPACES; i++)
        types |= i == SPARE_NETWORK && spare->network_host ? 0 : kinds[i].type;
    if (unshare(types) < 0)
        return failure_set(failure, SANDBOX_STEP_NAMESPACES, errno, "make namespaces ahead");
    if (sethostname(SANDBOX_HOST_NAME, strlen(SANDBOX_HOST_NAME)) < 0)
        return failure_set(failure, SANDBOX_STEP_NAMESPACES, errno, "set the host name");
    int result = spare->network_host ? 0 : network_loopback_up(failure);
    if (!result)
        result = ground_build(ground, failure);
    if (!result)
        result = ground_enter(failure);
    for (int i = 0; i < SPARE_NAMESPACES && !result; i++) {
        if (!(types & kinds[i].type))
            continue;
        made->fds[i] = openat(links, kinds[i].name, O_RDONLY | O_CLOEXEC);
        if (made->fds[i] < 0)
            result = failure_set(failure, SANDBOX_STEP_NAMESPACES, errno, "open a namespace made ahead");
    }
    return result;
}

/* The thread: nobody but sandbox_prepare() tells of failures, when it makes the namespaces itself. */
static void *make(void *argument)
{
    struct sandbox_spare *spare = argument;
    struct failure unheard = {0};
    struct ground ground;
    uint64_t start = clock_monotonic_ns();
    AUTO_FD links = open("/proc/thread-self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC);
    int result =
        links < 0 ? -errno : ground_plan(&spare->ids, spare->tmp_bytes, spare->network_host, &ground, NULL);
    if (links >= 0) {
        if (!result)
            result = leave_runner(spare, &ground, links, &spare->made, &unheard);
        ground_free(&ground);
    }
    if (result < 0)
        spare_namespaces_close(&spare->made);
    spare->cost_ns = result < 0 ? 0 : clock_monotonic_ns() - start;
    return NULL;
}

static void settle(struct sandbox_spare *spare)
{
    if (spare->running)
        pthread_join(spare->thread, NULL);
    spare->running = false;
}

static bool is_there(const struct sandbox_spare *spare)
{
    return spare->made.fds[SPARE_MOUNT] >= 0;
}

int sandbox_spare_create(const struct sandbox_spare_settings *settings, struct sandbox_spare **made,
                         struct error *error)
{
    const char *user = users_name(settings->user);
    struct sandbox_spare *spare = calloc(1, sizeof *spare);
    char *name = spare ? strdup(user) : NULL;
    if (!name) {
        free(spare);
        return error_set(error, ERROR_INTERNAL, ENOMEM, "plan the namespaces of sandboxes");
    }
    spare->ids.name = spare->user = name;
    spare->tmp_bytes = settings->tmp_bytes;
    spare->network_host = settings->network_host;
    spare_namespaces_clear(&spare->made);
    int result = users_find(user, &spare->ids.uid, &spare->ids.gid, error);
    if (result < 0) {
        sandbox_spare_free(spare);
        return result;
    }
    *made = spare;
    return 0;
}

void sandbox_spare_refill(struct sandbox_spare *spare)
{
    if (!spare || spare->running || is_there(spare))
        return;
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* the thread inherits it: signals stay the caller's */
    spare->running = pthread_create(&spare->thread, NULL, make, spare) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

uint64_t sandbox_spare_wait(struct sandbox_spare *spare)
{
    settle(spare);
    return is_there(spare) ? spare->cost_ns : 0;
}

bool spare_take(struct sandbox_spare *spare, const struct sandbox_spec *spec,
                struct spare_namespaces *namespaces)
{
    settle(spare);
    if (!is_there(spare) || spare->network_host != spec->network_host ||
        spare->tmp_bytes != spec->tmp_bytes || strcmp(spare->user, users_name(spec->user)) != 0)
        return false;
    *namespaces = spare->made;
    spare_namespaces_clear(&spare->made);
    return true;
}

void sandbox_spare_free(struct sandbox_spare *spare)
{
    if (!spare)
        return;
    settle(spare);
    spare_namespaces_close(&spare->made);
    free(spare->user);
    free(spare);
}
