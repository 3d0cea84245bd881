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

void experiment_free(struct experiment *experiment)
{
    if (!experiment)
        return;
    for (size_t i = 0; i < experiment->demo_count; i++)
        free_demo(&experiment->demos[i]);
    free(experiment->demos);
    free_list(&experiment->controls.godebug);
    free_env(&experiment->controls.env);
    free(experiment->controls.slice);
    free(experiment->controls.limits.cpuset);
    free(experiment->controls.stdin_path);
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
        [VERDICT_SIGNAL] = "signal",
        [VERDICT_STOPPED] = "stopped",
        [VERDICT_EXIT] = "exit",
        [VERDICT_OK] = "ok",
    };
    return (unsigned)verdict < VERDICT_COUNT ? names[verdict] : "unknown";
}
