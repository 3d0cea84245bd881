#include "runner/trial/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/gobin/gobin.h"
#include "runner/sandbox/sandbox.h"
#include "runner/support/fd.h"
#include "runner/trial/capture.h"
#include "runner/trial/environment.h"
#include "runner/trial/judgement.h"
#include "runner/trial/loading.h"
#include "runner/trial/loop.h"
#include "runner/trial/netcount.h"
#include "runner/trial/observation.h"
#include "runner/trial/record.h"
#include "runner/trial/resources.h"

/* All that a trial owns, in the order of acquisition. */
struct trial {
    const struct trial_context *context;
    const struct trial_subject *subject;
    struct cgroup *group;
    struct capture out, err;
    int input;
    struct sandbox *sandbox;
    struct readback readback;
    struct observation observation;
    bool observed, loaded;
    struct loading loading;
    struct netcount netcount;
    struct resources resources;
    struct loop_result loop;
    struct trial_record record;
};

static void release(struct trial *trial)
{
    loading_close(&trial->loading);
    json_decref(trial->record.facts.load.evidence);
    netcount_close(&trial->netcount);
    observation_close(&trial->observation);
    readback_close(&trial->readback);
    sandbox_destroy(trial->sandbox);
    fd_close(&trial->input);
    capture_close(&trial->err);
    capture_close(&trial->out);
    struct error ignored;
    cgroup_destroy(trial->group, &ignored); /* what cannot be removed now is a leftover for the next start */
}

/* Names of the manifest's optional keys, separated by spaces, as cgroup_apply() wants them. */
static void optional_keys(unsigned bits, char *text, size_t size)
{
    static const struct {
        enum cgroup_key bit;
        const char *name;
    } keys[] = {
        {CGROUP_KEY_CPU_MAX, "cpu.max "},       {CGROUP_KEY_CPUSET, "cpuset.cpus "},
        {CGROUP_KEY_MEMORY_MAX, "memory.max "}, {CGROUP_KEY_MEMORY_HIGH, "memory.high "},
        {CGROUP_KEY_MEMORY_LOW, "memory.low "}, {CGROUP_KEY_MEMORY_SWAP_MAX, "memory.swap.max "},
        {CGROUP_KEY_PIDS_MAX, "pids.max "},
    };
    text[0] = 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (bits & keys[i].bit)
            strncat(text, keys[i].name, size - strlen(text) - 1);
}

static int make_group(struct trial *trial, const char *name, struct error *error)
{
    const struct controls *controls = &trial->context->experiment->controls;
    const struct cgroup_limits *limits = &controls->limits;
    char folder[128];
    snprintf(folder, sizeof folder, "%s", name);
    *strchrnul(folder, '/') = '-';
    int result = cgroup_create(trial->context->group, folder, &trial->group, error);
    if (result < 0)
        return result;
    struct cgroup_settings settings = {
        .cpu_quota_us = limits->cpu_quota_us,
        .cpu_period_us = limits->cpu_period_us,
        .cpuset = limits->cpuset,
        .memory_max = limits->memory_max,
        .memory_high = limits->memory_high,
        .memory_low = limits->memory_low,
        .memory_swap_max = limits->memory_swap_max,
        .pids_max = limits->pids_max,
    };
    char optional[128];
    optional_keys(controls->optional, optional, sizeof optional);
    result = cgroup_apply(trial->group, &settings, optional, trial->record.applied, error);
    trial->record.applied_count = result < 0 ? 0 : (size_t)result;
    return result < 0 ? result : 0;
}

static int open_streams(struct trial *trial, int dir, struct error *error)
{
    const char *path = trial->context->experiment->controls.stdin_path;
    trial->input = open(path ? path : "/dev/null", O_RDONLY | O_CLOEXEC);
    if (trial->input < 0)
        return error_set(error, ERROR_USAGE, errno, "open controls.stdin %s", path);
    struct stat facts;
    if (path && (fstat(trial->input, &facts) < 0 || !S_ISREG(facts.st_mode) || !(facts.st_mode & S_IROTH)))
        return error_mend(error, ERROR_USAGE, 0, "The demo may read only what everybody may: chmod o+r it.",
                          "controls.stdin %s is not a file that all users may read", path);
    trial->err.scan = crash_scan;
    trial->err.context = &trial->record.facts.crash;
    int result = capture_open(&trial->out, dir, "stdout", error);
    return result < 0 ? result : capture_open(&trial->err, dir, "stderr", error);
}

static void add_binds(const struct string_list *paths, bool writable, struct sandbox_bind *binds,
                      size_t *count)
{
    for (size_t i = 0; i < paths->count; i++)
        binds[(*count)++] = (struct sandbox_bind){
            .source = paths->items[i], .source_fd = -1, .target = paths->items[i], .writable = writable};
}

static int prepare(struct trial *trial, struct error *error)
{
    const struct experiment *experiment = trial->context->experiment;
    const struct sandbox_settings *settings = &experiment->sandbox;
    const struct build *build = trial->subject->build;
    int entries[CGROUP_HIERARCHIES];
    int entry_count = cgroup_entry_fds(trial->group, entries, error);
    if (entry_count < 0)
        return entry_count;
    char **envp = environment_make(&experiment->controls, trial->subject->demo);
    char **argv = arguments_make(trial->subject->demo, build->inside);
    struct sandbox_bind *binds = calloc(settings->read.count + settings->write.count + 1, sizeof *binds);
    int result = -ENOMEM;
    if (envp && argv && binds) {
        size_t count = 0;
        binds[count++] = (struct sandbox_bind){
            .source = trial->observed ? build->executable_observed : build->executable_bare,
            .source_fd = -1,
            .target = build->inside,
        };
        add_binds(&settings->read, false, binds, &count);
        add_binds(&settings->write, true, binds, &count);
        struct sandbox_spec spec = {
            .argv = (const char *const *)argv,
            .envp = (const char *const *)envp,
            .executable = build->inside,
            .binds = binds,
            .bind_count = count,
            .system_libraries = !build->binary || !gobin_is_static(build->binary),
            .tmp_bytes = settings->tmp_bytes,
            .network_host = settings->network == NETWORK_HOST,
            .aslr = experiment->controls.aslr,
            .filter = trial->context->filter,
            .spare = trial->context->spare,
            .user = settings->user,
            .stdin_fd = trial->input,
            .stdout_fd = trial->out.write_end,
            .stderr_fd = trial->err.write_end,
            .helper_group_fd = cgroup_v2_fd(trial->context->helpers),
            .group_fd = cgroup_v2_fd(trial->group),
            .entry_fds = entries,
            .entry_count = (size_t)entry_count,
        };
        result = sandbox_prepare(&spec, &trial->sandbox, error);
    } else {
        error_set(error, ERROR_INTERNAL, ENOMEM, "prepare a trial");
    }
    free(binds);
    strings_free(argv);
    strings_free(envp);
    capture_close_write(&trial->out);
    capture_close_write(&trial->err);
    return result;
}

static int start_observation(struct trial *trial, const char *name, int dir, struct error *error)
{
    struct observation_settings settings = {
        .observer = trial->context->observer,
        .probes = &trial->context->experiment->probes,
        .binary = trial->subject->build->binary,
        .go_off = trial->subject->go_off,
        .absent_kinds = trial->subject->absent_kinds,
        .executable = trial->subject->executable,
        .procs = trial->context->experiment->controls.gomaxprocs,
        .no_goroutines = trial->subject->no_goroutines,
        .kernel = trial->context->kernel,
        .trial = name,
        .dir = dir,
    };
    int result = observation_open(&trial->observation, &settings, error);
    if (result == 0 && settings.probes->net)
        result =
            netcount_begin(&trial->netcount, settings.observer, sandbox_network_fd(trial->sandbox), error);
    return result < 0 ? result : observation_arm(&trial->observation, trial->group, error);
}

static int start_load(struct trial *trial, int dir, struct error *error)
{
    const struct loading_settings settings = {
        .experiment = trial->context->experiment,
        .group = trial->group,
        .network = sandbox_network_fd(trial->sandbox),
        .demo = sandbox_demo_pid(trial->sandbox),
        .dir = dir,
        .out = &trial->out,
    };
    return loading_open(&trial->loading, &settings, error);
}

/* From the barrier to the end of the demo's first process. */
static int run(struct trial *trial, struct error *error)
{
    const struct controls *controls = &trial->context->experiment->controls;
    struct trial_facts *facts = &trial->record.facts;
    uint64_t start = clock_monotonic_ns();
    cgroup_read_stat(trial->group, &trial->resources.before);
    if (trial->observed)
        observation_mark(&trial->observation, MARK_BARRIER, clock_monotonic_ns());
    trial->record.barrier_ns = clock_monotonic_ns();
    int result = sandbox_release(trial->sandbox, &start, &facts->status, error);
    if (result < 0 || facts->status.state == SANDBOX_START_FAILED)
        return result;
    if (trial->observed)
        observation_mark(&trial->observation, MARK_START, start);
    if (trial->loaded)
        session_start(&trial->loading.session, start);
    readback_open(&trial->readback, trial->subject->build->binary, sandbox_demo_pid(trial->sandbox));
    struct loop_input input = {
        .sandbox = trial->sandbox,
        .group = trial->group,
        .out = &trial->out,
        .err = &trial->err,
        .readback = &trial->readback,
        .observation = trial->observed ? &trial->observation : NULL,
        .loading = trial->loaded ? &trial->loading : NULL,
        .signal_fd = trial->context->signal_fd,
        .start_ns = start,
        .timeout_ns = controls->timeout_ns,
        .stop_after_ns = controls->stop.after_ns,
        .grace_ns = controls->stop.grace_ns,
        .stop_signal = controls->stop.signal,
    };
    result = loop_run(&input, &trial->resources, &trial->loop, error);
    if (result < 0)
        return result;
    trial->resources.wall_ns = trial->loop.end_ns - start;
    facts->status = trial->loop.status;
    facts->timed_out = trial->loop.timed_out;
    facts->stopped = trial->loop.stopped;
    facts->killed = trial->loop.killed;
    if (trial->loop.stop_ns) {
        facts->stop_signal = controls->stop.signal;
        facts->stop_to_end_ns = trial->loop.end_ns - trial->loop.stop_ns;
    }
    if (trial->observed)
        observation_mark(&trial->observation, MARK_END, trial->loop.end_ns);
    if (trial->loaded) {
        loading_finish(&trial->loading);
        loading_facts(&trial->loading, trial->loop.stop_ns > 0, &facts->load);
    }
    return 0;
}

/* Everything is dead now: the pipes end, the counters stand still. */
static int settle(struct trial *trial, struct error *error)
{
    const struct cgroup_limits *limits = &trial->context->experiment->controls.limits;
    struct trial_facts *facts = &trial->record.facts;
    netcount_end(&trial->netcount);
    sandbox_destroy(trial->sandbox);
    trial->sandbox = NULL;
    int result = cgroup_kill(trial->group, error);
    if (result < 0)
        return result;
    while (capture_drain(&trial->out) || capture_drain(&trial->err))
        ;
    cgroup_read_stat(trial->group, &trial->resources.after);
    sandbox_spare_refill(trial->context->spare);
    const struct cgroup_stat *before = &trial->resources.before;
    const struct cgroup_stat *after = &trial->resources.after;
    uint64_t oom = counter_change(before->oom_kill, after->oom_kill);
    uint64_t pids = counter_change(before->pids_max_hits, after->pids_max_hits);
    facts->oom_kills = oom == UINT64_MAX ? 0 : oom;
    facts->pids_hits = pids == UINT64_MAX ? 0 : pids;
    facts->memory_max = limits->memory_max;
    facts->pids_max = limits->pids_max;
    facts->memory_peak = after->memory_peak;
    return 0;
}

/* Looks for expect.stdout in what was kept of stdout. */
static int match_stdout(struct trial *trial, int dir)
{
    const char *wanted = trial->subject->demo->expect.stdout_contains;
    if (!wanted)
        return -1;
    AUTO_FREE char *text = NULL;
    size_t size;
    if (fd_read_file(dir, "stdout", CAPTURE_LIMIT + 1, &text, &size) < 0)
        return 0;
    return memmem(text, size, wanted, strlen(wanted)) != NULL;
}

static void judge(struct trial *trial, json_t *record, struct trial_result *result)
{
    const struct judgement_input input = {
        .experiment = trial->context->experiment,
        .metrics = &result->metrics,
        .readback = &trial->readback,
        .observation = trial->observed ? &trial->observation : NULL,
    };
    judgement_record(&input, record);
    result->findings = json_incref(json_object_get(record, "findings"));
    result->not_looked_for = json_incref(json_object_get(record, "findings_not_looked_for"));
}

static int evaluate(struct trial *trial, const struct planned_trial *planned, int dir,
                    struct trial_result *result, struct error *error)
{
    json_t *record = json_object();
    trial->record.out = &trial->out;
    trial->record.err = &trial->err;
    trial->record.resources = &trial->resources;
    trial->record.interrupted = trial->loop.interrupted;
    trial->record.facts.stdout_match = match_stdout(trial, dir);
    resources_metrics(&trial->resources, &result->metrics);
    if (trial->loaded) {
        loading_metrics(&trial->loading, dir, &result->metrics);
        json_object_set_new(record, "load", loading_json(&trial->loading));
    }
    result->verdict = verdict_decide(&trial->record.facts);
    result->expected = verdict_expected(&trial->record.facts, &trial->subject->demo->expect);
    result->interrupted = trial->loop.interrupted;
    result->wall_ns = trial->resources.wall_ns;
    record_head(record, trial->subject->demo, planned, &trial->record);
    json_object_set_new(
        record, "controls",
        readback_json(&trial->readback, &trial->context->experiment->controls, trial->loop.end_ns));
    polled_metrics(&trial->readback.polled, trial->loop.end_ns - trial->resources.wall_ns, trial->loop.end_ns,
                   trial->readback.reason, &result->metrics);
    int outcome = 0;
    if (trial->observed) {
        outcome = observation_evaluate(&trial->observation, &result->metrics, record, error);
        netcount_evaluate(&trial->netcount, &result->metrics, record);
        for (size_t i = 0; i < EVENT_KIND_COUNT; i++) {
            result->events += trial->observation.counts.written[i];
            result->lost += trial->observation.losses.lost[i];
        }
        result->lost += trial->observation.counts.late + trial->observation.counts.over_max;
        result->event_bytes = trial->observation.counts.bytes;
        result->go_failed = trial->observation.go_failed;
    }
    if (outcome == 0)
        judge(trial, record, result);
    if (trial->loaded && trial->context->experiment->load.kind == LOAD_HTTP)
        metrics_clear(&result->metrics, METRIC_TIME_WALL); /* the manifest fixes it: no figure of the demo */
    if (outcome == 0)
        outcome = record_write(dir, record, &result->metrics, error);
    json_decref(record);
    return outcome;
}

void trial_result_free(struct trial_result *result)
{
    metrics_free(&result->metrics);
    json_decref(result->findings);
    json_decref(result->not_looked_for);
    *result = (struct trial_result){0};
}

/* A warm-up is observed to learn what a hit costs, where anything is. */
static bool trial_is_observed(enum trial_role role, const struct observer *observer)
{
    return role == ROLE_OBSERVED || (role == ROLE_WARMUP && observer);
}

int trial_run(const struct trial_context *context, const struct trial_subject *subject,
              const struct planned_trial *planned, const char *name, int dir, struct trial_result *result,
              struct error *error)
{
    struct trial trial = {
        .context = context,
        .subject = subject,
        .out = {.read_end = -1, .write_end = -1, .file = -1},
        .err = {.read_end = -1, .write_end = -1, .file = -1},
        .input = -1,
        .readback = {.process = -1, .reason = "it did not start"},
        .observation = {.trace_dir = -1},
        .observed = trial_is_observed(planned->role, context->observer),
        .loaded = context->experiment->load.kind != LOAD_NONE,
        .loading = {.log = -1, .out = -1, .err = -1},
    };
    *result = (struct trial_result){0};
    int outcome = make_group(&trial, name, error);
    if (outcome == 0)
        outcome = open_streams(&trial, dir, error);
    if (outcome == 0)
        outcome = prepare(&trial, error);
    if (outcome == 0 && trial.observed)
        outcome = start_observation(&trial, name, dir, error);
    if (outcome == 0 && trial.loaded)
        outcome = start_load(&trial, dir, error);
    if (outcome == 0)
        outcome = run(&trial, error);
    if (outcome == 0)
        outcome = settle(&trial, error);
    if (outcome == 0 && trial.observed)
        outcome = observation_finish(&trial.observation, error);
    if (outcome == 0)
        outcome = evaluate(&trial, planned, dir, result, error);
    release(&trial);
    return outcome;
}
