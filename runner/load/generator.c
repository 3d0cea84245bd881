#include "runner/load/generator.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#include "runner/load/traffic.h"
#include "runner/support/fd.h"

#define START_LEAD_NS   UINT64_C(2000000)    /* from the schedule's making until its first arrival */
#define OPENING_NS      UINT64_C(1000000000) /* for the first connections, at most */
#define LONG_WAIT_NS    UINT64_C(10000000)   /* longer ones are done in two steps */
#define LOG_WORK_NS     UINT64_C(200000)     /* the least time to the next arrival for the log's work */
#define MAXIMUM_WAIT_NS UINT64_C(3600000000000)

enum { EVENTS = 256 };

struct engine {
    const struct generator_spec *spec;
    struct traffic traffic;
    size_t begun;   /* phases that have begun */
    bool scheduled; /* the schedule is set */
    bool cut, ended, realtime;
};

static void tell(const struct engine *engine, enum load_at at, size_t step, uint64_t time_ns,
                 const char *text)
{
    struct load_message message = {.at = at, .step = (uint32_t)step, .time_ns = time_ns};
    snprintf(message.text, sizeof message.text, "%s", text);
    /* A parent that reads nothing misses marks, but does not stop the load. */
    if (engine->spec->control_fd >= 0)
        send(engine->spec->control_fd, &message, sizeof message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* --- marks ------------------------------------------------------------------------------------ */

static void begin_phase(struct engine *engine, size_t phase)
{
    struct traffic *traffic = &engine->traffic;
    uint64_t start_ns = traffic->schedule.phases[phase].start_ns;
    traffic->present = &traffic->tallies[phase];
    if (traffic->pool.open > traffic->present->connections_most)
        traffic->present->connections_most = traffic->pool.open;
    if (phase > 0)
        tell(engine, phase == 1 ? LOAD_AT_WINDOW : LOAD_AT_STEP, phase - 1, start_ns, "");
    else if (traffic->http->warmup_ns)
        tell(engine, LOAD_AT_WARMUP, 0, start_ns, "");
}

static void pass_marks(struct engine *engine, uint64_t now_ns)
{
    const struct schedule *schedule = &engine->traffic.schedule;
    while (engine->begun < schedule->phase_count && schedule->phases[engine->begun].start_ns <= now_ns)
        begin_phase(engine, engine->begun++);
    if (!engine->ended && schedule->end_ns <= now_ns) {
        engine->ended = true;
        tell(engine, LOAD_AT_END, schedule->phase_count - 2, schedule->end_ns, "");
    }
}

static uint64_t next_mark_ns(const struct engine *engine)
{
    const struct schedule *schedule = &engine->traffic.schedule;
    if (engine->begun < schedule->phase_count)
        return schedule->phases[engine->begun].start_ns;
    return engine->ended ? schedule->end_ns + engine->traffic.http->timeout_ns : schedule->end_ns;
}

/* --- the loop --------------------------------------------------------------------------------- */

static void take_control(struct engine *engine)
{
    char packet[64];
    ssize_t size = recv(engine->spec->control_fd, packet, sizeof packet, MSG_DONTWAIT);
    if (size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR)))
        return;
    engine->cut = true;
    epoll_ctl(engine->traffic.epoll_fd, EPOLL_CTL_DEL, engine->spec->control_fd, NULL);
}

static int wait_until(struct engine *engine, uint64_t until_ns, struct epoll_event *events)
{
    uint64_t now_ns = clock_monotonic_ns();
    uint64_t wait_ns = until_ns > now_ns ? until_ns - now_ns : 0;
    if (wait_ns > MAXIMUM_WAIT_NS)
        wait_ns = MAXIMUM_WAIT_NS;
    if (wait_ns > LONG_WAIT_NS)
        wait_ns -= wait_ns / 128;
    const struct timespec timeout = {.tv_sec = (time_t)(wait_ns / 1000000000),
                                     .tv_nsec = (long)(wait_ns % 1000000000)};
    int count = epoll_pwait2(engine->traffic.epoll_fd, events, EVENTS, &timeout, NULL);
    return count < 0 && errno == EINTR ? 0 : count;
}

/* One turn: waits until `until_ns` at most and handles what has come. Between the events, each of which can
   take some microseconds, arrivals are looked at again. 0 or a negative errno. */
static int turn(struct engine *engine, uint64_t until_ns)
{
    struct traffic *traffic = &engine->traffic;
    struct epoll_event events[EVENTS];
    int count = wait_until(engine, until_ns, events);
    if (count < 0)
        return -errno;
    for (int i = 0; i < count; i++) {
        if (events[i].data.ptr)
            traffic_event(traffic, events[i].data.ptr, events[i].events);
        else
            take_control(engine);
        if (engine->cut)
            return 0;
        if (engine->scheduled)
            traffic_look(traffic);
    }
    while (traffic_expire(traffic, clock_monotonic_ns()))
        if (engine->scheduled)
            traffic_look(traffic);
    return 0;
}

static int open_connections(struct engine *engine)
{
    uint64_t until_ns = clock_monotonic_ns() + OPENING_NS;
    traffic_open(&engine->traffic);
    int result = 0;
    while (result == 0 && !engine->cut && engine->traffic.pool.connecting &&
           clock_monotonic_ns() < until_ns) {
        uint64_t next_ns = traffic_next_ns(&engine->traffic);
        result = turn(engine, next_ns < until_ns ? next_ns : until_ns);
    }
    return result;
}

/* When the loop must go on though nothing has come; the log gets the time until then. */
static uint64_t next_wake_ns(struct engine *engine)
{
    if (traffic_pending(&engine->traffic))
        return 0;
    uint64_t wake_ns = next_mark_ns(engine);
    uint64_t next_ns = traffic_next_ns(&engine->traffic);
    if (next_ns < wake_ns)
        wake_ns = next_ns;
    struct load_log *log = engine->traffic.log;
    if (log && wake_ns > clock_monotonic_ns() + LOG_WORK_NS)
        load_log_work(log); /* one slice: answers may be waiting for us */
    return wake_ns;
}

static int run_phases(struct engine *engine)
{
    struct traffic *traffic = &engine->traffic;
    int result = 0;
    while (result == 0 && !engine->cut) {
        uint64_t now_ns = clock_monotonic_ns();
        pass_marks(engine, now_ns);
        traffic_look(traffic);
        traffic_pump(traffic);
        if (engine->ended && (traffic_done(traffic) || now_ns >= next_mark_ns(engine)))
            break;
        result = turn(engine, next_wake_ns(engine));
    }
    return result;
}

/* --- the result ------------------------------------------------------------------------------- */

/* The phases end where the load was cut; returns how many had begun. */
static size_t end_phases(struct engine *engine, uint64_t now_ns)
{
    struct traffic *traffic = &engine->traffic;
    for (size_t i = 0; i < engine->begun; i++)
        if (traffic->tallies[i].end_ns > now_ns)
            traffic->tallies[i].end_ns = now_ns;
    if (!engine->ended)
        tell(engine, LOAD_AT_END, engine->begun > 1 ? engine->begun - 2 : 0, now_ns, "cut");
    return engine->begun;
}

static int write_result(struct engine *engine, size_t begun, struct error *error)
{
    const struct traffic *traffic = &engine->traffic;
    const struct load_result result = {
        .http = traffic->http,
        .seed = engine->spec->seed,
        .request_bytes = traffic->request->size,
        .warmup = traffic->http->warmup_ns ? &traffic->tallies[0] : NULL,
        .steps = &traffic->tallies[1],
        .step_count = begun ? begun - 1 : 0,
        .bytes_written = traffic->bytes_written,
        .bytes_read = traffic->bytes_read,
        .connections_opened = traffic->pool.opened,
        .connections_most = traffic->pool.open_most,
        .connections_error = traffic->connections_error,
        .cut = engine->cut,
        .realtime = engine->realtime,
        .has_log = traffic->log != NULL,
        .log_rows = traffic->log ? load_log_rows(traffic->log) : 0,
        .log_error = traffic->log ? load_log_error(traffic->log) : 0,
    };
    json_t *json = tally_json(&result);
    AUTO_FREE char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (!text || traffic->failure < 0)
        return error_set(error, ERROR_INTERNAL, ENOMEM, "count the load's results");
    int written = fd_write_all(engine->spec->result_fd, text, strlen(text));
    if (written < 0)
        return error_set(error, ERROR_INTERNAL, -written, "write the load's results");
    tell(engine, LOAD_AT_DONE, 0, clock_monotonic_ns(), result.log_error ? "the raw log is incomplete" : "");
    return 0;
}

static int run(struct engine *engine, struct error *error)
{
    struct traffic *traffic = &engine->traffic;
    int result = open_connections(engine);
    uint64_t start_ns = clock_monotonic_ns() + START_LEAD_NS;
    traffic_schedule(traffic, engine->spec->seed, start_ns);
    engine->scheduled = true;
    if (engine->spec->log_fd >= 0) {
        int opened =
            load_log_open(&traffic->log, engine->spec->log_fd, traffic->schedule.window_start_ns, error);
        if (opened < 0)
            return opened;
    }
    if (result == 0)
        result = run_phases(engine);
    if (result < 0)
        return error_set(error, ERROR_INTERNAL, -result, "wait for the load's connections");
    uint64_t now_ns = clock_monotonic_ns();
    pass_marks(engine, now_ns);
    traffic_end(traffic, now_ns);
    size_t begun = end_phases(engine, now_ns);
    if (traffic->log)
        load_log_finish(traffic->log);
    return write_result(engine, begun, error);
}

bool generator_prioritize(void)
{
    const struct sched_param lowest = {.sched_priority = 1};
    return sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &lowest) == 0;
}

/* Wake-ups at the very time, and as many descriptors as the host allows. What is refused here shows in the
   send lag and in `limited_by`. Returns whether it runs as a real-time process. */
static bool prepare_process(void)
{
    struct rlimit files;
    prctl(PR_SET_TIMERSLACK, 1);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    return (sched_getscheduler(0) & ~SCHED_RESET_ON_FORK) == SCHED_FIFO;
}

int generator_run(const struct generator_spec *spec, struct error *error)
{
    struct engine engine = {.spec = spec};
    struct error local = {0};
    engine.realtime = prepare_process();
    int result = traffic_init(&engine.traffic, spec->http, spec->request, &local);
    if (result == 0 && spec->control_fd >= 0) {
        struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP};
        if (epoll_ctl(engine.traffic.epoll_fd, EPOLL_CTL_ADD, spec->control_fd, &event) < 0)
            result = error_set(&local, ERROR_INTERNAL, errno, "watch the load's control socket");
    }
    if (result == 0)
        result = run(&engine, &local);
    if (result < 0) {
        tell(&engine, LOAD_AT_FAILED, 0, clock_monotonic_ns(), local.text);
        if (error)
            *error = local;
    }
    if (engine.traffic.http)
        traffic_free(&engine.traffic);
    return result;
}
