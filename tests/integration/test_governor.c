/* A program whose goroutines switch as fast as they can: beyond probes.rate_max they are only counted. */
#include "lab.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUNDS 250000 /* lasts several intervals of the governor */

static const json_t *metric_of(const json_t *trial, const char *name)
{
    return json_object_get(json_object_get(trial, "metrics"), name);
}

static void expect_unknown(const json_t *trial, const char *name)
{
    const char *reason = json_string_value(json_object_get(metric_of(trial, name), "reason"));
    cr_expect(json_is_null(json_object_get(metric_of(trial, name), "value")), "%s", name);
    cr_expect(reason && strstr(reason, "probes.rate_max"), "%s: %s", name, reason);
}

/* Each of the two parks once a round, and a few more may be at the ends. */
static void expect_exact_counts(const json_t *trial, double rounds)
{
    double parks = lab_metric(trial, "goroutines.parks");
    cr_expect(parks >= 2 * rounds && parks <= 2 * rounds + 8, "%.0f parks", parks);
    const json_t *metric = metric_of(trial, "goroutines.parks");
    const json_t *parts = json_object_get(metric, "parts");
    cr_expect_null(json_object_get(metric, "lossy"));
    double by_reason = json_number_value(json_object_get(parts, "chan receive")) +
                       json_number_value(json_object_get(parts, "chan send"));
    cr_expect(by_reason >= 2 * rounds && by_reason <= parks, "%.0f of channels", by_reason);
    cr_expect_eq(lab_metric(trial, "goroutines.created"), 2);
}

static void check_counted(const struct lab *lab)
{
    json_t *trial = lab_trial(lab, "counted", "observed", 0);
    const json_t *go = json_object_get(trial, "go");
    const json_t *row = json_array_get(json_object_get(go, "counted"), 0);
    cr_expect_eq(json_array_size(json_object_get(go, "counted")), 1u);
    cr_expect_str_eq(json_string_value(json_object_get(row, "events")), "goroutine switches");
    cr_expect_eq(json_integer_value(json_object_get(row, "rate_max_per_s")), 20000);
    cr_expect_gt(json_integer_value(json_object_get(row, "rate_per_s")), 20000);
    cr_expect_gt(json_integer_value(json_object_get(row, "counted")), 0);
    cr_expect(json_is_true(json_object_get(go, "plausible")));
    expect_exact_counts(trial, ROUNDS);
    expect_unknown(trial, "goroutines.wake_latency");
    expect_unknown(trial, "goroutines.block_time");
    expect_unknown(trial, "goroutines.run_slice");
    expect_unknown(trial, "goroutines.leaked");
    cr_expect(json_is_null(json_object_get(go, "leaked")));
    const json_t *series = json_object_get(trial, "series");
    cr_expect(json_is_null(json_object_get(series, "parked")));
    cr_expect(json_is_array(json_object_get(series, "created")));
    json_decref(trial);
}

static bool run(struct lab *lab, const char *release, int rounds, const char *rate_max)
{
    char path[512], manifest[1024];
    snprintf(path, sizeof path, "%s/accuracy/pingpong-%s", getenv("RUNNER_TEST_BIN"), release);
    lab_open(lab);
    snprintf(manifest, sizeof manifest,
             "version: 1\nexperiment: governor\ncontrols: {gomaxprocs: 1, timeout: 120s}\n"
             "trials: {warmup: 0, bare: 0, observed: 1}\nprobes: {ring: 64MiB%s}\n"
             "demos:\n  - {name: counted, exec: [\"%s\", \"%d\"]}\n",
             rate_max, path, rounds);
    if (access(path, X_OK) != 0)
        return false;
    lab_run_inside(lab, manifest);
    cr_assert_eq(lab->status, 0, "%s%s", lab->err, lab->out);
    return true;
}

static void check_release(const char *release)
{
    struct lab lab;
    if (!run(&lab, release, ROUNDS, ", rate_max: 20000/s")) {
        lab_close(&lab);
        cr_skip("there is no accuracy/pingpong-%s here", release);
    }
    check_counted(&lab);
    cr_expect(strstr(lab.out, "probes.rate_max"), "the terminal says nothing: %s", lab.out);
    lab_close(&lab);
}

Test(governor, what_comes_too_often_is_counted_exactly_and_said_so)
{
    check_release("1.23");
}

Test(governor, the_oldest_go_is_counted_as_well)
{
    check_release("1.19");
}

Test(governor, nothing_is_only_counted_below_the_bound)
{
    struct lab lab;
    if (!run(&lab, "1.23", 2000, "")) {
        lab_close(&lab);
        cr_skip("there is no accuracy/pingpong-1.23 here");
    }
    json_t *trial = lab_trial(&lab, "counted", "observed", 0);
    cr_expect_eq(json_array_size(json_object_get(json_object_get(trial, "go"), "counted")), 0u);
    expect_exact_counts(trial, 2000);
    cr_expect(lab_metric(trial, "goroutines.wake_latency") > 0);
    json_decref(trial);
    lab_close(&lab);
}
