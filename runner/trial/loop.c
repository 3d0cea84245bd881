#include "runner/trial/loop.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "runner/support/fd.h"

#define DRAIN_NS 10000000u /* the default ring of 8 MiB lasts 75 ms at 2 million events a second */
/* Memory is sampled after 1 ms, then after each eighth of the demo's life, at least every 16 ms. */
#define FIRST_SAMPLE_NS 1000000u
#define SAMPLE_NS       16000000u
#define SAMPLES_OF_LIFE 8
#define NEVER           UINT64_MAX

enum deadline { AT_DRAIN, AT_SAMPLE, AT_LOAD, AT_STOP, AT_TIMEOUT, AT_KILL, DEADLINE_COUNT };

struct loop {
    const struct loop_input *input;
    struct resources *resources;
    struct loop_result *result;
    int epoll, timer;
    uint64_t deadlines[DEADLINE_COUNT]; /* CLOCK_MONOTONIC */
    bool ended;
    int failure; /* negative errno of a step that must not fail */
};

static int arm_timer(struct loop *loop)
{
    uint64_t next = NEVER;
    for (int i = 0; i < DEADLINE_COUNT; i++)
        if (loop->deadlines[i] < next)
            next = loop->deadlines[i];
    struct itimerspec spec = {0};
    if (next != NEVER) {
        spec.it_value.tv_sec = (time_t)(next / 1000000000u);
        spec.it_value.tv_nsec = (long)(next % 1000000000u);
    }
    return timerfd_settime(loop->timer, TFD_TIMER_ABSTIME, &spec, NULL) < 0 ? -errno : 0;
}

static void send_stop(struct loop *loop, uint64_t now)
{
    if (loop->result->stop_ns)
        return;
    loop->result->stop_ns = now;
    if (loop->input->observation)
        observation_mark(loop->input->observation, MARK_STOP, now);
    sandbox_signal(loop->input->sandbox, loop->input->stop_signal);
    loop->deadlines[AT_STOP] = NEVER;
    loop->deadlines[AT_KILL] = now + loop->input->grace_ns;
}

static void kill_group(struct loop *loop)
{
    loop->deadlines[AT_KILL] = loop->deadlines[AT_STOP] = loop->deadlines[AT_TIMEOUT] = NEVER;
    sandbox_signal(loop->input->sandbox, SIGKILL);
}

static void on_drain(struct loop *loop, uint64_t now)
{
    observation_drain(loop->input->observation);
    loop->deadlines[AT_DRAIN] = now + DRAIN_NS;
}

static void on_sample(struct loop *loop, uint64_t now)
{
    struct cgroup_stat sample;
    if (cgroup_read_memory(loop->input->group, &sample) == 0) {
        resources_sample(loop->resources, &sample, now - loop->input->start_ns);
        if (loop->input->loading)
            loading_sample(loop->input->loading, &sample);
    }
    readback_sample(loop->input->readback);
    uint64_t step = (now - loop->input->start_ns) / SAMPLES_OF_LIFE;
    step = step < FIRST_SAMPLE_NS ? FIRST_SAMPLE_NS : step > SAMPLE_NS ? SAMPLE_NS : step;
    loop->deadlines[AT_SAMPLE] = now + step;
}

static void on_stop(struct loop *loop, uint64_t now)
{
    loop->result->stopped = true;
    send_stop(loop, now);
}

/* The load is over when its session says so; then the demo is told to stop, as by the stop policy. */
static void on_load(struct loop *loop, uint64_t now)
{
    struct loading *loading = loop->input->loading;
    bool over = loading_step(loading, now, loop->input->observation);
    loop->deadlines[AT_LOAD] = session_deadline(&loading->session);
    if (!over)
        return;
    const int fds[] = {session_control_fd(&loading->session), session_end_fd(&loading->session)};
    for (size_t i = 0; i < 2; i++)
        if (fds[i] >= 0)
            epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fds[i], NULL);
    if (!loop->result->stop_ns)
        on_stop(loop, now);
}

static void on_timeout(struct loop *loop, uint64_t now)
{
    loop->deadlines[AT_TIMEOUT] = NEVER;
    if (loop->result->stopped)
        return; /* the stop policy was first; its grace time decides */
    loop->result->timed_out = true;
    send_stop(loop, now);
}

static void on_kill(struct loop *loop, uint64_t now)
{
    (void)now;
    loop->result->killed = true;
    kill_group(loop);
}

static void (*const handlers[DEADLINE_COUNT])(struct loop *, uint64_t) = {
    [AT_DRAIN] = on_drain, [AT_SAMPLE] = on_sample,   [AT_LOAD] = on_load,
    [AT_STOP] = on_stop,   [AT_TIMEOUT] = on_timeout, [AT_KILL] = on_kill,
};

static void run_deadlines(struct loop *loop)
{
    uint64_t expirations;
    if (read(loop->timer, &expirations, sizeof expirations) < 0 && errno != EAGAIN)
        loop->failure = -errno;
    uint64_t now = clock_monotonic_ns();
    for (int i = 0; i < DEADLINE_COUNT; i++)
        if (loop->deadlines[i] <= now)
            handlers[i](loop, now);
}

static void on_status(struct loop *loop)
{
    int result = sandbox_read_status(loop->input->sandbox, &loop->result->status);
    if (result < 0)
        loop->failure = result;
    if (loop->result->status.state == SANDBOX_RUNNING)
        return;
    bool told = loop->result->status.state == SANDBOX_ENDED && loop->result->status.end_ns > 0;
    loop->result->end_ns = told ? loop->result->status.end_ns : clock_monotonic_ns();
    loop->ended = true;
}

/* The signal stays in the signalfd for the experiment, which decides what follows. */
static void on_signal(struct loop *loop)
{
    loop->result->interrupted = true;
    epoll_ctl(loop->epoll, EPOLL_CTL_DEL, loop->input->signal_fd, NULL);
    kill_group(loop);
}

static void on_output(struct loop *loop)
{
    capture_drain(loop->input->out); /* closing it at its end takes it out of the epoll set */
    if (loop->input->loading)
        on_load(loop, clock_monotonic_ns()); /* it may have been waiting for a text */
}

static void dispatch(struct loop *loop, int fd)
{
    const struct loop_input *input = loop->input;
    if (fd == loop->timer)
        run_deadlines(loop);
    else if (fd == input->signal_fd)
        on_signal(loop);
    else if (fd == input->out->read_end)
        on_output(loop);
    else if (fd == input->err->read_end)
        capture_drain(input->err);
    else if (fd == sandbox_status_fd(input->sandbox))
        on_status(loop);
    else if (input->loading && (fd == session_control_fd(&input->loading->session) ||
                                fd == session_end_fd(&input->loading->session)))
        on_load(loop, clock_monotonic_ns());
    else if (input->observation)
        on_drain(loop, clock_monotonic_ns());
}

static int watch(struct loop *loop, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (fd < 0)
        return 0;
    return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int set_up(struct loop *loop)
{
    const struct loop_input *input = loop->input;
    const int fds[] = {
        loop->timer,
        input->out->read_end,
        input->err->read_end,
        sandbox_status_fd(input->sandbox),
        input->signal_fd,
        input->observation ? observer_fd(input->observation->settings.observer) : -1,
        input->loading ? session_control_fd(&input->loading->session) : -1,
        input->loading ? session_end_fd(&input->loading->session) : -1,
    };
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
        int result = watch(loop, fds[i]);
        if (result < 0)
            return result;
    }
    uint64_t start = input->start_ns;
    loop->deadlines[AT_DRAIN] = input->observation ? start + DRAIN_NS : NEVER;
    loop->deadlines[AT_SAMPLE] = start + FIRST_SAMPLE_NS;
    loop->deadlines[AT_LOAD] = input->loading ? session_deadline(&input->loading->session) : NEVER;
    loop->deadlines[AT_STOP] = input->stop_after_ns == NEVER ? NEVER : start + input->stop_after_ns;
    loop->deadlines[AT_TIMEOUT] = start + input->timeout_ns;
    loop->deadlines[AT_KILL] = NEVER;
    return 0;
}

static void run(struct loop *loop)
{
    while (!loop->ended && loop->failure == 0) {
        struct epoll_event events[8];
        loop->failure = arm_timer(loop);
        int count = loop->failure ? 0 : epoll_wait(loop->epoll, events, 8, -1);
        if (count < 0 && errno != EINTR)
            loop->failure = -errno;
        for (int i = 0; i < count && loop->failure == 0; i++)
            dispatch(loop, events[i].data.fd);
    }
}

int loop_run(const struct loop_input *input, struct resources *resources, struct loop_result *result,
             struct error *error)
{
    AUTO_FD epoll = epoll_create1(EPOLL_CLOEXEC);
    AUTO_FD timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    *result = (struct loop_result){0};
    struct loop loop = {
        .input = input,
        .resources = resources,
        .result = result,
        .epoll = epoll,
        .timer = timer,
    };
    loop.failure = epoll < 0 || timer < 0 ? -errno : set_up(&loop);
    run(&loop);
    if (loop.failure < 0)
        return error_set(error, ERROR_INTERNAL, -loop.failure, "watch a trial");
    return 0;
}
