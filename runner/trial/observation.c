#include "runner/trial/observation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/store/files.h"
#include "runner/support/fd.h"

static const struct gobin *go_binary(const struct observation *observation)
{
    return observation->settings.go_off ? NULL : observation->settings.binary;
}

static void place(struct program *program, uint64_t start_pc)
{
    uint64_t main_pc = gobin_function_address(program->binary, "runtime.main");
    program->placed = true;
    if (gobin_is_pie(program->binary) && main_pc && (start_pc - main_pc) % 4096 == 0)
        program->load_bias = start_pc - main_pc;
}

static const char *function_at(void *context, uint64_t pc)
{
    const struct program *program = context;
    return gobin_function_at(program->binary, pc - program->load_bias);
}

/* runtime/traceback.go isSystemGoroutine: what begins with "runtime." is the runtime's, but for these. */
static bool is_runtime(void *context, uint64_t start_pc)
{
    struct program *program = context;
    if (!program->placed)
        place(program, start_pc);
    const char *name = function_at(context, start_pc);
    return name && strncmp(name, "runtime.", 8) == 0 && strcmp(name, "runtime.main") != 0 &&
           strcmp(name, "runtime.corostart") != 0 && strcmp(name, "runtime.handleAsyncEvent") != 0;
}

static const char *wait_reason(void *context, uint32_t reason)
{
    const struct program *program = context;
    return program->binary ? reason_name(gobin_wait_reasons(program->binary), reason) : NULL;
}

static const char *stw_reason(void *context, uint32_t reason)
{
    const struct program *program = context;
    return program->binary ? reason_name(gobin_stw_reasons(program->binary), reason) : NULL;
}

static const char *go_state(const struct observation *observation)
{
    if (observation->settings.go_off)
        return observation->settings.go_off;
    return observation->settings.binary ? NULL : "not a Go program";
}

/* trace_follow() of the trace's writer: behind the run of a goroutine that was woken stands what kept it. */
static const struct event_header *follow(void *context, const struct event_header *event)
{
    struct observation *observation = context;
    heatmap_event(observation->heatmap, event);
    int result = replay_event(observation->replay, event);
    if (result == 0)
        result = symbols_event(&observation->symbols, event);
    if (result < 0 && !observation->replay_error)
        observation->replay_error = -result;
    return result < 0 ? NULL : replay_derived(observation->replay);
}

static int open_replay(struct observation *observation)
{
    const struct gobin *binary = go_binary(observation);
    int result = heatmap_open(&observation->heatmap);
    if (result == 0)
        result = symbols_open(&observation->symbols);
    if (result < 0)
        return result;
    observation->program.binary = binary;
    struct replay_settings settings = {
        .go_minor = binary ? gobin_ways(binary) : 0,
        .wait_reasons = binary ? gobin_wait_reasons(binary) : NULL,
        .stw_reasons = binary ? gobin_stw_reasons(binary) : NULL,
        .sched = observation->settings.probes->sched,
        .go = go_state(observation) == NULL,
        .counters = observation->settings.probes->go == GO_COUNTERS,
        .full = observation->settings.probes->go == GO_FULL,
        .absent_kinds = observation->settings.absent_kinds,
        .procs = observation->settings.procs,
        .is_runtime = is_runtime,
        .function_at = function_at,
        .context = &observation->program,
        .listener = heatmap_listener(observation->heatmap),
    };
    return replay_open(&settings, &observation->replay);
}

static int replay_failed(const struct observation *observation, int result, struct error *error)
{
    return error_set(error, ERROR_INTERNAL, -result, "replay the trace of %s", observation->settings.trial);
}

static int open_profile(struct observation *observation, struct error *error)
{
    const struct observation_settings *settings = &observation->settings;
    struct profile_settings profile = {
        .binary = settings->binary,
        .executable = (int32_t)settings->executable,
        .kernel = settings->kernel,
    };
    return cpuprofile_open(&observation->cpuprofile, settings->observer, &profile, settings->no_goroutines,
                           error);
}

int observation_open(struct observation *observation, const struct observation_settings *settings,
                     struct error *error)
{
    *observation = (struct observation){
        .settings = *settings, .trace_dir = -1, .governor = {.rate_max = settings->probes->rate_max}};
    if (mkdirat(settings->dir, "trace", 0755) < 0)
        return error_set(error, ERROR_INTERNAL, errno, "make the trace folder of %s", settings->trial);
    observation->trace_dir = openat(settings->dir, "trace", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (observation->trace_dir < 0)
        return error_set(error, ERROR_INTERNAL, errno, "open the trace folder of %s", settings->trial);
    const struct gobin *binary = go_binary(observation);
    struct trace_settings trace = {
        .trial = settings->trial,
        .go_minor = binary ? gobin_minor(binary) : 0,
        .wait_reason = wait_reason,
        .stw_reason = stw_reason,
        .reason_context = &observation->program,
        .max_bytes = settings->probes->trace_max_bytes,
        .follow = follow,
        .follow_context = observation,
    };
    int result = open_replay(observation);
    if (result < 0)
        return replay_failed(observation, result, error);
    result = trace_writer_open(observation->trace_dir, &trace, &observation->writer, error);
    return result == 0 && settings->probes->cpu_hz ? open_profile(observation, error) : result;
}

int observation_arm(struct observation *observation, const struct cgroup *group, struct error *error)
{
    int result = observer_arm(observation->settings.observer, cgroup_id(group), cgroup_level(group), error);
    observation->armed = result == 0;
    observation->armed_ns = clock_monotonic_ns();
    return result;
}

static int take(void *context, const struct event_header *event, size_t size)
{
    struct observation *observation = context;
    int result = trace_write(observation->writer, event, size);
    if (result < 0 && !observation->write_error)
        observation->write_error = -result;
    return 0; /* the ring is emptied in any case: what cannot be written is reported once, at the end */
}

void observation_mark(struct observation *observation, enum mark mark, uint64_t time_ns)
{
    struct event_mark event = {
        .header = {.time = time_ns, .kind = EVENT_MARK, .cpu = EVENT_CPU_USER},
        .mark = mark,
    };
    take(observation, &event.header, sizeof event);
}

static uint64_t discarded(struct observation *observation)
{
    uint64_t sum = 0;
    observer_read_losses(observation->settings.observer, &observation->losses);
    for (size_t i = 0; i < EVENT_KIND_COUNT; i++)
        sum += observation->losses.lost[i];
    return sum;
}

/* What comes too often is counted from now on. */
static void govern(struct observation *observation)
{
    uint64_t now = clock_monotonic_ns();
    uint64_t before = governor_kinds(&observation->governor);
    uint64_t kinds = governor_step(&observation->governor, now, observation->losses.produced);
    if (kinds == before)
        return;
    observer_count_only(observation->settings.observer, kinds);
    replay_count_only(observation->replay, kinds);
    observation_mark(observation, MARK_COUNTED, now);
}

void observation_drain(struct observation *observation)
{
    observer_drain(observation->settings.observer, take, observation);
    cpuprofile_drain(&observation->cpuprofile);
    int result = trace_flush(observation->writer, discarded(observation));
    if (result < 0 && !observation->write_error)
        observation->write_error = -result;
    govern(observation);
    if (!observation->go_failed && replay_go_failed(observation->replay)) {
        observation->go_failed = true;
        observation->cpuprofile.no_goroutines = "the self-check failed: the Go runtime is laid out otherwise";
        observer_detach(observation->settings.observer, observation->settings.executable);
    }
}

int observation_finish(struct observation *observation, struct error *error)
{
    if (observation->armed)
        observer_disarm(observation->settings.observer);
    observation->armed = false;
    observer_drain(observation->settings.observer, take, observation);
    struct trace_writer *writer = observation->writer;
    observation->writer = NULL;
    int result = trace_writer_close(writer, discarded(observation), &observation->counts, error);
    if (result == 0 && observation->write_error)
        return error_set(error, ERROR_INTERNAL, observation->write_error, "write the trace of %s",
                         observation->settings.trial);
    return result < 0 ? result
                      : cpuprofile_finish(&observation->cpuprofile, observation->settings.dir, error);
}

static json_t *losses_json(const struct observation *observation)
{
    json_t *kinds = json_object();
    uint64_t produced = 0, lost = 0;
    for (int kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        const struct event_type *type = event_type(kind);
        produced += observation->losses.produced[kind];
        lost += observation->losses.lost[kind];
        if (type && observation->losses.lost[kind])
            json_object_set_new(kinds, type->name, json_integer((json_int_t)observation->losses.lost[kind]));
    }
    json_t *object = json_object();
    json_object_set_new(object, "produced", json_integer((json_int_t)produced));
    json_object_set_new(object, "ring_full", json_integer((json_int_t)lost));
    json_object_set_new(object, "late", json_integer((json_int_t)observation->counts.late));
    json_object_set_new(object, "trace_max", json_integer((json_int_t)observation->counts.over_max));
    json_object_set_new(object, "unseen_switches",
                        json_integer((json_int_t)observation->losses.unseen_switches));
    json_object_set_new(object, "ring_full_by_kind", kinds);
    json_object_set_new(object, "ring_peak_bytes",
                        json_integer((json_int_t)observation->losses.ring_bytes_peak));
    return object;
}

static json_t *trace_json(const struct observation *observation)
{
    const struct trace_counts *counts = &observation->counts;
    json_t *kinds = json_object();
    uint64_t events = 0;
    for (int kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        const struct event_type *type = event_type(kind);
        events += counts->written[kind];
        if (type && counts->written[kind])
            json_object_set_new(kinds, type->name, json_integer((json_int_t)counts->written[kind]));
    }
    json_t *object = json_object();
    json_object_set_new(object, "events", json_integer((json_int_t)events));
    json_object_set_new(object, "bytes", json_integer((json_int_t)counts->bytes));
    json_object_set_new(object, "packets", json_integer((json_int_t)counts->packets));
    json_object_set_new(object, "by_kind", kinds);
    json_object_set_new(object, "losses", losses_json(observation));
    return object;
}

static json_t *go_json(const struct observation *observation)
{
    char why[256] = "";
    bool plausible = replay_plausible(observation->replay, why, sizeof why);
    const char *off = go_state(observation);
    json_t *go = json_object();
    json_object_set_new(go, "probes", json_string(off || observation->go_failed ? "off" : "on"));
    if (off || observation->go_failed)
        json_object_set_new(go, "reason", json_string(off ? off : "the self-check failed"));
    json_object_set_new(go, "plausible", off ? json_null() : json_boolean(plausible));
    if (!off && !plausible)
        json_object_set_new(go, "implausible", json_string(why));
    struct replay_fit fit = replay_fit(observation->replay);
    json_object_set_new(go, "events", off ? json_null() : json_integer((json_int_t)fit.events));
    json_object_set_new(go, "misfits", off ? json_null() : json_integer((json_int_t)fit.misfits));
    json_object_set_new(go, "leaked", replay_leaked_json(observation->replay));
    json_object_set_new(
        go, "counted",
        governor_json(&observation->governor, observation->armed_ns, observation->losses.counted));
    return go;
}

/* Kinds of which the ring took more than the trace has. */
static uint64_t dropped_kinds(const struct observation *observation)
{
    uint64_t kinds = 0;
    for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++) {
        uint64_t taken = observation->losses.produced[kind] - observation->losses.lost[kind];
        if (taken > observation->counts.written[kind])
            kinds |= UINT64_C(1) << kind;
    }
    return kinds;
}

/* The gaps stand in trial.json, too, beside the counts of what was lost. */
static int write_heatmap(const struct observation *observation, const struct metrics *metrics, json_t *trace,
                         struct error *error)
{
    const struct gaps_losses losses = {.ring = &observation->losses, .behind = dropped_kinds(observation)};
    json_t *json = heatmap_finish(observation->heatmap, metrics, &losses);
    json_object_set(json_object_get(trace, "losses"), "gaps", json_object_get(json, "gaps"));
    int result = file_write_json_line(observation->settings.dir, "heatmap.json", json, error);
    json_decref(json);
    return result;
}

static int write_symbols(struct observation *observation, struct error *error)
{
    if (!observation->program.binary)
        return 0;
    json_t *json = symbols_json(&observation->symbols, function_at, &observation->program);
    int result = file_write_json(observation->settings.dir, "symbols.json", json, error);
    json_decref(json);
    return result;
}

static void add_count(void *context, const struct observer_count *count)
{
    replay_counted(context, count);
}

int observation_evaluate(struct observation *observation, struct metrics *metrics, json_t *record,
                         struct error *error)
{
    int result = -observation->replay_error;
    if (result == 0 && governor_kinds(&observation->governor))
        result = observer_read_counts(observation->settings.observer, add_count, observation->replay);
    if (result == 0)
        result = replay_finish(observation->replay, &observation->losses, metrics);
    if (result < 0)
        return replay_failed(observation, result, error);
    json_object_set_new(record, "trace", trace_json(observation));
    json_object_set_new(record, "go", go_json(observation));
    json_object_set_new(record, "series", replay_series_json(observation->replay));
    cpuprofile_evaluate(&observation->cpuprofile, metrics, record);
    result = write_heatmap(observation, metrics, json_object_get(record, "trace"), error);
    return result < 0 ? result : write_symbols(observation, error);
}

void observation_close(struct observation *observation)
{
    if (observation->armed)
        observer_disarm(observation->settings.observer);
    if (observation->writer)
        trace_writer_abort(observation->writer);
    observation->writer = NULL;
    replay_close(observation->replay);
    symbols_close(&observation->symbols);
    heatmap_close(observation->heatmap);
    observation->replay = NULL;
    observation->heatmap = NULL;
    observation->armed = false;
    cpuprofile_close(&observation->cpuprofile);
    fd_close(&observation->trace_dir);
}
