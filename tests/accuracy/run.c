#include "tests/accuracy/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/support/fd.h"

bool run_find_program(const char *build, const struct combination *combination, char *path, size_t size)
{
    if (combination->minor)
        snprintf(path, size, "%s/accuracy/truth-%s-%s", build, combination->version, combination->linking);
    else
        snprintf(path, size, "%s/accuracy/kernel", build);
    return access(path, X_OK) == 0;
}

static int write_manifest(const struct run *run, const char *program, const struct combination *combination,
                          bool core, const bool *chosen)
{
    char path[192];
    snprintf(path, sizeof path, "%s/m.yaml", run->folder);
    FILE *out = fopen(path, "we");
    if (!out)
        return -errno;
    /* `none` is there in each experiment: some facts are told less its own. */
    fprintf(out,
            "version: 1\nexperiment: accuracy\n"
            "controls: {gomaxprocs: %d, gogc: off, timeout: 120s}\n"
            "trials: {warmup: 0, bare: 0, observed: 1}\n"
            "probes: {sched: true, go: %s, ring: 16MiB}\ndemos:\n",
            combination->procs,
            combination->minor == 0 ? "none"
            : core                  ? "core"
                                    : "full");
    for (size_t i = 0; i < program_count; i++)
        if (chosen[i])
            fprintf(out, "  - {name: %s, exec: [\"%s\", %s]}\n", programs[i].mode, program, programs[i].mode);
    return fclose(out) == 0 ? 0 : -errno;
}

static void become_runner(const struct run *run, const char *build)
{
    char program[512];
    snprintf(program, sizeof program, "%s/runner", build);
    if (chdir(run->folder) < 0 || dup2(open("out", O_WRONLY | O_CREAT | O_TRUNC, 0600), 1) < 0 ||
        dup2(1, 2) < 0)
        _exit(126);
    execl(program, program, "m.yaml", (char *)NULL);
    _exit(127);
}

/* The last words of what runner printed. */
static void set_fault(struct run *run, int status)
{
    char path[192], *text = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/out", run->folder);
    if (fd_read_file(AT_FDCWD, path, 1 << 20, &text, &size) < 0)
        text = NULL;
    size_t skipped = text && size > 400 ? size - 400 : 0;
    snprintf(run->fault, sizeof run->fault, "runner ended with %d: %s", status, text ? text + skipped : "");
    free(text);
}

static void read_bundle(struct run *run)
{
    char path[400], name[128] = "";
    snprintf(path, sizeof path, "%s/runs/latest", run->folder);
    if (readlink(path, name, sizeof name - 1) <= 0)
        return;
    snprintf(run->bundle, sizeof run->bundle, "%s/runs/%s", run->folder, name);
    snprintf(path, sizeof path, "%s/experiment.json", run->bundle);
    run->experiment = json_load_file(path, 0, NULL);
}

void run_open(struct run *run, const char *build, const struct combination *combination, bool core,
              const bool *chosen)
{
    char program[512];
    int status = 0;
    *run = (struct run){.folder = "/tmp/accuracy-XXXXXX"};
    if (!mkdtemp(run->folder) || !run_find_program(build, combination, program, sizeof program) ||
        write_manifest(run, program, combination, core, chosen) < 0) {
        snprintf(run->fault, sizeof run->fault, "cannot prepare %s: %s", run->folder, strerror(errno));
        return;
    }
    pid_t pid = fork();
    if (pid == 0)
        become_runner(run, build);
    if (pid < 0 || waitpid(pid, &status, 0) < 0) {
        snprintf(run->fault, sizeof run->fault, "cannot start runner: %s", strerror(errno));
        return;
    }
    if (status != 0)
        set_fault(run, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    read_bundle(run);
}

void run_close(struct run *run, bool keep)
{
    if (!keep)
        fd_remove_tree(AT_FDCWD, run->folder);
    json_decref(run->experiment);
    *run = (struct run){0};
}

static bool find_trial(const struct run *run, const char *mode, char *path, size_t size)
{
    size_t i;
    const json_t *row;
    json_array_foreach (json_object_get(run->experiment, "trials"), i, row) {
        if (strcmp(json_string_value(json_object_get(row, "demo")), mode) != 0)
            continue;
        snprintf(path, size, "%s/%s", run->bundle, json_string_value(json_object_get(row, "path")));
        return true;
    }
    return false;
}

static const char *text_at(const json_t *object, const char *group, const char *key)
{
    const char *text = json_string_value(json_object_get(json_object_get(object, group), key));
    return text ? text : "none";
}

void run_outcome(const struct run *run, const struct program *program, struct outcome *outcome)
{
    char folder[480], path[512];
    size_t size;
    *outcome = (struct outcome){0};
    if (!find_trial(run, program->mode, folder, sizeof folder)) {
        snprintf(outcome->fault, sizeof outcome->fault, "no trial");
        return;
    }
    snprintf(path, sizeof path, "%s/trial.json", folder);
    outcome->trial = json_load_file(path, 0, NULL);
    snprintf(path, sizeof path, "%s/stdout", folder);
    if (fd_read_file(AT_FDCWD, path, 1 << 20, &outcome->said, &size) < 0)
        outcome->said = NULL;
    const char *verdict = text_at(outcome->trial, "verdict", "name");
    const char *probes = text_at(outcome->trial, "go", "probes");
    if (!outcome->trial || !outcome->said || strcmp(verdict, "ok") != 0)
        snprintf(outcome->fault, sizeof outcome->fault, "it ended: %s", verdict);
    else if (program->language == LANGUAGE_GO && strcmp(probes, "on") != 0)
        snprintf(outcome->fault, sizeof outcome->fault, "probes: %s", probes);
}

void outcome_close(struct outcome *outcome)
{
    json_decref(outcome->trial);
    free(outcome->said);
    *outcome = (struct outcome){0};
}
