#include "runner/manifest/experiment.h"

#include <stdlib.h>

static void free_list(struct string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
}

static void free_env(struct env_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].name);
        free(list->items[i].value);
    }
    free(list->items);
}

static void free_demo(struct demo *demo)
{
    free(demo->name);
    free(demo->go_dir);
    free(demo->package);
    free_list(&demo->exec);
    free_list(&demo->args);
    free_env(&demo->env);
    free(demo->expect.stdout_contains);
}

static void free_load(struct load_settings *load)
{
    free(load->http.url.text);
    free(load->http.url.authority);
    free(load->http.url.target);
    free(load->http.method);
    free_env(&load->http.headers);
    free(load->http.body_text);
    free(load->http.body_file);
    free_list(&load->command);
    free(load->command_url);
    free(load->ready.target);
    free(load->ready.text);
    free(load->work.key);
}

uint64_t load_planned_ns(const struct load_settings *load)
{
    return load->kind == LOAD_HTTP ? load->http.warmup_ns + load->http.step_count * load->http.duration_ns
                                   : 0;
}

void experiment_free(struct experiment *experiment)
{
    if (!experiment)
        return;
    for (size_t i = 0; i < experiment->demo_count; i++)
        free_demo(&experiment->demos[i]);
    free(experiment->demos);
    for (size_t i = 0; i < experiment->gate_count; i++)
        gate_free(&experiment->gates[i]);
    free(experiment->gates);
    free_list(&experiment->controls.godebug);
    free_env(&experiment->controls.env);
    free(experiment->controls.slice);
    free(experiment->controls.limits.cpuset);
    free(experiment->controls.stdin_path);
    free_load(&experiment->load);
    free_list(&experiment->sandbox.read);
    free_list(&experiment->sandbox.write);
    free(experiment->sandbox.seccomp);
    free(experiment->sandbox.user);
    free(experiment->name);
    free(experiment->description);
    free(experiment->path);
    free(experiment->source);
    free(experiment);
}

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[VERDICT_COUNT] = {
        [VERDICT_START_FAILED] = "start_failed",
        [VERDICT_OOM] = "oom",
        [VERDICT_TIMEOUT] = "timeout",
        [VERDICT_PIDS] = "pids",
        [VERDICT_FATAL] = "fatal",
        [VERDICT_DEADLOCK] = "deadlock",
        [VERDICT_PANIC] = "panic",
        [VERDICT_NOT_READY] = "not_ready",
        [VERDICT_GONE] = "gone",
        [VERDICT_LOAD_INVALID] = "load_invalid",
        [VERDICT_LOAD_ERRORS] = "load_errors",
        [VERDICT_OVERLOADED] = "overloaded",
        [VERDICT_SIGNAL] = "signal",
        [VERDICT_STOPPED] = "stopped",
        [VERDICT_EXIT] = "exit",
        [VERDICT_OK] = "ok",
    };
    return (unsigned)verdict < VERDICT_COUNT ? names[verdict] : "unknown";
}
