#include "tests/integration/observed.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "runner/trace/trace.h"

#define DRAIN_MS 10

/* Where cgroup v2 is mounted: the line of mountinfo with file system type cgroup2 (proc(5)). */
static bool find_v2_mount(char *path, size_t size)
{
    FILE *file = fopen("/proc/self/mountinfo", "re");
    char line[4096];
    bool found = false;
    while (file && !found && fgets(line, sizeof line, file)) {
        char mount[400];
        if (strstr(line, " - cgroup2 ") && sscanf(line, "%*s %*s %*s / %399s", mount) == 1) {
            snprintf(path, size, "%s", mount);
            found = true;
        }
    }
    if (file)
        fclose(file);
    return found;
}

static void group_describe(struct group *group)
{
    struct stat stat_;
    cr_assert_eq(stat(group->path, &stat_), 0);
    group->id = stat_.st_ino;
}

void group_make(struct group *group, const char *name)
{
    char mount[400];
    if (!find_v2_mount(mount, sizeof mount))
        cr_skip("no cgroup v2 hierarchy is mounted from its root");
    snprintf(group->path, sizeof group->path, "%s/observer-test-%d-%s", mount, (int)getpid(), name);
    if (mkdir(group->path, 0755) < 0)
        cr_skip("cannot make a group below the cgroup v2 mount");
    group->level = 1;
    group_describe(group);
}

void group_make_below(struct group *group, const struct group *parent, const char *name)
{
    int length = snprintf(group->path, sizeof group->path, "%s/%s", parent->path, name);
    cr_assert(length > 0 && (size_t)length < sizeof group->path);
    cr_assert_eq(mkdir(group->path, 0755), 0);
    group->level = parent->level + 1;
    group_describe(group);
}

void group_enter(const struct group *group)
{
    AUTO_FD dir = open(group->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int result = fd_write_text(dir, "cgroup.procs", "0");
    cr_assert_eq(result, 0, "enter %s: %s", group->path, strerror(-result));
}

void group_remove(struct group *group)
{
    cr_assert_eq(rmdir(group->path), 0, "remove %s: %s", group->path, strerror(errno));
}

struct program {
    char *const *argv;
    int output;
};

static int run_program(void *argument)
{
    const struct program *program = argument;
    if (program->output >= 0)
        dup2(program->output, STDOUT_FILENO);
    execv(program->argv[0], program->argv);
    return 127;
}

/* What the child does: enters the group, tells that it stands at the barrier, waits for its release. */
static void stand_at_barrier(const struct group *group, int arrived, int released)
{
    char byte;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (group)
        group_enter(group);
    if (write(arrived, "", 1) != 1 || read(released, &byte, 1) != 1)
        _exit(126);
}

void child_start(struct child *child, const struct group *group, int (*work)(void *), void *argument)
{
    int arrived[2], released[2];
    char byte;
    cr_assert_eq(pipe2(arrived, O_CLOEXEC), 0);
    cr_assert_eq(pipe2(released, O_CLOEXEC), 0);
    fflush(NULL);
    child->pid = fork();
    cr_assert_geq(child->pid, 0);
    if (child->pid == 0) {
        close(arrived[0]);
        close(released[1]);
        stand_at_barrier(group, arrived[1], released[0]);
        _exit(work(argument));
    }
    close(arrived[1]);
    close(released[0]);
    cr_assert_eq(read(arrived[0], &byte, 1), 1, "the child did not reach its barrier");
    close(arrived[0]);
    child->release = released[1];
}

void child_start_program(struct child *child, const struct group *group, char *const *argv, int output)
{
    struct program program = {.argv = argv, .output = output};
    child_start(child, group, run_program, &program);
}

void child_release(struct child *child)
{
    cr_assert_eq(write(child->release, "", 1), 1);
    fd_close(&child->release);
}

int child_wait(struct child *child)
{
    int status = 0;
    cr_assert_eq(waitpid(child->pid, &status, 0), child->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void wait_for_sleep(pid_t pid)
{
    char path[64], text[256];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    do {
        sched_yield();
        cr_assert_eq(fd_read_text(AT_FDCWD, path, text, sizeof text), 0);
    } while (!strstr(text, ") S "));
}

int recording_take(void *context, const struct event_header *event, size_t size)
{
    struct recording *recording = context;
    if (recording->used + size > recording->room) {
        size_t room = recording->room ? 2 * recording->room : 1 << 20;
        unsigned char *larger = realloc(recording->bytes, room);
        if (!larger)
            return -ENOMEM;
        recording->bytes = larger;
        recording->room = room;
    }
    memcpy(recording->bytes + recording->used, event, size);
    recording->used += size;
    recording->counts[event->kind % EVENT_KIND_COUNT]++;
    recording->total++;
    return 0;
}

void recording_free(struct recording *recording)
{
    free(recording->bytes);
    *recording = (struct recording){0};
}

const struct event_header *recording_next(const struct recording *recording, const struct event_header *event)
{
    const unsigned char *at =
        event ? (const unsigned char *)event + event_type(event->kind)->size : recording->bytes;
    return at < recording->bytes + recording->used ? (const struct event_header *)at : NULL;
}

static int by_time(const void *a, const void *b)
{
    const struct event_header *const *left = a, *const *right = b;
    return ((*left)->time > (*right)->time) - ((*left)->time < (*right)->time);
}

const struct event_header **recording_sorted(const struct recording *recording, size_t *count)
{
    const struct event_header **events = calloc(recording->total + 1, sizeof *events);
    const struct event_header *event = NULL;
    cr_assert(events);
    *count = 0;
    while ((event = recording_next(recording, event)))
        events[(*count)++] = event;
    qsort(events, *count, sizeof *events, by_time);
    return events;
}

struct observer *observer_for_test(uint64_t ring_bytes, bool sched, bool go)
{
    return observer_with(&(struct observer_settings){.ring_bytes = ring_bytes, .sched = sched, .go = go});
}

struct observer *observer_with(const struct observer_settings *settings)
{
    struct observer *observer = NULL;
    struct error error = {0};
    if (geteuid() != 0)
        cr_skip("BPF needs root");
    cr_assert_eq(observer_open(settings, &observer, &error), 0, "%s", error.text);
    return observer;
}

int observe_child(struct observer *observer, const struct group *group, struct child *child,
                  struct recording *recording)
{
    struct error error = {0};
    wait_for_sleep(child->pid);
    cr_assert_eq(observer_arm(observer, group->id, group->level, &error), 0, "%s", error.text);
    AUTO_FD pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
    cr_assert_geq(pidfd, 0);
    child_release(child);
    struct pollfd watched[2] = {{.fd = pidfd, .events = POLLIN},
                                {.fd = observer_fd(observer), .events = POLLIN}};
    while (!(watched[0].revents & POLLIN)) {
        poll(watched, 2, DRAIN_MS);
        cr_assert_geq(observer_drain(observer, recording_take, recording), 0);
    }
    int status = child_wait(child);
    observer_disarm(observer);
    cr_assert_geq(observer_drain(observer, recording_take, recording), 0);
    return status;
}
