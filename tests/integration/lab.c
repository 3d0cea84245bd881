#include "lab.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/support/fd.h"

static const char *bin(void)
{
    const char *path = getenv("RUNNER_TEST_BIN");
    cr_assert(path, "RUNNER_TEST_BIN names the build folder: use `make integration`");
    return path;
}

void lab_open(struct lab *lab)
{
    *lab = (struct lab){.folder = "/tmp/lab-XXXXXX"};
    cr_assert(mkdtemp(lab->folder));
}

void lab_write_manifest(struct lab *lab, const char *manifest)
{
    char path[128];
    snprintf(path, sizeof path, "%s/m.yaml", lab->folder);
    FILE *out = fopen(path, "w");
    cr_assert(out);
    for (const char *at = manifest; *at;) {
        if (strncmp(at, "@BIN@", 5) == 0) {
            fputs(bin(), out);
            at += 5;
        } else {
            fputc(*at++, out);
        }
    }
    fclose(out);
}

pid_t lab_start(struct lab *lab, const char *const *words)
{
    char program[512];
    snprintf(program, sizeof program, "%s/runner", bin());
    const char *argv[16] = {program};
    for (size_t i = 0; words[i] && i < 14; i++)
        argv[i + 1] = words[i];
    pid_t pid = fork();
    cr_assert_geq(pid, 0);
    if (pid)
        return pid;
    if (chdir(lab->folder) < 0 || dup2(open("out", O_WRONLY | O_CREAT | O_TRUNC, 0600), 1) < 0 ||
        dup2(open("err", O_WRONLY | O_CREAT | O_TRUNC, 0600), 2) < 0)
        _exit(126);
    execv(program, (char *const *)argv);
    _exit(127);
}

static void read_bundle(struct lab *lab)
{
    char runs[128], latest[192];
    snprintf(runs, sizeof runs, "%s/runs", lab->folder);
    snprintf(latest, sizeof latest, "%s/latest", runs);
    char name[128] = "";
    ssize_t n = readlink(latest, name, sizeof name - 1);
    if (n <= 0)
        return;
    snprintf(lab->bundle, sizeof lab->bundle, "%s/%s", runs, name);
    char path[320];
    snprintf(path, sizeof path, "%s/experiment.json", lab->bundle);
    lab->experiment = json_load_file(path, 0, NULL);
    snprintf(path, sizeof path, "%s/summary.json", lab->bundle);
    lab->summary = json_load_file(path, 0, NULL);
}

static char *slurp(const struct lab *lab, const char *name)
{
    char path[128];
    char *text = NULL;
    size_t size;
    snprintf(path, sizeof path, "%s/%s", lab->folder, name);
    cr_assert_eq(fd_read_file(AT_FDCWD, path, 64 << 20, &text, &size), 0);
    return text;
}

static int exit_code(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void lab_wait(struct lab *lab, pid_t pid)
{
    int status;
    struct rusage usage;
    cr_assert_eq(wait4(pid, &status, 0, &usage), pid);
    lab->peak_kib = usage.ru_maxrss;
    lab->status = exit_code(status);
    free(lab->out);
    free(lab->err);
    lab->out = slurp(lab, "out");
    lab->err = slurp(lab, "err");
    read_bundle(lab);
}

void lab_run_inside(struct lab *lab, const char *manifest)
{
    lab_write_manifest(lab, manifest);
    lab_wait(lab, lab_start(lab, (const char *const[]){"m.yaml", NULL}));
}

void lab_run(struct lab *lab, const char *manifest)
{
    lab_open(lab);
    lab_run_inside(lab, manifest);
}

void lab_trial_path(const struct lab *lab, const char *demo, const char *role, size_t index, char *path,
                    size_t size)
{
    size_t i;
    const json_t *row;
    path[0] = 0;
    json_array_foreach (json_object_get(lab->experiment, "trials"), i, row) {
        if (strcmp(json_string_value(json_object_get(row, "demo")), demo) != 0 ||
            strcmp(json_string_value(json_object_get(row, "role")), role) != 0)
            continue;
        if (index-- == 0) {
            snprintf(path, size, "%s/%s", lab->bundle, json_string_value(json_object_get(row, "path")));
            return;
        }
    }
}

json_t *lab_trial(const struct lab *lab, const char *demo, const char *role, size_t index)
{
    char path[512], file[600];
    lab_trial_path(lab, demo, role, index, path, sizeof path);
    cr_assert(path[0], "no %s trial %zu of %s; runner said:\n%s%s", role, index, demo, lab->err, lab->out);
    snprintf(file, sizeof file, "%s/trial.json", path);
    json_t *trial = json_load_file(file, 0, NULL);
    cr_assert(trial, "%s", file);
    return trial;
}

json_t *lab_printed(const struct lab *lab, const char *demo)
{
    char path[512], file[600];
    lab_trial_path(lab, demo, "observed", 0, path, sizeof path);
    snprintf(file, sizeof file, "%s/stdout", path);
    json_error_t fault;
    json_t *line = json_load_file(file, JSON_DISABLE_EOF_CHECK, &fault);
    cr_assert(line, "%s: %s; runner said:\n%s%s", file, fault.text, lab->err, lab->out);
    return line;
}

double lab_metric(const json_t *trial, const char *name)
{
    const json_t *value = json_object_get(json_object_get(json_object_get(trial, "metrics"), name), "value");
    return json_is_number(value) ? json_number_value(value) : NAN;
}

const char *lab_verdict(const json_t *trial)
{
    return json_string_value(json_object_get(json_object_get(trial, "verdict"), "name"));
}

int lab_shell(const struct lab *lab, const char *line)
{
    char command[2048];
    snprintf(command, sizeof command, "cd %s && RUNNER=%s/runner && { %s; }", lab->folder,
             getenv("RUNNER_TEST_BIN"), line);
    return exit_code(system(command));
}

int lab_bash(const char *script, char *said, size_t size)
{
    setenv("SCRIPT", script, 1);
    unsetenv("GITHUB_ACTIONS");
    FILE *out = popen("exec bash -c \"exec 2>&1; $SCRIPT\"", "re");
    cr_assert_not_null(out);
    size_t length = fread(said, 1, size - 1, out);
    said[length] = 0;
    return exit_code(pclose(out));
}

bool lab_is_emulated(void)
{
    char text[4096] = "";
    AUTO_FD file = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC);
    cr_assert(file >= 0 && read(file, text, sizeof text - 1) > 0);
    return strstr(text, "QEMU TCG") != NULL;
}

void lab_close(struct lab *lab)
{
    fd_remove_tree(AT_FDCWD, lab->folder);
    json_decref(lab->experiment);
    json_decref(lab->summary);
    free(lab->out);
    free(lab->err);
}
