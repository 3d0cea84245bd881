#include "runner/trial/loading.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/wait.h>

#include "runner/store/files.h"
#include "runner/support/fd.h"
#include "runner/trial/resources.h"
#include "runner/trial/work.h"

static int make_file(int dir, const char *name, int *fd, struct error *error)
{
    *fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    return *fd < 0 ? error_set(error, ERROR_INTERNAL, errno, "create %s of a trial", name) : 0;
}

static int make_files(struct loading *loading, int dir, struct error *error)
{
    if (loading->experiment->load.kind == LOAD_HTTP)
        return make_file(dir, "load.log.zst", &loading->log, error);
    int result = make_file(dir, "load.stdout", &loading->out, error);
    return result < 0 ? result : make_file(dir, "load.stderr", &loading->err, error);
}

int loading_open(struct loading *loading, const struct loading_settings *settings, struct error *error)
{
    const struct experiment *experiment = settings->experiment;
    *loading = (struct loading){.experiment = experiment,
                                .group = settings->group,
                                .session = SESSION_CLOSED,
                                .log = -1,
                                .out = -1,
                                .err = -1};
    int result = make_files(loading, settings->dir, error);
    if (result < 0)
        return result;
    const struct process_spec spec = {
        .load = &experiment->load,
        .seed = experiment->trials.seed,
        .network = settings->network,
        .cpuset = experiment->controls.limits.cpuset,
        .user = experiment->sandbox.user,
        .log_fd = loading->log,
        .stdout_fd = loading->out,
        .stderr_fd = loading->err,
    };
    result = session_open(&loading->session, &spec, settings->demo, error);
    if (result == 0 && experiment->load.ready.kind == READY_STDOUT) {
        settings->out->scan = watch_bytes;
        settings->out->context = &loading->session.watch;
    }
    return result;
}

/* Marks carry the time at which runner learnt of them, for events must not come late (trace/order.h); the
   load's own times stand in load.window. */
static void begin_window(struct loading *loading, struct observation *observation)
{
    loading->window.begun = true;
    cgroup_read_stat(loading->group, &loading->window.before);
    struct cgroup_stat sample;
    if (cgroup_read_memory(loading->group, &sample) == 0)
        loading_sample(loading, &sample);
    if (observation)
        observation_mark(observation, MARK_WINDOW_START, clock_monotonic_ns());
}

static void end_window(struct loading *loading, struct observation *observation)
{
    struct cgroup_stat sample;
    if (!loading->window.begun || loading->window.ended)
        return;
    if (cgroup_read_memory(loading->group, &sample) == 0)
        loading_sample(loading, &sample);
    loading->window.ended = true;
    cgroup_read_stat(loading->group, &loading->window.after);
    if (observation)
        observation_mark(observation, MARK_WINDOW_END, clock_monotonic_ns());
}

bool loading_step(struct loading *loading, uint64_t now, struct observation *observation)
{
    for (;;) {
        switch (session_step(&loading->session, now)) {
        case SESSION_NOTHING:
            return false;
        case SESSION_WINDOW:
            begin_window(loading, observation);
            break;
        case SESSION_STEP:
            if (observation)
                observation_mark(observation, MARK_LOAD_STEP, clock_monotonic_ns());
            break;
        case SESSION_END:
            end_window(loading, observation);
            break;
        case SESSION_DONE:
        case SESSION_NOT_READY:
        case SESSION_FAILED:
            return true;
        }
    }
}

void loading_sample(struct loading *loading, const struct cgroup_stat *sample)
{
    if (loading->window.begun && !loading->window.ended && sample->memory_current != UINT64_MAX &&
        sample->memory_current > loading->window.memory_peak)
        loading->window.memory_peak = sample->memory_current;
}

void loading_finish(struct loading *loading)
{
    session_finish(&loading->session);
    loading->result = session_result(&loading->session);
    if (!loading->result || loading->experiment->load.kind != LOAD_HTTP)
        return;
    loading->readable = load_figures_read(loading->result, &loading->figures) == 0;
    if (loading->readable)
        loading->judgement = load_figures_judge(&loading->figures);
}

/* --- the verdict's facts ----------------------------------------------------------------------- */

static json_t *http_evidence(const struct loading *loading)
{
    const struct load_figures *figures = &loading->figures;
    json_t *evidence = json_object();
    json_object_set_new(evidence, "requests_due", json_integer((json_int_t)figures->due));
    json_object_set_new(evidence, "answers_ok", json_integer((json_int_t)figures->ok));
    json_object_set_new(evidence, "waited_for_connection", json_integer((json_int_t)figures->waited));
    json_object_set_new(evidence, "found_pool_full", json_integer((json_int_t)figures->pool_full));
    json_object_set_new(evidence, "asked_rate_per_s", metric_number(figures->asked_per_s));
    json_object_set_new(evidence, "achieved_rate_per_s", metric_number(figures->achieved_per_s));
    json_object_set(evidence, "errors", (json_t *)figures->kinds);
    if (figures->send_lag.count)
        json_object_set_new(evidence, "send_lag_p99_ns",
                            json_integer((json_int_t)histogram_quantile(&figures->send_lag, 0.99)));
    json_object_set_new(evidence, "send_lag_bound_ns", json_integer(FIGURES_SEND_LAG_NS));
    if (loading->judgement.why_overloaded)
        json_object_set_new(evidence, "overloaded", json_string(loading->judgement.why_overloaded));
    return evidence;
}

void loading_facts(const struct loading *loading, bool demo_was_stopped, struct load_facts *facts)
{
    const struct session *session = &loading->session;
    bool command = loading->experiment->load.kind == LOAD_COMMAND;
    bool over = session->state == SESSION_OVER;
    *facts = (struct load_facts){.present = true};
    facts->not_ready = session->not_ready;
    facts->cut_short = !demo_was_stopped;
    bool command_failed = command && over && !session->not_ready && session->status != 0;
    facts->invalid = session->failure[0] && !session->not_ready;
    facts->invalid |= command_failed || loading->judgement.invalid;
    facts->errors = loading->judgement.errors;
    facts->overloaded = loading->judgement.overloaded;
    json_t *evidence = loading->readable ? http_evidence(loading) : json_object();
    if (session->failure[0])
        json_object_set_new(evidence, "failure", text_json(session->failure, strlen(session->failure), 320));
    if (session->not_ready)
        json_object_set_new(evidence, "not_ready_within_ns",
                            json_integer((json_int_t)loading->experiment->load.ready.within_ns));
    if (command && over && !session->not_ready)
        verdict_add_status(evidence, session->status);
    facts->evidence = evidence;
}

/* --- metrics ----------------------------------------------------------------------------------- */

static void set_number(struct metrics *metrics, enum metric_id id, double value, const char *reason)
{
    if (isnan(value))
        metrics_unknown(metrics, id, reason);
    else
        metrics_set(metrics, id, value);
}

static const enum metric_id http_rows[] = {
    METRIC_LOAD_LATENCY_DUE, METRIC_LOAD_LATENCY_SENT,     METRIC_LOAD_SEND_LAG, METRIC_LOAD_RATE_ACHIEVED,
    METRIC_LOAD_ERRORS,      METRIC_LOAD_CONNECTIONS_MOST, METRIC_LOAD_KNEE_RATE};

static void http_metrics(struct loading *loading, struct metrics *metrics)
{
    static const char no_answer[] = "no request was answered";
    struct load_figures *figures = &loading->figures;
    const char *reason = !loading->readable            ? "the load has no result"
                         : loading->judgement.invalid  ? "load_invalid: the load itself was late"
                         : loading->session.failure[0] ? "load_invalid: the load failed"
                                                       : NULL;
    for (size_t i = 0; reason && i < sizeof http_rows / sizeof *http_rows; i++)
        if (http_rows[i] != METRIC_LOAD_KNEE_RATE || loading->experiment->load.http.step_count > 1)
            metrics_unknown(metrics, http_rows[i], reason);
    if (reason)
        return;
    metrics_set_distribution(metrics, METRIC_LOAD_LATENCY_DUE, &figures->latency_due, no_answer);
    metrics_set_distribution(metrics, METRIC_LOAD_LATENCY_SENT, &figures->latency_sent, no_answer);
    metrics_set_distribution(metrics, METRIC_LOAD_SEND_LAG, &figures->send_lag, no_answer);
    set_number(metrics, METRIC_LOAD_RATE_ACHIEVED, figures->achieved_per_s, "the load had no window");
    metrics_set(metrics, METRIC_LOAD_ERRORS, (double)figures->errors);
    metrics->values[METRIC_LOAD_ERRORS].parts = json_incref((json_t *)figures->kinds);
    metrics_set(metrics, METRIC_LOAD_CONNECTIONS_MOST, (double)figures->connections_most);
    if (loading->experiment->load.http.step_count > 1)
        set_number(metrics, METRIC_LOAD_KNEE_RATE, figures->knee_per_s, "not even the first rate held");
}

/* The demo's CPU time and memory in the measured window. */
static double window_metrics(const struct loading *loading, struct metrics *metrics)
{
    const char *reason = "the measured window was not finished";
    double cpu = NAN;
    if (loading->window.ended) {
        uint64_t used = counter_change(loading->window.before.usage_us, loading->window.after.usage_us);
        reason = RESOURCES_NOT_HERE;
        if (used != UINT64_MAX)
            cpu = (double)used * 1e3;
    }
    set_number(metrics, METRIC_WINDOW_CPU_TIME, cpu, reason);
    set_number(metrics, METRIC_WINDOW_MEMORY_PEAK,
               loading->window.ended && loading->window.memory_peak ? (double)loading->window.memory_peak
                                                                    : NAN,
               reason);
    return cpu;
}

void loading_metrics(struct loading *loading, int dir, struct metrics *metrics)
{
    const struct load_settings *load = &loading->experiment->load;
    double window_cpu = NAN;
    if (load->kind == LOAD_HTTP) {
        http_metrics(loading, metrics);
        window_cpu = window_metrics(loading, metrics);
    }
    struct work work = {
        .unit = &load->work,
        .requests = loading->readable && !loading->judgement.invalid ? (double)loading->figures.ok : NAN,
        .window_cpu_ns = window_cpu,
        .dir = dir,
    };
    work_metrics(&work, metrics);
}

json_t *loading_json(const struct loading *loading)
{
    const struct session *session = &loading->session;
    json_t *object = loading->result ? json_copy(loading->result) : json_object();
    json_object_set_new(object, "ready_after_ns",
                        session->ready_ns ? json_integer((json_int_t)(session->ready_ns - session->start_ns))
                                          : json_null());
    json_object_set_new(object, "bound_cpus",
                        session->process.cpus ? json_integer(session->process.cpus) : json_null());
    if (session->failure[0])
        json_object_set_new(object, "failure", text_json(session->failure, strlen(session->failure), 320));
    if (loading->experiment->load.kind == LOAD_COMMAND && session->state == SESSION_OVER &&
        !session->not_ready)
        verdict_add_status(object, session->status);
    if (loading->readable && loading->figures.steps > 1) {
        json_object_set_new(object, "knee_rate_per_s", metric_number(loading->figures.knee_per_s));
        json_object_set_new(object, "steps_held", json_integer((json_int_t)loading->figures.steps_held));
    }
    return object;
}

void loading_close(struct loading *loading)
{
    if (!loading->experiment)
        return;
    session_close(&loading->session);
    if (loading->readable)
        load_figures_free(&loading->figures);
    json_decref(loading->result);
    fd_close(&loading->log);
    fd_close(&loading->out);
    fd_close(&loading->err);
    *loading = (struct loading){.log = -1, .out = -1, .err = -1};
}
