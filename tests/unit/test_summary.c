#include "runner/summary/summary.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A trial whose CPU time is `ms`, wall time twice that. */
static void add(struct summary *summary, const char *demo, enum trial_role role, unsigned number, double ms,
                bool expected)
{
    struct metrics metrics = {0};
    metrics_set(&metrics, METRIC_CPU_TIME, ms * 1e6);
    metrics_set(&metrics, METRIC_TIME_WALL, 2 * ms * 1e6);
    metrics_unknown(&metrics, METRIC_IO_READ, "no io controller");
    if (role == ROLE_OBSERVED) {
        metrics_set(&metrics, METRIC_GOROUTINES_CREATED, strcmp(demo, "no-pool") == 0 ? 100 : 0);
        struct histogram *latency = &metrics.values[METRIC_GOROUTINES_WAKE_LATENCY].histogram;
        for (uint64_t i = 1; i <= 100; i++)
            cr_assert_eq(histogram_add(latency, i), 0);
        metrics_set(&metrics, METRIC_GOROUTINES_WAKE_LATENCY, 50);
        metrics.values[METRIC_GOROUTINES_WAKE_LATENCY].lossy = true;
        metrics.values[METRIC_GOROUTINES_WAKE_LATENCY].lost = 4;
    }
    const struct summary_trial trial = {
        .demo = demo,
        .role = role,
        .number = number,
        .metrics = &metrics,
        .verdict = expected ? "ok" : "panic",
        .expected = expected,
        .event_count = role == ROLE_OBSERVED ? 1000 : 0,
        .event_bytes = role == ROLE_OBSERVED ? 44000 : 0,
        .duration_ns = 500000000,
    };
    cr_assert_eq(summary_add_trial(summary, &trial), 0);
    metrics_free(&metrics);
}

static struct summary *sample(void)
{
    struct summary *summary = summary_create("sync-pool", "no-pool");
    for (unsigned i = 0; i < 8; i++) {
        add(summary, "no-pool", ROLE_BARE, 40 - 2 * i, 100 + i, true);
        add(summary, "pool-2", ROLE_BARE, 41 - 2 * i, 50 + i, i != 3);
        add(summary, "pool-2", ROLE_OBSERVED, 60 + i, 55 + i, true);
        add(summary, "no-pool", ROLE_OBSERVED, 60 + i, 110 + i, true);
    }
    add(summary, "pool-2", ROLE_WARMUP, 1, 9999, true);
    return summary;
}

/* Walks a path of keys. */
static json_t *at(json_t *json, const char *path)
{
    char copy[200];
    snprintf(copy, sizeof copy, "%s", path);
    char *rest = NULL;
    for (char *key = strtok_r(copy, "/", &rest); key; key = strtok_r(NULL, "/", &rest))
        json = json_object_get(json, key);
    cr_assert_not_null(json, "%s", path);
    return json;
}

Test(summary, values_stand_in_the_order_of_trials_with_median_and_interval)
{
    struct summary *summary = sample();
    json_t *json = summary_json(summary);
    json_t *cpu = at(json, "demos/no-pool/bare/cpu.time");
    cr_assert_eq(json_integer_value(json_array_get(json_object_get(cpu, "values"), 0)), 107000000);
    cr_assert_eq(json_integer_value(json_array_get(at(json, "demos/no-pool/trials/bare"), 0)), 26);
    cr_assert_eq(json_number_value(json_object_get(cpu, "median")), 103500000);
    json_t *ci = json_object_get(cpu, "ci");
    cr_assert_eq(json_number_value(json_array_get(ci, 0)), 100000000);
    cr_assert_eq(json_number_value(json_array_get(ci, 1)), 107000000);
    cr_assert_geq(json_number_value(json_array_get(ci, 2)), 0.95);
    cr_assert(json_is_false(json_object_get(cpu, "lossy")));
    json_decref(json);
    summary_free(summary);
}

Test(summary, what_is_not_known_is_null_with_its_reason)
{
    struct summary *summary = sample();
    json_t *json = summary_json(summary);
    json_t *io = at(json, "demos/pool-2/bare/io.read");
    cr_assert(json_is_null(json_object_get(io, "median")));
    cr_assert(json_is_null(json_array_get(json_object_get(io, "values"), 0)));
    cr_assert_eq(json_integer_value(json_object_get(io, "trials")), 0);
    cr_assert_str_eq(json_string_value(json_object_get(io, "reason")), "no io controller");
    cr_assert_null(json_object_get(at(json, "demos/pool-2/bare"), "gc.count"), "nobody spoke of it");
    json_decref(json);
    summary_free(summary);
}

Test(summary, losses_and_tails_are_kept)
{
    struct summary *summary = sample();
    json_t *json = summary_json(summary);
    json_t *latency = at(json, "demos/pool-2/observed/goroutines.wake_latency");
    cr_assert(json_is_true(json_object_get(latency, "lossy")));
    cr_assert_eq(json_integer_value(json_object_get(latency, "lost")), 32);
    cr_assert_eq(json_integer_value(at(latency, "p99/median")), 99);
    json_decref(json);
    summary_free(summary);
}

Test(summary, the_observers_cost_is_a_ratio_with_its_interval)
{
    struct summary *summary = sample();
    json_t *json = summary_json(summary);
    json_t *observer = at(json, "demos/pool-2/observer");
    double ratio = json_number_value(at(observer, "cpu_ratio/ratio"));
    cr_assert(ratio > 1.08 && ratio < 1.11, "%g", ratio);
    json_t *ci = at(observer, "cpu_ratio/ci");
    cr_assert_lt(json_number_value(json_array_get(ci, 0)), ratio);
    cr_assert_gt(json_number_value(json_array_get(ci, 1)), ratio);
    cr_assert_eq(json_number_value(at(observer, "events_per_s/median")), 2000);
    cr_assert_eq(json_number_value(at(observer, "bytes_per_event/median")), 44);
    json_decref(json);
    summary_free(summary);
}

Test(summary, demos_are_compared_with_the_baseline)
{
    struct summary *summary = sample();
    json_t *json = summary_json(summary);
    json_t *ratio = at(json, "demos/pool-2/comparison/bare/cpu.time");
    cr_assert_lt(json_number_value(json_array_get(json_object_get(ratio, "ci"), 1)), 0.6);
    json_t *none = at(json, "demos/pool-2/comparison/observed/goroutines.created");
    cr_assert(json_is_null(json_object_get(none, "ratio")), "zeros have no ratio");
    cr_assert_not_null(json_object_get(none, "reason"));
    cr_assert_eq(json_integer_value(json_object_get(none, "difference")), -100);
    cr_assert_eq(json_number_value(json_array_get(json_object_get(none, "difference_ci"), 1)), -100);
    cr_assert_null(json_object_get(at(json, "demos/no-pool"), "comparison"));
    json_decref(json);
    summary_free(summary);
}

Test(summary, verdicts_are_counted_and_warmups_left_out)
{
    struct summary *summary = sample();
    json_t *json = summary_json(summary);
    cr_assert_eq(json_integer_value(at(json, "demos/pool-2/verdicts/bare/ok")), 7);
    cr_assert_eq(json_integer_value(at(json, "demos/pool-2/verdicts/bare/panic")), 1);
    cr_assert_eq(json_integer_value(at(json, "demos/pool-2/unexpected")), 1);
    cr_assert_eq(json_object_size(at(json, "demos/pool-2/verdicts")), 2);
    json_decref(json);
    summary_free(summary);
}

Test(summary, three_trials_have_a_median_but_no_interval)
{
    struct summary *summary = summary_create("x", "a");
    for (unsigned i = 0; i < 3; i++)
        add(summary, "a", ROLE_BARE, i, 10 + i, true);
    json_t *json = summary_json(summary);
    json_t *cpu = at(json, "demos/a/bare/cpu.time");
    cr_assert_eq(json_number_value(json_object_get(cpu, "median")), 11e6);
    cr_assert(json_is_null(json_object_get(cpu, "ci")));
    cr_assert_not_null(json_object_get(cpu, "ci_reason"));
    json_decref(json);
    summary_free(summary);
}

Test(summary, benchmarks_are_in_the_go_format)
{
    struct summary *summary = sample();
    char *text = summary_benchmarks(summary);
    cr_assert_eq(strncmp(text, "goos: linux\ngoarch: ", 20), 0);
    cr_assert_not_null(
        strstr(text, "\npkg: sync-pool\nBenchmarkNoPool 1 214000000 ns/op 107000000 cpu-ns/op\n"));
    cr_assert_not_null(strstr(text, "\nBenchmarkPool_2 1 "));
    unsigned lines = 0;
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    cr_assert_eq(lines, 3 + 16, "one a bare trial");
    free(text);
    summary_free(summary);
}

/* A trial under a load, whose answers took 100 and 300 us. */
static void add_loaded(struct summary *summary, unsigned number, bool invalid)
{
    struct metrics metrics = {0};
    struct histogram *latency = &metrics.values[METRIC_LOAD_LATENCY_DUE].histogram;
    for (int i = 0; i < 100; i++)
        cr_assert_eq(histogram_add(latency, i < 90 ? 100000 : 300000), 0);
    metrics_set(&metrics, METRIC_LOAD_LATENCY_DUE, 100000);
    metrics_set(&metrics, METRIC_CPU_TIME, 5e6);
    metrics_set(&metrics, METRIC_WORK_CPU_PER_UNIT, 50000);
    const struct summary_trial trial = {
        .demo = "server",
        .role = ROLE_BARE,
        .number = number,
        .metrics = &metrics,
        .verdict = invalid ? "load_invalid" : "stopped",
        .expected = !invalid,
        .load_invalid = invalid,
    };
    cr_assert_eq(summary_add_trial(summary, &trial), 0);
    metrics_free(&metrics);
}

Test(summary, a_trial_whose_load_was_late_gives_no_figure)
{
    struct summary *summary = summary_create("load", "server");
    for (unsigned i = 1; i <= 6; i++)
        add_loaded(summary, i, i == 3);
    json_t *json = summary_json(summary);
    cr_expect_eq(json_integer_value(at(json, "demos/server/bare/cpu.time/trials")), 5);
    cr_expect_eq(json_integer_value(at(json, "demos/server/bare/load.latency_due/trials")), 5);
    cr_expect_eq(json_integer_value(at(json, "demos/server/verdicts/bare/load_invalid")), 1);
    char *text = summary_benchmarks(summary);
    const char *line =
        strstr(text, "\nBenchmarkServer 1 100000 p50-ns 50000 cpu-ns/unit 5000000 cpu-ns/op 30");
    cr_expect(line && strstr(line, " p99-ns\n"), "%s", text);
    free(text);
    json_decref(json);
    summary_free(summary);
}

/* An observed trial whose wake-ups take so long at p99. */
static void add_waking(struct summary *summary, unsigned number, uint64_t wake_ns, bool invalid)
{
    struct metrics metrics = {0};
    struct histogram latency = {0};
    for (int i = 0; i < 100; i++)
        cr_assert_eq(histogram_add(&latency, wake_ns), 0);
    metrics_set_distribution(&metrics, METRIC_GOROUTINES_WAKE_LATENCY, &latency, "nothing");
    const struct summary_trial trial = {.demo = "d",
                                        .role = ROLE_OBSERVED,
                                        .number = number,
                                        .metrics = &metrics,
                                        .verdict = "ok",
                                        .expected = true,
                                        .load_invalid = invalid};
    cr_assert_eq(summary_add_trial(summary, &trial), 0);
    metrics_free(&metrics);
}

Test(summary, a_broken_health_bound_is_told_with_its_worst_trial)
{
    struct summary *summary = summary_create("s", "d");
    add_waking(summary, 1, 100000, false);
    add_waking(summary, 2, 4000000, false);
    add_waking(summary, 3, 700000, false);
    add_waking(summary, 4, 90000000, true); /* its load was invalid: it says nothing */
    add(summary, "d", ROLE_BARE, 5, 10, true);
    json_t *json = summary_json(summary), *broken = at(json, "demos/d/bounds_broken");
    cr_assert_eq(json_array_size(broken), 1);
    json_t *row = json_array_get(broken, 0);
    cr_expect_str_eq(json_string_value(json_object_get(row, "metric")), "goroutines.wake_latency");
    cr_expect_float_eq(json_number_value(json_object_get(row, "value")), 4e6, 4e4);
    cr_expect_float_eq(json_number_value(json_object_get(row, "limit")), 500e3, 1);
    cr_expect_eq(json_integer_value(json_object_get(row, "shown")), 2);
    cr_expect_eq(json_integer_value(json_object_get(row, "of")), 3);
    cr_expect_not_null(json_string_value(json_object_get(row, "means")));
    json_decref(json);
    summary_free(summary);
    summary = sample();
    json = summary_json(summary);
    cr_expect_eq(json_array_size(at(json, "demos/pool-2/bounds_broken")), 0);
    json_decref(json);
    summary_free(summary);
}
