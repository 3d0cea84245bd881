/* Figures of whole trials against programs with a known truth, for each Go version that the probes know. A
   program's own constant (what the runtime does at the start) is taken away by a second demo with N = 0. */
#include "lab.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "runner/trace/trace.h"

/* Variants of the program; the demos' names are "none-VARIANT" and "some-VARIANT". */
static const char *const versions[] = {"1.19", "1.23"};
static const char *const linkings[] = {"stripped", "pie"};

static void demo_name(char name[32], const char *what, const char *variant)
{
    snprintf(name, 32, "%s-%s", what, variant);
    for (char *dot = name; (dot = strchr(dot, '.'));)
        *dot = '-';
}

/* Those of the two variants whose program was built: Ubuntu 24.04 has no Go 1.19. */
static size_t find_built(const char *const variants[2], const char *built[2])
{
    const char *folder = getenv("RUNNER_TEST_BIN");
    size_t count = 0;
    for (size_t i = 0; i < 2; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/accuracy/known-%s", folder ? folder : "build", variants[i]);
        if (access(path, X_OK) == 0)
            built[count++] = variants[i];
    }
    if (!count)
        cr_skip("no program of Go %s or %s was built", variants[0], variants[1]);
    return count;
}

/* Runs `known MODE 0` and `known MODE n` of the variants that were built, observed once, in one experiment.
   Returns how many variants there are. */
static size_t run_known(struct lab *lab, const char *const variants[2], const char *built[2],
                        const char *mode, int n, const char *level)
{
    size_t count = find_built(variants, built);
    char manifest[4096];
    int used = snprintf(manifest, sizeof manifest,
                        "version: 1\nexperiment: accuracy\n"
                        "controls: {gomaxprocs: 1, gogc: off}\n"
                        "trials: {warmup: 0, bare: 0, observed: 1}\n"
                        "probes: {sched: true, go: %s}\n"
                        "demos:\n",
                        level);
    for (size_t i = 0; i < 2 * count; i++) {
        char name[32];
        demo_name(name, i % 2 ? "some" : "none", built[i / 2]);
        used += snprintf(manifest + used, sizeof manifest - (size_t)used,
                         "  - {name: %s, exec: [\"@BIN@/accuracy/known-%s\", %s, \"%d\"]}\n", name,
                         built[i / 2], mode, i % 2 ? n : 0);
    }
    lab_run(lab, manifest);
    cr_assert_eq(lab->status, 0, "%s%s", lab->err, lab->out);
    return count;
}

static json_t *trial_of(const struct lab *lab, const char *what, const char *variant)
{
    char name[32];
    demo_name(name, what, variant);
    return lab_trial(lab, name, "observed", 0);
}

/* The difference of a metric between "some" and "none". */
static double gained(const struct lab *lab, const char *variant, const char *metric)
{
    json_t *none = trial_of(lab, "none", variant);
    json_t *some = trial_of(lab, "some", variant);
    double difference = lab_metric(some, metric) - lab_metric(none, metric);
    json_decref(none);
    json_decref(some);
    return difference;
}

static json_int_t parks_for(const struct lab *lab, const char *what, const char *variant, const char *reason)
{
    json_t *trial = trial_of(lab, what, variant);
    const json_t *parks = json_object_get(json_object_get(trial, "metrics"), "goroutines.parks");
    json_int_t count = json_integer_value(json_object_get(json_object_get(parks, "parts"), reason));
    json_decref(trial);
    return count;
}

Test(accuracy, k_sleeps_are_k_parks_of_their_length)
{
    struct lab lab;
    const char *built[2];
    size_t count = run_known(&lab, versions, built, "sleeps", 20, "core");
    for (size_t i = 0; i < count; i++) {
        cr_expect_eq(parks_for(&lab, "some", built[i], "sleep"), 20, "Go %s", built[i]);
        cr_expect_eq(parks_for(&lab, "none", built[i], "sleep"), 0, "Go %s", built[i]);
        json_t *trial = trial_of(&lab, "some", built[i]);
        const json_t *block = json_object_get(json_object_get(trial, "metrics"), "goroutines.block_time");
        const json_t *sleep = json_object_get(json_object_get(block, "parts"), "sleep");
        /* The runtime notes when to wake before it parks: a thread that is kept off its CPU between the two
           parks for less than was asked for. That does not happen to most. */
        cr_expect_geq(json_integer_value(json_object_get(sleep, "p50")), 5000000, "Go %s", built[i]);
        json_decref(trial);
    }
    lab_close(&lab);
}

Test(accuracy, a_channel_that_is_never_full_parks_nobody)
{
    struct lab lab;
    const char *built[2];
    size_t count = run_known(&lab, versions, built, "buffered", 10000, "core");
    for (size_t i = 0; i < count; i++) {
        cr_expect_eq(parks_for(&lab, "some", built[i], "chan send"), 0, "Go %s", built[i]);
        /* main waits for two goroutines of the collector before it begins (runtime/mgc.go, gcenable()): it
           parks once or twice for that, or not at all where they were first. */
        cr_expect_leq(parks_for(&lab, "some", built[i], "chan receive"), 2, "Go %s", built[i]);
    }
    lab_close(&lab);
}

Test(accuracy, k_writes_are_k_system_calls)
{
    struct lab lab;
    const char *built[2];
    size_t count = run_known(&lab, versions, built, "writes", 3000, "full");
    for (size_t i = 0; i < count; i++) {
        cr_expect_eq(gained(&lab, built[i], "syscalls"), 3000, "Go %s", built[i]);
    }
    lab_close(&lab);
}

Test(accuracy, k_timers_are_made_reset_and_stopped_k_times)
{
    struct lab lab;
    const char *built[2];
    size_t count = run_known(&lab, versions, built, "timers", 500, "full");
    for (size_t i = 0; i < count; i++) {
        cr_expect_eq(gained(&lab, built[i], "timers.made"), 500, "Go %s", built[i]);
        cr_expect_eq(gained(&lab, built[i], "timers.reset"), 500, "Go %s", built[i]);
        cr_expect_eq(gained(&lab, built[i], "timers.stopped"), 500, "Go %s", built[i]);
    }
    lab_close(&lab);
}

Test(accuracy, a_stack_that_grows_does_not_count_twice)
{
    struct lab lab;
    const char *built[2];
    size_t count = run_known(&lab, versions, built, "grows", 200, "core");
    for (size_t i = 0; i < count; i++) {
        cr_expect_eq(gained(&lab, built[i], "goroutines.created"), 200, "Go %s", built[i]);
        cr_expect_eq(gained(&lab, built[i], "goroutines.exited"), 200, "Go %s", built[i]);
        cr_expect_eq(gained(&lab, built[i], "goroutines.alive_at_end"), 0, "Go %s", built[i]);
    }
    lab_close(&lab);
}

Test(accuracy, stripped_and_position_independent_programs_count_alike)
{
    struct lab lab;
    const char *built[2];
    size_t count = run_known(&lab, linkings, built, "grows", 200, "full");
    for (size_t i = 0; i < count; i++) {
        json_t *none = trial_of(&lab, "none", built[i]);
        cr_expect_eq(lab_metric(none, "goroutines.created"), 1, "%s: main alone, not the runtime's",
                     built[i]);
        cr_expect_eq(gained(&lab, built[i], "goroutines.created"), 200, "%s", built[i]);
        cr_expect_eq(gained(&lab, built[i], "goroutines.exited"), 200, "%s", built[i]);
        json_decref(none);
    }
    lab_close(&lab);
}

Test(accuracy, k_yields_are_seen)
{
    struct lab lab;
    const char *built[2];
    size_t count = run_known(&lab, versions, built, "yields", 1000, "core");
    for (size_t i = 0; i < count; i++) {
        double yields = gained(&lab, built[i], "goroutines.yields");
        cr_expect(yields > 990 && yields < 2000, "Go %s: %f (a slice that ends by preemption counts, too)",
                  built[i], yields);
    }
    lab_close(&lab);
}

/* Events of a trial's trace, by our own reader. */
static size_t count_events(const struct lab *lab, const char *demo)
{
    char path[512], folder[600];
    struct error error = {0};
    struct trace_reader *reader = NULL;
    const struct event_header *event;
    size_t count = 0;
    int more;
    lab_trial_path(lab, demo, "observed", 0, path, sizeof path);
    snprintf(folder, sizeof folder, "%s/trace", path);
    AUTO_FD dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_eq(trace_reader_open(dir, &reader, &error), 0, "%s", error.text);
    while ((more = trace_read(reader, &event, &error)) > 0)
        count++;
    cr_assert_eq(more, 0, "%s", error.text);
    trace_reader_close(reader);
    return count;
}

Test(accuracy, a_demo_that_is_killed_in_the_middle_leaves_a_whole_trace)
{
    struct lab lab;
    lab_run(&lab, "version: 1\nexperiment: killed\n"
                  "controls: {gomaxprocs: 2, stop: {after: 500ms, signal: SIGKILL}}\n"
                  "trials: {warmup: 0, bare: 0, observed: 1}\nprobes: {sched: true, go: full}\n"
                  "demos: [{name: endless, exec: [\"@BIN@/accuracy/pingpong-1.23\", \"100000000\"], "
                  "expect: {exit: stopped}}]\n");
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *trial = lab_trial(&lab, "endless", "observed", 0);
    const json_t *trace = json_object_get(trial, "trace");
    cr_expect(json_is_true(json_object_get(trial, "complete")));
    cr_expect_gt(json_integer_value(json_object_get(trace, "events")), 1000);
    cr_expect_eq((json_int_t)count_events(&lab, "endless"),
                 json_integer_value(json_object_get(trace, "events")));
    cr_expect_eq(lab_metric(trial, "goroutines.created") - lab_metric(trial, "goroutines.exited"),
                 lab_metric(trial, "goroutines.alive_at_end"));
    cr_expect_gt(lab_metric(trial, "goroutines.alive_at_end"), 0);
    json_decref(trial);
    lab_close(&lab);
}

/* One thread, so that cpu.stat's throttled time (a sum over CPUs) and the thread's are the same: it counts.
   What a busy machine disturbs is tried again: one undisturbed trial of eight proves the figure. Told as
   information: a warning would make criterion's run fail. */
static bool agree_once(const char *cpu_max, const char *seen, const char *counted, double tolerance,
                       double at_least)
{
    bool agreed = false;
    for (int i = 0; i < 8 && !agreed; i++) {
        char manifest[1024];
        snprintf(manifest, sizeof manifest,
                 "version: 1\nexperiment: accuracy\n"
                 "controls: {stop: {after: 1500ms, signal: SIGTERM}, cgroup: {cpu.max: %s}}\n"
                 "trials: {warmup: 0, bare: 0, observed: 1}\nprobes: {go: none}\n"
                 "demos: [{name: counts, exec: [busybox, sh, -c, \"while :; do :; done\"]}]\n",
                 cpu_max);
        struct lab lab;
        lab_run(&lab, manifest);
        cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
        json_t *trial = lab_trial(&lab, "counts", "observed", 0);
        double a = lab_metric(trial, seen);
        double b = lab_metric(trial, counted);
        cr_assert(isfinite(a) && isfinite(b));
        agreed = b >= at_least && fabs(a - b) <= tolerance * b;
        if (!agreed)
            cr_log_info("%s %f, %s %f", seen, a, counted, b);
        json_decref(trial);
        lab_close(&lab);
    }
    return agreed;
}

Test(accuracy, throttling_is_told_from_waiting_for_a_cpu)
{
    cr_assert(agree_once("0.3", "sched.throttled", "cpu.throttled", 0.05, 100e6));
}

/* Interrupts are no CPU time of the task that they interrupt, where the kernel accounts for them apart: 2 to
   4% of an emulated processor. */
Test(accuracy, time_on_cpu_is_what_cpu_stat_says)
{
    cr_assert(agree_once("max", "sched.on_cpu", "cpu.time", lab_is_emulated() ? 0.06 : 0.01, 100e6));
}
