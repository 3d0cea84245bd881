#include "runner/experiment/resolved.h"

#include <string.h>

static json_t *string_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

/* null: not set; "max"; or the number. */
static json_t *limit(uint64_t value)
{
    if (value == LIMIT_UNSET)
        return json_null();
    return value == LIMIT_MAX ? json_string("max") : json_integer((json_int_t)value);
}

static json_t *list(const struct string_list *strings)
{
    json_t *array = json_array();
    for (size_t i = 0; i < strings->count; i++)
        json_array_append_new(array, json_string(strings->items[i]));
    return array;
}

static json_t *variables(const struct env_list *env)
{
    json_t *object = json_object();
    for (size_t i = 0; i < env->count; i++)
        json_object_set_new(object, env->items[i].name, json_string(env->items[i].value));
    return object;
}

static json_t *cgroup_json(const struct controls *controls)
{
    const struct cgroup_limits *limits = &controls->limits;
    json_t *object = json_object();
    json_object_set_new(object, "slice", json_string(controls->slice));
    json_object_set_new(object, "require",
                        json_string(controls->require == CGROUP_REQUIRE_V2 ? "v2" : "auto"));
    json_object_set_new(object, "cpu_quota_us", limit(limits->cpu_quota_us));
    json_object_set_new(object, "cpu_period_us", limit(limits->cpu_period_us));
    json_object_set_new(object, "cpuset_cpus", string_or_null(limits->cpuset));
    json_object_set_new(object, "memory_max_bytes", limit(limits->memory_max));
    json_object_set_new(object, "memory_high_bytes", limit(limits->memory_high));
    json_object_set_new(object, "memory_low_bytes", limit(limits->memory_low));
    json_object_set_new(object, "memory_swap_max_bytes", limit(limits->memory_swap_max));
    json_object_set_new(object, "pids_max", limit(limits->pids_max));
    return object;
}

static json_t *controls_json(const struct controls *controls)
{
    json_t *object = json_object();
    json_object_set_new(object, "gomaxprocs",
                        controls->gomaxprocs ? json_integer(controls->gomaxprocs) : json_null());
    json_object_set_new(object, "gogc",
                        controls->gogc == INT32_MIN ? json_null()
                        : controls->gogc == -1      ? json_string("off")
                                                    : json_integer(controls->gogc));
    json_object_set_new(object, "gomemlimit_bytes", limit(controls->gomemlimit));
    json_object_set_new(object, "godebug", list(&controls->godebug));
    json_object_set_new(object, "env", variables(&controls->env));
    json_object_set_new(object, "cgroup", cgroup_json(controls));
    json_object_set_new(object, "aslr", json_boolean(controls->aslr));
    json_object_set_new(object, "stdin", string_or_null(controls->stdin_path));
    json_object_set_new(object, "timeout_ns", limit(controls->timeout_ns));
    json_object_set_new(object, "stop_after_ns", limit(controls->stop.after_ns));
    json_object_set_new(object, "stop_signal", json_sprintf("SIG%s", sigabbrev_np(controls->stop.signal)));
    json_object_set_new(object, "stop_grace_ns", limit(controls->stop.grace_ns));
    return object;
}

static json_t *http_json(const struct load_http *http)
{
    static const char *const bodies[] = {"none", "json", "file", "text"};
    json_t *rates = json_array();
    for (size_t i = 0; i < http->step_count; i++)
        json_array_append_new(rates, json_integer((json_int_t)http->rates[i]));
    json_t *object = json_object();
    json_object_set_new(object, "url", json_string(http->url.text));
    json_object_set_new(object, "method", json_string(http->method));
    json_object_set_new(object, "headers", variables(&http->headers));
    json_object_set_new(object, "body", json_string(bodies[http->body]));
    json_object_set_new(object, "body_json_bytes", json_integer((json_int_t)http->body_bytes));
    json_object_set_new(object, "body_file", string_or_null(http->body_file));
    json_object_set_new(object, "body_text", string_or_null(http->body_text));
    json_object_set_new(object, "rates_per_s", rates);
    json_object_set_new(object, "arrivals",
                        json_string(http->arrivals == ARRIVALS_POISSON ? "poisson" : "constant"));
    json_object_set_new(object, "connections_start", json_integer(http->connections_start));
    json_object_set_new(object, "connections_most", json_integer(http->connections_most));
    json_object_set_new(object, "warmup_ns", limit(http->warmup_ns));
    json_object_set_new(object, "duration_ns", limit(http->duration_ns));
    json_object_set_new(object, "timeout_ns", limit(http->timeout_ns));
    json_object_set_new(object, "status", http->status ? json_integer(http->status) : json_null());
    return object;
}

static json_t *load_json(const struct load_settings *load)
{
    static const char *const ways[] = {"none", "tcp", "http", "stdout"};
    static const char *const works[] = {"", "requests", "run", "stdout"};
    if (load->kind == LOAD_NONE)
        return json_null();
    json_t *object = json_object();
    if (load->kind == LOAD_HTTP)
        json_object_set_new(object, "http", http_json(&load->http));
    else
        json_object_set_new(object, "command", list(&load->command));
    json_object_set_new(object, "url", string_or_null(load->command_url));
    json_object_set_new(object, "ready", json_string(ways[load->ready.kind]));
    json_object_set_new(object, "ready_port",
                        load->ready.port ? json_integer(load->ready.port) : json_null());
    json_object_set_new(object, "ready_http", string_or_null(load->ready.target));
    json_object_set_new(object, "ready_stdout", string_or_null(load->ready.text));
    json_object_set_new(object, "ready_within_ns", limit(load->ready.within_ns));
    json_object_set_new(object, "work", json_string(works[load->work.kind]));
    json_object_set_new(object, "work_key", string_or_null(load->work.key));
    return object;
}

static json_t *probes_json(const struct probe_settings *probes)
{
    static const char *const levels[] = {"none", "counters", "core", "full"};
    return json_pack("{s:b, s:s, s:b, s:i, s:I, s:I, s:I}", "sched", probes->sched, "go", levels[probes->go],
                     "net", probes->net, "cpu_hz", (int)probes->cpu_hz, "ring_bytes",
                     (json_int_t)probes->ring_bytes, "rate_max", (json_int_t)probes->rate_max,
                     "trace_max_bytes", (json_int_t)probes->trace_max_bytes);
}

static json_t *sandbox_json(const struct sandbox_settings *sandbox)
{
    json_t *object = json_object();
    json_object_set_new(object, "network",
                        json_string(sandbox->network == NETWORK_HOST ? "host" : "loopback"));
    json_object_set_new(object, "read", list(&sandbox->read));
    json_object_set_new(object, "write", list(&sandbox->write));
    json_object_set_new(object, "tmp_bytes", limit(sandbox->tmp_bytes));
    json_object_set_new(object, "seccomp", json_string(sandbox->seccomp ? sandbox->seccomp : "default"));
    json_object_set_new(object, "user", json_string(sandbox->user));
    return object;
}

static json_t *demo_json(const struct demo *demo)
{
    json_t *object = json_object();
    json_object_set_new(object, "name", json_string(demo->name));
    json_object_set_new(object, "go", string_or_null(demo->go_dir));
    json_object_set_new(object, "package", string_or_null(demo->package));
    json_object_set_new(object, "exec", list(&demo->exec));
    json_object_set_new(object, "args", list(&demo->args));
    json_object_set_new(object, "env", variables(&demo->env));
    json_object_set_new(object, "expect", json_string(verdict_name(demo->expect.verdict)));
    json_object_set_new(object, "expect_code",
                        demo->expect.code >= 0 ? json_integer(demo->expect.code) : json_null());
    json_object_set_new(object, "expect_stdout", string_or_null(demo->expect.stdout_contains));
    return object;
}

/* As written, and what that came to. */
static json_t *gate_json(const struct gate *gate)
{
    static const char *const rules[] = {
        [GATE_MAX] = "max", [GATE_MIN] = "min", [GATE_AT_MOST] = "at_most", [GATE_AT_LEAST] = "at_least"};
    char text[256];
    json_t *object = json_object();
    gate_text(gate, text, sizeof text);
    json_object_set_new(object, "gate", json_string(text));
    json_object_set_new(object, "metric", string_or_null(gate->metric));
    json_object_set_new(object, "finding", string_or_null(gate->finding));
    json_object_set_new(object, "rule", json_string(rules[gate->rule]));
    json_object_set_new(object, "threshold", json_real(gate->threshold));
    json_object_set_new(object, "against", gate->against ? json_string("baseline") : json_null());
    json_object_set_new(object, "of", json_string(gate->of == GATE_OF_MEDIAN ? "median" : "any"));
    json_object_set_new(object, "demo", string_or_null(gate->demo));
    return object;
}

json_t *resolved_json(const struct experiment *experiment)
{
    const struct trial_counts *trials = &experiment->trials;
    json_t *demos = json_array();
    for (size_t i = 0; i < experiment->demo_count; i++)
        json_array_append_new(demos, demo_json(&experiment->demos[i]));
    json_t *object = json_object();
    json_object_set_new(object, "experiment", json_string(experiment->name));
    json_object_set_new(object, "description", string_or_null(experiment->description));
    json_object_set_new(object, "controls", controls_json(&experiment->controls));
    json_object_set_new(object, "trials",
                        json_pack("{s:i, s:i, s:i, s:b, s:s, s:I}", "warmup", (int)trials->warmup, "bare",
                                  (int)trials->bare, "observed", (int)trials->observed, "aa", trials->aa,
                                  "order", trials->order == ORDER_SEQUENTIAL ? "sequential" : "interleaved",
                                  "seed", (json_int_t)trials->seed));
    json_object_set_new(object, "load", load_json(&experiment->load));
    json_object_set_new(object, "probes", probes_json(&experiment->probes));
    json_object_set_new(object, "sandbox", sandbox_json(&experiment->sandbox));
    json_object_set_new(object, "demos", demos);
    json_object_set_new(object, "baseline", json_string(experiment->demos[experiment->baseline].name));
    json_t *gates = json_array();
    for (size_t i = 0; i < experiment->gate_count; i++)
        json_array_append_new(gates, gate_json(&experiment->gates[i]));
    json_object_set_new(object, "gates", gates);
    return object;
}
