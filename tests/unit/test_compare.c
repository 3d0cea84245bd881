/* What a comparison says of bundles whose content is known. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/compare_fixture.h"

#define N            10
#define ONE(fixture) fixture_compare((struct bundle_fixture *[]){&(fixture)}, 1)

static void add(struct bundle_fixture *fixture, const char *demo, const char *metric, double centre,
                unsigned seed)
{
    double values[N];
    fixture_spread(values, N, centre, 0.02, seed);
    fixture_values(fixture, demo, metric_by_name(metric)->trials == METRIC_BARE ? "bare" : "observed", metric,
                   values, N);
}

/* The row of a metric of the first pair; borrowed from *demo, which the caller frees. */
static const json_t *row_of(const struct comparison *comparison, const char *metric, const char *quantile,
                            json_t **demo)
{
    size_t index;
    const json_t *row;
    *demo = compare_demo_json(comparison, 0, true);
    json_array_foreach (json_object_get(*demo, "metrics"), index, row) {
        const char *part = json_string_value(json_object_get(row, "quantile"));
        if (strcmp(json_string_value(json_object_get(row, "metric")), metric) == 0 &&
            (part != NULL) == (quantile != NULL))
            return row;
    }
    cr_assert_fail("no row %s", metric);
    return NULL;
}

static const char *text(const json_t *json, const char *key)
{
    return json_string_value(json_object_get(json, key));
}

static double number(const json_t *json, const char *key)
{
    cr_assert(json_is_number(json_object_get(json, key)), "%s", key);
    return json_number_value(json_object_get(json, key));
}

Test(compare, a_demo_that_needs_less_is_better_and_the_cause_stands_beside_it)
{
    struct bundle_fixture fixture = fixture_make("b1", "no-pool");
    add(&fixture, "no-pool", "cpu.time", 1e9, 1);
    add(&fixture, "pool", "cpu.time", 0.62e9, 2);
    add(&fixture, "no-pool", "gc.count", 900, 3);
    add(&fixture, "pool", "gc.count", 100, 4);
    add(&fixture, "no-pool", "memory.peak", 1e6, 5);
    add(&fixture, "pool", "memory.peak", 1e6, 6);
    struct comparison *comparison = ONE(fixture);
    json_t *demo;
    const json_t *row = row_of(comparison, "cpu.time", NULL, &demo);
    cr_assert_str_eq(text(row, "verdict"), "better");
    cr_assert_eq(number(row, "delta"), -1);
    cr_assert(fabs(number(json_object_get(row, "effect"), "value") - 0.62) < 0.01);
    /* Three tests of weight 8: the smallest p is 2 / C(20, 10). */
    cr_assert(fabs(number(row, "p") - 2.0 / 184756) < 1e-12);
    cr_assert(fabs(number(row, "p_holm") - 6.0 / 184756) < 1e-12);
    cr_assert_eq(json_array_size(json_object_get(json_object_get(row, "this"), "values")), N);
    cr_assert(strstr(text(demo, "headline"), "pool is better: 38% less CPU time (interval ") ==
                  text(demo, "headline"),
              "%s", text(demo, "headline"));
    const json_t *cause = json_array_get(json_object_get(demo, "causes"), 0);
    cr_assert_str_eq(text(cause, "effect"), "cpu.time");
    cr_assert_not_null(strstr(text(cause, "text"), "89% fewer garbage collections ("), "%s",
                       text(cause, "text"));
    cr_assert_str_eq(json_string_value(json_array_get(json_object_get(cause, "metrics"), 0)), "gc.count");
    json_decref(demo);
    row = row_of(comparison, "memory.peak", NULL, &demo);
    cr_assert_str_eq(text(row, "verdict"), "not_shown");
    cr_assert(number(row, "detectable") > 0.01 && number(row, "detectable") < 0.05, "%g",
              number(row, "detectable"));
    json_decref(demo);
    compare_free(comparison);
    fixture_free(&fixture);
}

Test(compare, a_cause_that_rounds_to_nothing_is_not_told)
{
    struct bundle_fixture fixture = fixture_make("b1", "a");
    double values[N];
    add(&fixture, "a", "cpu.time", 1e9, 1);
    add(&fixture, "b", "cpu.time", 2e9, 2);
    for (unsigned demo = 0; demo < 2; demo++) {
        for (size_t i = 0; i < N; i++)
            values[i] = 1e9 + (demo ? 1e4 : 0) + (double)i;
        values[0] = demo ? values[0] : 0; /* a zero: there is no ratio, the difference is 10,000 */
        fixture_values(&fixture, demo ? "b" : "a", "observed", "gc.count", values, N);
    }
    struct comparison *comparison = ONE(fixture);
    json_t *demo;
    const json_t *row = row_of(comparison, "gc.count", NULL, &demo);
    cr_assert_str_eq(text(json_object_get(row, "effect"), "kind"), "difference");
    cr_assert_gt(json_number_value(json_array_get(json_object_get(json_object_get(row, "effect"), "ci"), 0)),
                 0);
    cr_expect_eq(json_array_size(json_object_get(demo, "causes")), 0, "from 1.00 G to 1.00 G");
    json_decref(demo);
    compare_free(comparison);
    fixture_free(&fixture);
}

Test(compare, what_is_higher_is_better_where_the_metric_says_so)
{
    struct bundle_fixture fixture = fixture_make("b1", "a");
    add(&fixture, "a", "load.rate_achieved", 400, 1);
    add(&fixture, "b", "load.rate_achieved", 500, 2);
    add(&fixture, "a", "sched.off_cpu", 400, 3);
    add(&fixture, "b", "sched.off_cpu", 500, 4);
    struct comparison *comparison = ONE(fixture);
    json_t *demo;
    cr_assert_str_eq(text(row_of(comparison, "load.rate_achieved", NULL, &demo), "verdict"), "better");
    cr_assert_not_null(strstr(text(demo, "headline"), "% higher rate of right answers (interval "));
    json_decref(demo);
    cr_assert_str_eq(text(row_of(comparison, "sched.off_cpu", NULL, &demo), "verdict"), "different");
    json_decref(demo);
    compare_free(comparison);
    fixture_free(&fixture);
}

Test(compare, five_trials_are_too_few_among_many_figures_and_it_says_how_many_would_do)
{
    struct bundle_fixture fixture = fixture_make("b1", "a");
    static const char *const metrics[] = {"time.wall",        "cpu.time",           "memory.peak",
                                          "gc.count",         "goroutines.created", "goroutines.peak",
                                          "goroutines.leaked"};
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 2; j++) {
            double values[5];
            fixture_spread(values, 5, j ? 2e6 : 1e6, 0.01, (unsigned)(i * 2 + j));
            fixture_values(&fixture, j ? "b" : "a", i < 3 ? "bare" : "observed", metrics[i], values, 5);
        }
    struct comparison *comparison = ONE(fixture);
    json_t *demo;
    const json_t *row = row_of(comparison, "cpu.time", NULL, &demo);
    cr_assert_str_eq(text(row, "verdict"), "too_few"); /* 7 * 2 / C(10, 5) = 0.0556 */
    cr_assert_not_null(
        strstr(text(row, "reason"), "5 and 5 trials cannot show a difference among 7 figures; 6 each could"),
        "%s", text(row, "reason"));
    cr_assert(json_is_null(json_object_get(row, "detectable")));
    cr_assert_not_null(strstr(text(demo, "headline"), "too few trials to tell b from a"), "%s",
                       text(demo, "headline"));
    json_decref(demo);
    compare_free(comparison);
    fixture_free(&fixture);
}

Test(compare, one_trial_and_none_are_no_crash_and_no_figure)
{
    struct bundle_fixture fixture = fixture_make("b1", "a");
    const double one = 5, unknown = NAN;
    fixture_values(&fixture, "a", "bare", "cpu.time", &one, 1);
    fixture_values(&fixture, "b", "bare", "cpu.time", &one, 1);
    fixture_values(&fixture, "a", "bare", "time.wall", &unknown, 1);
    fixture_values(&fixture, "b", "bare", "time.wall", NULL, 0);
    fixture_values(&fixture, "b", "bare", "memory.peak", &one, 1); /* missing in a */
    struct comparison *comparison = ONE(fixture);
    json_t *demo;
    const json_t *row = row_of(comparison, "cpu.time", NULL, &demo);
    cr_assert_str_eq(text(row, "verdict"), "not_shown"); /* identical values are no test */
    cr_assert(json_is_null(json_object_get(json_object_get(row, "effect"), "ci")));
    json_decref(demo);
    row = row_of(comparison, "time.wall", NULL, &demo);
    cr_assert_str_eq(text(row, "verdict"), "unknown");
    cr_assert(json_is_null(json_object_get(row, "effect")));
    cr_assert(json_is_null(json_object_get(json_object_get(row, "this"), "median")));
    json_decref(demo);
    row = row_of(comparison, "memory.peak", NULL, &demo);
    cr_assert_str_eq(text(row, "verdict"), "unknown");
    cr_assert_str_eq(text(row, "reason"), "the baseline has no value: no trial speaks of it");
    json_decref(demo);
    compare_free(comparison);
    fixture_free(&fixture);
}

Test(compare, zeros_give_a_difference_and_never_an_infinite_ratio)
{
    struct bundle_fixture fixture = fixture_make("b1", "a");
    double zeros[N] = {0}, some[N];
    fixture_spread(some, N, 12, 0.1, 1);
    fixture_values(&fixture, "a", "observed", "goroutines.leaked", zeros, N);
    fixture_values(&fixture, "b", "observed", "goroutines.leaked", some, N);
    struct comparison *comparison = ONE(fixture);
    json_t *demo;
    const json_t *effect = json_object_get(row_of(comparison, "goroutines.leaked", NULL, &demo), "effect");
    cr_assert_str_eq(text(effect, "kind"), "difference");
    cr_assert(fabs(number(effect, "value") - 12) < 1);
    cr_assert_not_null(strstr(text(demo, "headline"), "b is worse: "), "%s", text(demo, "headline"));
    cr_assert_not_null(strstr(text(demo, "headline"), " more leaked goroutines (interval "), "%s",
                       text(demo, "headline"));
    json_decref(demo);
    compare_free(comparison);
    fixture_free(&fixture);
}

Test(compare, nothing_is_claimed_within_the_noise_floor)
{
    struct bundle_fixture fixture = fixture_make("b1", "a");
    double copy[N];
    add(&fixture, "a", "cpu.time", 1e9, 1);
    add(&fixture, "b", "cpu.time", 1.10e9, 2);
    fixture_spread(copy, N, 1.15e9, 0.02, 3); /* the same program, 15% off */
    fixture_values(&fixture, "a", "aa", "cpu.time", copy, N);
    struct comparison *comparison = ONE(fixture);
    json_t *demo, *head = compare_head_json(comparison);
    const json_t *row = row_of(comparison, "cpu.time", NULL, &demo);
    const json_t *noise = json_object_get(json_object_get(head, "noise"), "cpu.time");
    cr_assert_str_eq(text(row, "verdict"), "not_shown");
    cr_assert(number(row, "p_holm") < 0.05);
    cr_assert_not_null(strstr(text(row, "reason"),
                              "within the noise floor: the baseline differs from its own copy by up to 1"),
                       "%s", text(row, "reason"));
    cr_assert(fabs(number(noise, "ratio") - 1.15) < 0.02);
    cr_assert(fabs(number(noise, "floor") -
                   (json_number_value(json_array_get(json_object_get(noise, "ci"), 1)) - 1)) < 1e-12);
    cr_assert_eq(number(row, "noise_floor"), number(noise, "floor"));
    json_decref(demo);
    json_decref(head);
    compare_free(comparison);
    fixture_free(&fixture);
}

Test(compare, outliers_are_flagged_with_what_is_known_of_their_trials_and_never_dropped)
{
    struct bundle_fixture fixture = fixture_make("b1", "a");
    double values[N], waits[N] = {0};
    fixture_spread(values, N, 1e9, 0.01, 1);
    values[4] = 3e9;
    waits[4] = 2e9;
    fixture_values(&fixture, "a", "bare", "time.wall", values, N);
    fixture_values(&fixture, "a", "bare", "psi.cpu_some", waits, N);
    add(&fixture, "b", "time.wall", 1e9, 2);
    struct comparison *comparison = ONE(fixture);
    json_t *demo;
    const json_t *side = json_object_get(row_of(comparison, "time.wall", NULL, &demo), "baseline");
    cr_assert_eq(number(side, "n"), N);
    cr_assert_eq(json_array_size(json_object_get(side, "outliers")), 1);
    cr_assert_eq(json_integer_value(json_array_get(json_object_get(side, "outliers"), 0)), 4);
    const json_t *beside = json_array_get(json_object_get(side, "beside"), 0);
    cr_assert_eq(number(beside, "psi.cpu_some"), 2e9);
    cr_assert_eq(number(beside, "trial"), 9);
    json_decref(demo);
    compare_free(comparison);
    fixture_free(&fixture);
}

Test(compare, lossy_figures_are_not_judged_and_are_no_test_unless_asked_for)
{
    struct bundle_fixture fixture = fixture_make("b1", "a");
    add(&fixture, "a", "goroutines.created", 100, 1);
    add(&fixture, "b", "goroutines.created", 200, 2);
    json_object_set_new(
        json_object_get(
            json_object_get(json_object_get(json_object_get(fixture.summary, "demos"), "a"), "observed"),
            "goroutines.created"),
        "lossy", json_true());
    struct comparison *comparison = ONE(fixture);
    json_t *demo, *head = compare_head_json(comparison);
    const json_t *row = row_of(comparison, "goroutines.created", NULL, &demo);
    cr_assert_str_eq(text(row, "verdict"), "unknown");
    cr_assert_str_eq(text(row, "reason"), "events were lost: the figure may be off");
    cr_assert_eq(number(head, "tests"), 0);
    cr_assert_str_eq(text(json_array_get(json_object_get(head, "warnings"), 0), "kind"), "lossy");
    json_decref(demo);
    json_decref(head);
    compare_free(comparison);
    comparison = compare_create(true);
    struct error error = {0};
    cr_assert_eq(compare_add_json(comparison, "A", fixture.experiment, fixture.summary, &error), 0);
    cr_assert_eq(compare_run(comparison, &error), 0);
    cr_assert_str_eq(text(row_of(comparison, "goroutines.created", NULL, &demo), "verdict"), "worse");
    json_decref(demo);
    compare_free(comparison);
    fixture_free(&fixture);
}

Test(compare, the_tail_of_a_distribution_has_a_row_of_its_own)
{
    struct bundle_fixture fixture = fixture_make("b1", "a");
    double tail[N];
    add(&fixture, "a", "goroutines.wake_latency", 5e3, 1);
    add(&fixture, "b", "goroutines.wake_latency", 5e3, 2);
    fixture_spread(tail, N, 1e5, 0.02, 3);
    fixture_p99(&fixture, "a", "observed", "goroutines.wake_latency", tail, N);
    fixture_spread(tail, N, 9e5, 0.02, 4);
    fixture_p99(&fixture, "b", "observed", "goroutines.wake_latency", tail, N);
    struct comparison *comparison = ONE(fixture);
    json_t *demo;
    cr_assert_str_eq(text(row_of(comparison, "goroutines.wake_latency", "p99", &demo), "verdict"), "worse");
    json_decref(demo);
    cr_assert_str_eq(text(row_of(comparison, "goroutines.wake_latency", NULL, &demo), "verdict"),
                     "not_shown");
    json_decref(demo);
    compare_free(comparison);
    fixture_free(&fixture);
}

Test(compare, observed_trials_give_no_time_and_bare_ones_no_scheduler)
{
    struct bundle_fixture fixture = fixture_make("b1", "a");
    double slow[N];
    fixture_spread(slow, N, 9e9, 0.01, 9);
    add(&fixture, "a", "cpu.time", 1e9, 1);
    add(&fixture, "b", "cpu.time", 1e9, 2);
    fixture_values(&fixture, "b", "observed", "cpu.time", slow, N);
    struct comparison *comparison = ONE(fixture);
    json_t *demo;
    const json_t *row = row_of(comparison, "cpu.time", NULL, &demo);
    cr_assert_str_eq(text(row, "verdict"), "not_shown");
    cr_assert_str_eq(text(row, "role"), "bare");
    json_decref(demo);
    compare_free(comparison);
    fixture_free(&fixture);
}

Test(compare, what_is_shown_changes_no_verdict)
{
    struct bundle_fixture fixture = fixture_make("b1", "a");
    add(&fixture, "a", "cpu.time", 1e9, 1);
    add(&fixture, "b", "cpu.time", 2e9, 2);
    add(&fixture, "a", "time.wall", 1e9, 3);
    add(&fixture, "b", "time.wall", 1e9, 4);
    struct comparison *comparison = ONE(fixture);
    json_t *all = compare_demo_json(comparison, 0, true), *few = compare_demo_json(comparison, 0, false);
    cr_assert_eq(json_array_size(json_object_get(few, "metrics")), 1);
    cr_assert_eq(json_array_size(json_object_get(all, "metrics")), 2);
    cr_assert(json_equal(json_array_get(json_object_get(few, "metrics"), 0),
                         json_array_get(json_object_get(all, "metrics"), 1)));
    json_decref(all);
    json_decref(few);
    compare_free(comparison);
    fixture_free(&fixture);
}

Test(compare, bundles_are_paired_by_the_names_of_their_demos)
{
    struct bundle_fixture a = fixture_make("b1", "x"), b = fixture_make("b2", "x");
    add(&a, "x", "cpu.time", 1e9, 1);
    add(&a, "y", "cpu.time", 1e9, 2);
    add(&b, "y", "cpu.time", 2e9, 3);
    add(&b, "z", "cpu.time", 1e9, 4);
    struct comparison *comparison = fixture_compare((struct bundle_fixture *[]){&a, &b}, 2);
    json_t *all = compare_json(comparison);
    const json_t *demo = json_array_get(json_object_get(all, "demos"), 0);
    cr_assert_eq(compare_demo_count(comparison), 1);
    cr_assert_str_eq(text(demo, "demo"), "y");
    cr_assert_str_eq(text(demo, "label"), "y of B");
    cr_assert_str_eq(text(json_object_get(demo, "baseline"), "bundle"), "b1");
    cr_assert(json_is_null(json_object_get(json_object_get(all, "baseline"), "demo")));
    cr_assert_eq(json_array_size(json_object_get(all, "warnings")), 2); /* x and z are alone */
    cr_assert_eq(compare_refusals(comparison), 0);
    json_decref(all);
    compare_free(comparison);
    fixture_free(&a);
    fixture_free(&b);
    /* Where each has one, their names don't matter. */
    a = fixture_make("b1", "x");
    b = fixture_make("b2", "y");
    add(&a, "x", "cpu.time", 1e9, 1);
    add(&b, "y", "cpu.time", 2e9, 3);
    comparison = fixture_compare((struct bundle_fixture *[]){&a, &b}, 2);
    cr_assert_eq(compare_demo_count(comparison), 1);
    compare_free(comparison);
    fixture_free(&a);
    fixture_free(&b);
}

Test(compare, the_written_json_is_the_same_as_the_whole)
{
    struct bundle_fixture fixture = fixture_make("b1", "a");
    add(&fixture, "a", "cpu.time", 1e9, 1);
    add(&fixture, "b", "cpu.time", 2e9, 2);
    struct comparison *comparison = ONE(fixture);
    char *written = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&written, &size);
    json_t *gates = json_pack("[{s:s}]", "gate", "x");
    cr_assert_eq(compare_write_json(comparison, true, gates, out), 0);
    fclose(out);
    json_t *read = json_loads(written, 0, NULL), *whole = compare_json(comparison);
    cr_assert_not_null(read, "%s", written);
    char *shape = json_dumps(whole, JSON_REAL_PRECISION(15) | JSON_SORT_KEYS);
    cr_assert(json_equal(json_object_get(read, "gates"), gates));
    json_object_del(read, "gates");
    char *again = json_dumps(read, JSON_REAL_PRECISION(15) | JSON_SORT_KEYS);
    cr_assert_str_eq(again, shape);
    free(shape);
    free(again);
    free(written);
    json_decref(read);
    json_decref(whole);
    json_decref(gates);
    compare_free(comparison);
    fixture_free(&fixture);
}
