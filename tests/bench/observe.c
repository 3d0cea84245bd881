/*
 * What observing costs a Go server, by the levels of probes.go, as a user of runner has it: observed against
 * bare trials, interleaved in one experiment.
 *
 *     build/bench/observe [PAIRS [LEVEL]]
 *
 * - demos/http-servers/json/once at 500 requests a second, PAIRS (20) pairs: CPU time of the whole life and
 * latency from due, observed / bare, Hodges-Lehmann with its interval at 95%; the upper end of CPU and p50
 * has a target, p99 is told
 * - the same of bare trials against bare ones, interleaved with them: what is noise
 * - how often the BPF programs ran in a warm-up trial, and how long, by the kernel's own clock
 * - the same server in a closed loop of h2load, 8 connections: requests per second, observed / bare
 * - bpftrace at the entries of the functions that level core probes, and the server in the same closed loop:
 * its slow-down beside ours
 *
 * Fails where a target is missed. Needs h2load; without bpftrace its part is told as missing.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/stats/stats.h"
#include "runner/support/fd.h"

#define SERVER       "demos/http-servers-json-once"
#define PAIRS        20
#define CLOSED       8
#define REQUESTS     "30000"
#define PAIRS_MOST   64
#define LOAD_INVALID 5 /* exit code: in some trials the load itself was late */

static const struct level {
    const char *name;
    double cpu, p50, closed; /* targets: at most, at most, at least */
} levels[] = {
    {"counters", 1.05, 1.05, 0.95},
    {"core", 1.20, 1.15, 0.55},
    {"full", 1.80, 1.40, 0.35},
};

struct bench {
    char folder[32], bin[400];
    int pairs, misses;
};

/* Values of a figure, of bare trials and of others, in the order of the trials. */
struct pairs {
    double values[2][PAIRS_MOST];
    size_t counts[2];
};

static void fail(const char *what)
{
    fprintf(stderr, "observe: %s\n", what);
    exit(1);
}

static int write_manifest(const struct bench *bench, const char *level, bool closed)
{
    char path[64];
    snprintf(path, sizeof path, "%s/m.yaml", bench->folder);
    FILE *out = fopen(path, "w");
    if (!out)
        return -errno;
    fprintf(out,
            "version: 1\nexperiment: observe\ncontrols: {gomaxprocs: 2, timeout: 60s}\n"
            "trials: {warmup: 1, bare: %d, observed: %d, aa: %s}\nprobes: {go: %s}\n"
            "demos:\n  - {name: json, exec: [\"%s/" SERVER "\"]}\n",
            closed ? CLOSED : bench->pairs, closed ? CLOSED : bench->pairs, closed ? "false" : "true", level,
            bench->bin);
    if (closed)
        fprintf(out,
                "load:\n  command: [h2load, --h1, -t1, -c8, -n" REQUESTS ", -d, %s/body, \"{url}\"]\n"
                "  url: http://127.0.0.1:8080/encode\n  ready: {tcp: 8080}\n",
                bench->folder);
    else
        fprintf(out,
                "load:\n  http: {url: \"http://127.0.0.1:8080/encode\", method: POST, body: {json: 1KiB}, "
                "rate: 500/s, warmup: 500ms, duration: 3s}\n  ready: {tcp: 8080}\n  work: requests\n");
    return fclose(out) ? -errno : 0;
}

/* Runs the experiment; its experiment.json, owned by the caller. */
static json_t *run_experiment(const struct bench *bench)
{
    char line[1024], path[128];
    snprintf(line, sizeof line, "cd %s && rm -rf runs && %s/runner m.yaml >out 2>err", bench->folder,
             bench->bin);
    int status = system(line);
    if (!WIFEXITED(status) || (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != LOAD_INVALID)) {
        snprintf(line, sizeof line, "cat %s/out %s/err >&2", bench->folder, bench->folder);
        fail(system(line) == 0 ? "runner failed" : "runner failed and said nothing");
    }
    snprintf(path, sizeof path, "%s/runs/latest/experiment.json", bench->folder);
    json_t *experiment = json_load_file(path, 0, NULL);
    if (!experiment)
        fail("the bundle has no experiment.json");
    return experiment;
}

typedef double (*reader)(const struct bench *bench, const char *trial);

static double metric(const struct bench *bench, const char *trial, const char *name, const char *quantile)
{
    char path[512];
    snprintf(path, sizeof path, "%s/runs/latest/%s/trial.json", bench->folder, trial);
    json_t *json = json_load_file(path, 0, NULL);
    const json_t *value = json_object_get(json_object_get(json, "metrics"), name);
    value = quantile ? json_object_get(json_object_get(value, "histogram"), quantile)
                     : json_object_get(value, "value");
    double number = json_is_number(value) ? json_number_value(value) : NAN;
    json_decref(json);
    return number;
}

static double read_cpu(const struct bench *bench, const char *trial)
{
    return metric(bench, trial, "cpu.time", NULL);
}

static double read_p50(const struct bench *bench, const char *trial)
{
    return metric(bench, trial, "load.latency_due", "p50");
}

static double read_p99(const struct bench *bench, const char *trial)
{
    return metric(bench, trial, "load.latency_due", "p99");
}

/* "finished in 1.52s, 39412.21 req/s, 7.9MB/s" */
static double read_h2load(const char *path)
{
    AUTO_FREE char *text = NULL;
    size_t size;
    if (fd_read_file(AT_FDCWD, path, 1 << 20, &text, &size) < 0)
        return NAN;
    const char *line = strstr(text, "finished in ");
    const char *comma = line ? strchr(line, ',') : NULL;
    return comma ? strtod(comma + 1, NULL) : NAN;
}

static double read_closed(const struct bench *bench, const char *trial)
{
    char path[512];
    snprintf(path, sizeof path, "%s/runs/latest/%s/load.stdout", bench->folder, trial);
    return read_h2load(path);
}

static struct pairs collect(const struct bench *bench, const json_t *experiment, const char *other,
                            reader read)
{
    struct pairs pairs = {0};
    size_t i;
    const json_t *row;
    json_array_foreach (json_object_get(experiment, "trials"), i, row) {
        const char *role = json_string_value(json_object_get(row, "role"));
        int side = strcmp(role, other) == 0 ? 1 : strcmp(role, "bare") == 0 ? 0 : -1;
        const char *verdict = json_string_value(json_object_get(row, "verdict"));
        if (side < 0 || pairs.counts[side] == PAIRS_MOST || strcmp(verdict, "load_invalid") == 0)
            continue;
        double value = read(bench, json_string_value(json_object_get(row, "path")));
        if (!isfinite(value) || value <= 0)
            fail("a trial lacks a figure");
        pairs.values[side][pairs.counts[side]++] = value;
    }
    return pairs;
}

/* `bound` is judged at the end of the interval that is further from 1; 0: only told. */
static void judge(struct bench *bench, const char *level, const char *what, const struct pairs *pairs,
                  double bound, bool at_most)
{
    struct interval interval;
    double ratio =
        stats_ratio(pairs->values[1], pairs->counts[1], pairs->values[0], pairs->counts[0], 0.95, &interval);
    double bare = stats_median(pairs->values[0], pairs->counts[0]);
    double observed = stats_median(pairs->values[1], pairs->counts[1]);
    bool met = bound == 0 || (at_most ? interval.high <= bound : ratio >= bound);
    printf("  %-9s %-26s %12.4g %12.4g  x %.3f (%.3f .. %.3f)", level, what, bare, observed, ratio,
           interval.low, interval.high);
    if (bound != 0)
        printf("  target: %s %.2f%s", at_most ? "at most" : "at least", bound, met ? "" : "  MISSED");
    printf("\n");
    fflush(stdout);
    bench->misses += !met;
}

/* The kernel reads its clock twice for each hit that it times. */
static void tell_programs(const json_t *experiment, const char *level, const struct pairs *cpu)
{
    const json_t *health = json_object_get(experiment, "health");
    double ns = json_number_value(json_object_get(health, "timed_ns"));
    double hits = json_number_value(json_object_get(health, "timed_hits"));
    if (hits > 0)
        printf("  %-9s %-26s %12.0f hits of %.0f ns in a trial: %.3f of the CPU time\n", level,
               "its programs, timed", hits, ns / hits, ns / stats_median(cpu->values[0], cpu->counts[0]));
}

static void measure_level(struct bench *bench, const struct level *level)
{
    if (write_manifest(bench, level->name, false) < 0)
        fail("the manifest cannot be written");
    json_t *experiment = run_experiment(bench);
    const struct {
        const char *what;
        reader read;
        double bound;
    } figures[] = {{"500/s: CPU time, ns", read_cpu, level->cpu},
                   {"500/s: latency p50, ns", read_p50, level->p50},
                   {"500/s: latency p99, ns", read_p99, 0}};
    struct pairs pairs;
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        pairs = collect(bench, experiment, "observed", figures[i].read);
        judge(bench, level->name, figures[i].what, &pairs, figures[i].bound, true);
        if (figures[i].read == read_cpu)
            tell_programs(experiment, level->name, &pairs);
        pairs = collect(bench, experiment, "aa", figures[i].read);
        judge(bench, "  itself", figures[i].what, &pairs, 0, true);
    }
    json_decref(experiment);
    if (write_manifest(bench, level->name, true) < 0)
        fail("the manifest cannot be written");
    experiment = run_experiment(bench);
    pairs = collect(bench, experiment, "observed", read_closed);
    json_decref(experiment);
    judge(bench, level->name, "closed loop: requests/s", &pairs, level->closed, false);
}

/* --- bpftrace ----------------------------------------------------------------------------------------------
 */

static pid_t start(const char *const *argv, const char *out)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(fd, 1);
    dup2(fd, 2);
    execvp(argv[0], (char *const *)argv);
    _exit(127);
}

static void stop(pid_t pid)
{
    kill(pid, SIGINT);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* Waits until a text stands in a file; false after 30 s. */
static bool wait_for_text(const char *path, const char *wanted)
{
    for (int i = 0; i < 600; i++) {
        AUTO_FREE char *text = NULL;
        size_t size;
        if (fd_read_file(AT_FDCWD, path, 1 << 20, &text, &size) == 0 && strstr(text, wanted))
            return true;
        poll(NULL, 0, 50);
    }
    return false;
}

/* Requests a second of a server that runs `program`. */
static double closed_loop(const struct bench *bench, const char *program)
{
    char body[64], served[64], out[64];
    snprintf(body, sizeof body, "%s/body", bench->folder);
    snprintf(served, sizeof served, "%s/served", bench->folder);
    snprintf(out, sizeof out, "%s/h2load", bench->folder);
    const char *const server[] = {program, NULL};
    const char *const load[] = {
        "h2load", "--h1", "-t1", "-c8", "-n", REQUESTS, "-d", body, "http://127.0.0.1:8080/encode", NULL};
    setenv("GOMAXPROCS", "2", 1);
    pid_t pid = start(server, served);
    poll(NULL, 0, 500);
    pid_t client = start(load, out);
    waitpid(client, NULL, 0);
    stop(pid);
    return read_h2load(out);
}

/* bpftrace counts at the entries of what level core looks at, by status or reason. */
static void measure_bpftrace(struct bench *bench)
{
    char copy[64], log[64], script[1024];
    snprintf(copy, sizeof copy, "%s/probed", bench->folder);
    snprintf(log, sizeof log, "%s/bpftrace", bench->folder);
    if (system("command -v bpftrace >/dev/null") != 0) {
        printf("  bpftrace is not installed: not compared\n");
        return;
    }
    char line[512], plain[512];
    snprintf(line, sizeof line, "cp %s/" SERVER " %s", bench->bin, copy);
    snprintf(plain, sizeof plain, "%s/" SERVER, bench->bin);
    if (system(line) != 0)
        fail("the server cannot be copied");
    snprintf(
        script, sizeof script,
        "BEGIN { printf(\"attached\\n\"); } "
        "uprobe:%s:\"runtime.casgstatus\" { @status[reg(\"bx\"), reg(\"cx\")] = count(); } "
        "uprobe:%s:\"runtime.gcMarkTermination\", uprobe:%s:\"runtime.stopTheWorldWithSema\", "
        "uprobe:%s:\"runtime.startTheWorldWithSema\", uprobe:%s:\"runtime.preemptPark\" { @ = count(); }",
        copy, copy, copy, copy, copy);
    const char *const argv[] = {"bpftrace", "-e", script, NULL};
    pid_t pid = start(argv, log);
    struct pairs pairs = {0};
    if (!wait_for_text(log, "attached"))
        fail("bpftrace does not attach");
    for (size_t i = 0; i < CLOSED; i++) {
        pairs.values[0][pairs.counts[0]++] = closed_loop(bench, plain);
        pairs.values[1][pairs.counts[1]++] = closed_loop(bench, copy);
    }
    stop(pid);
    judge(bench, "bpftrace", "closed loop: requests/s", &pairs, 0, false);
}

int main(int argc, char **argv)
{
    const char *bin = getenv("RUNNER_TEST_BIN");
    struct bench bench = {.folder = "/tmp/runner-bench-XXXXXX", .pairs = argc > 1 ? atoi(argv[1]) : PAIRS};
    if (geteuid() != 0 || !bin || bench.pairs < 6 || bench.pairs > PAIRS_MOST)
        fail("start it as root, with RUNNER_TEST_BIN, and 6 to 64 pairs: make bench");
    snprintf(bench.bin, sizeof bench.bin, "%s", bin);
    if (!mkdtemp(bench.folder) ||
        chmod(bench.folder, 0755) < 0) /* the load has no rights and reads its body there */
        fail("no folder below /tmp");
    char line[128];
    snprintf(line, sizeof line,
             "head -c 1024 /dev/zero | tr '\\0' x | sed 's/^/{\"text\":\"/; s/$/\"}/' >%s/body",
             bench.folder);
    if (system(line) != 0)
        fail("the body cannot be written");
    printf("observe: a JSON server, bare against observed\n  %-9s %-26s %12s %12s  ratio (95%%)\n", "level",
           "", "bare", "observed");
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (argc < 3 || strcmp(argv[2], levels[i].name) == 0)
            measure_level(&bench, &levels[i]);
    if (argc < 3 || strcmp(argv[2], "bpftrace") == 0)
        measure_bpftrace(&bench);
    fd_remove_tree(AT_FDCWD, bench.folder);
    return bench.misses > 0;
}
