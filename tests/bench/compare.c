/*
 * Comparing many bundles: 400 of 10 demos, 21 trials and 40 figures, with their p99s and A/A copies where
 * real ones have them. Read, tested, corrected and printed as CSV of what differs. Targets: 5 s and 256 MiB.
 * And one exact Mann-Whitney test of 30 against 30 with ties: 1 ms.
 *
 *     build/bench/compare
 */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runner/compare/compare.h"
#include "runner/report/comparison_formats.h"
#include "runner/stats/rank_test.h"
#include "runner/store/files.h"
#include "runner/support/fd.h"
#include "tests/bench/events.h"

enum { BUNDLES = 400, DEMOS = 10, BARE = 10, OBSERVED = 11, FIGURES = 40, ROUNDS = 2 };
#define SECONDS 5.0
#define BYTES   (256ull << 20)
#define MWU_MS  1.0

static double uniform(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (double)(*state * 0x2545F4914F6CDD1DULL >> 11) / 9007199254740992.0;
}

/* `count` values around the centre; counts are whole and small, so that they have ties. */
static json_t *sample(const struct metric_info *info, int count, double factor, uint64_t *state)
{
    json_t *values = json_array();
    for (int i = 0; i < count; i++) {
        double value = info->unit == UNIT_COUNT   ? floor(20 * factor * (0.8 + 0.4 * uniform(state)))
                       : info->unit == UNIT_RATIO ? uniform(state)
                                                  : 1e8 * factor * (0.95 + 0.1 * uniform(state));
        json_array_append_new(values, metric_number(info->unit == UNIT_RATIO ? value : floor(value)));
    }
    return json_pack("{s:s, s:o, s:i, s:o, s:[f,f,f], s:b}", "unit", metric_unit_name(info->unit), "values",
                     values, "trials", count, "median", json_incref(json_array_get(values, 0)), "ci", 1e8,
                     1.1e8, 0.95, "lossy", 0);
}

/* What a summary holds beside the values. */
static json_t *ratios(const json_t *figures)
{
    const char *name;
    json_t *ignored, *json = json_object();
    json_object_foreach ((json_t *)figures, name, ignored)
        json_object_set_new(json, name,
                            json_pack("{s:f, s:[f,f,f], s:[i,i]}", "ratio", 1.0123456789, "ci", 0.9, 1.1,
                                      0.95, "trials", 10, 10));
    return json;
}

/* Half of the figures are of bare trials, half of observed ones; each role lists all of its own. */
static json_t *demo(int bundle, int number, uint64_t *state)
{
    json_t *roles[2] = {json_object(), json_object()};
    int left[2] = {FIGURES / 2, FIGURES / 2};
    for (unsigned id = 0; id < METRIC_ID_COUNT; id++) {
        const struct metric_info *info = metric_info((enum metric_id)id);
        int role = info->trials == METRIC_BARE ? 0 : 1;
        if (left[role] == 0)
            continue;
        left[role]--;
        /* Some differ: every tenth bundle is slower in time. */
        double factor = bundle % 10 == 3 && info->id == METRIC_CPU_TIME ? 1.3 : 1;
        json_t *figure = sample(info, role ? OBSERVED : BARE, factor, state);
        if (info->distribution)
            json_object_set_new(figure, "p99", sample(info, role ? OBSERVED : BARE, 1, state));
        json_object_set_new(roles[role], info->name, figure);
    }
    json_t *json = json_pack("{s:o, s:o, s:{s:{s:i},s:{s:i}}, s:i}", "bare", roles[0], "observed", roles[1],
                             "verdicts", "bare", "ok", BARE, "observed", "ok", OBSERVED, "unexpected", 0);
    if (number)
        json_object_set_new(json, "comparison",
                            json_pack("{s:o, s:o}", "bare", ratios(roles[0]), "observed", ratios(roles[1])));
    return json;
}

static void write_bundle(int parent, int number)
{
    char name[32], demo_name[16];
    uint64_t state = 0x9E3779B97F4A7C15ULL + (uint64_t)number;
    struct error error = {0};
    snprintf(name, sizeof name, "bundle-%03d", number);
    mkdirat(parent, name, 0755);
    AUTO_FD dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    json_t *demos = json_object(), *facts = json_object();
    for (int i = 0; i < DEMOS; i++) {
        snprintf(demo_name, sizeof demo_name, "demo-%d", i);
        json_object_set_new(demos, demo_name, demo(number, i, &state));
        json_object_set_new(facts, demo_name,
                            json_pack("{s:s, s:s}", "go_version", "go1.23.5", "go_line", "1.23"));
    }
    json_t *summary = json_pack("{s:i, s:s, s:s, s:f, s:o}", "schema", 1, "experiment", "bench", "baseline",
                                "demo-0", "level", 0.95, "demos", demos);
    json_t *experiment = json_pack("{s:i, s:b, s:s, s:s, s:o, s:{s:s, s:s}, s:[]}", "schema", 1, "complete",
                                   1, "name", "bench", "bundle", name, "demos", facts, "environment",
                                   "cpu_model", "Abacus", "kernel_release", "6.1.0", "trials");
    for (int i = 0; i < DEMOS * (BARE + OBSERVED); i++) /* as many rows as a real one has */
        json_array_append_new(json_object_get(experiment, "trials"),
                              json_pack("{s:s, s:s, s:i, s:s, s:b}", "path", "demos/demo-0/trial-001-bare",
                                        "demo", "demo-0", "trial", i, "verdict", "ok", "expected", 1));
    if (file_write_json(dir, "summary.json", summary, &error) < 0 ||
        file_write_json(dir, "experiment.json", experiment, &error) < 0 ||
        file_write_checksums(dir, &error) < 0)
        bench_fail(&error);
    json_decref(summary);
    json_decref(experiment);
}

/* CPU time of this process. */
static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double duration(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* In a process of its own, so that its memory can be told. */
static void compare_all(const char *folder)
{
    struct error error = {0};
    struct comparison *comparison = compare_create(false);
    FILE *out = fopen("/dev/null", "w");
    double start = seconds();
    for (int i = 0; i < BUNDLES; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/bundle-%03d", folder, i);
        if (compare_add(comparison, path, &error) < 0)
            bench_fail(&error);
    }
    double read = seconds();
    if (compare_run(comparison, &error) < 0)
        bench_fail(&error);
    double tested = seconds();
    comparison_csv(comparison, false, out);
    double end = seconds();
    fprintf(stderr, "  read %.2f s, compare %.2f s, print %.2f s\n", read - start, tested - read,
            end - tested);
    size_t pairs = compare_demo_count(comparison);
    fclose(out);
    _exit(pairs == (size_t)(BUNDLES - 1) * DEMOS ? 0 : 1);
}

static bool run_round(const char *folder, double *best, long *peak)
{
    pid_t child = fork();
    if (child == 0)
        compare_all(folder);
    int status;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) < 0 || status != 0)
        return false;
    *best = fmin(*best, duration(usage.ru_utime) + duration(usage.ru_stime));
    *peak = usage.ru_maxrss > *peak ? usage.ru_maxrss : *peak;
    return true;
}

static double mann_whitney_ms(void)
{
    double x[30], y[30], best = INFINITY;
    uint64_t state = 42;
    for (int i = 0; i < 30; i++) {
        x[i] = floor(40 * uniform(&state));
        y[i] = floor(44 * uniform(&state));
    }
    for (int i = 0; i < 50; i++) {
        struct rank_test test;
        double start = seconds();
        stats_mann_whitney(x, 30, y, 30, &test);
        best = fmin(best, (seconds() - start) * 1e3);
        if (!test.exact)
            return INFINITY;
    }
    return best;
}

int main(void)
{
    struct bench_folder folder;
    double best = INFINITY, exact = mann_whitney_ms();
    long peak = 0;
    bench_folder_make(&folder);
    for (int i = 0; i < BUNDLES; i++)
        write_bundle(folder.dir, i);
    bool ran = true;
    for (int i = 0; i < ROUNDS && ran; i++)
        ran = run_round(folder.path, &best, &peak);
    bench_folder_remove(&folder);
    bool slow = !(best <= SECONDS), large = (unsigned long long)peak * 1024 > BYTES,
         late = !(exact <= MWU_MS);
    printf("compare: %d bundles x %d demos x %d trials x %d figures: %.2f s of CPU time (target: at most "
           "%.0f)%s, %.0f MiB "
           "(at most %llu)%s\n",
           BUNDLES, DEMOS, BARE + OBSERVED, FIGURES, best, SECONDS, slow ? "  MISSED" : "",
           (double)peak / 1024, BYTES >> 20, large ? "  MISSED" : "");
    printf("compare: exact Mann-Whitney with ties, 30 against 30: %.2f ms (target: at most %.0f)%s\n", exact,
           MWU_MS, late ? "  MISSED" : "");
    return !ran || slow || large || late;
}
