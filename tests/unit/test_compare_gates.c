/* Each kind of gate can fail, can pass, and can be undecided. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/compare/gates.h"
#include "tests/unit/compare_fixture.h"

#define N 12

/* a is the baseline; b needs `factor` times as much. */
static struct bundle_fixture make(double factor)
{
    struct bundle_fixture fixture = fixture_make("b1", "a");
    double values[N];
    for (int i = 0; i < 2; i++) {
        const char *demo = i ? "b" : "a";
        double scale = i ? factor : 1;
        fixture_spread(values, N, 1e9 * scale, 0.02, (unsigned)i);
        fixture_values(&fixture, demo, "bare", "cpu.time", values, N);
        fixture_spread(values, N, 500 * scale, 0.02, 2 + (unsigned)i);
        fixture_values(&fixture, demo, "bare", "load.rate_achieved", values, N);
        for (size_t j = 0; j < N; j++)
            values[j] = i && factor > 1 && j >= 10 ? 3 : 0;
        fixture_values(&fixture, demo, "observed", "goroutines.leaked", values, N);
        fixture_spread(values, N, 5e3, 0.02, 4 + (unsigned)i);
        fixture_values(&fixture, demo, "observed", "goroutines.wake_latency", values, N);
        fixture_spread(values, N, 4e5 * scale, 0.02, 6 + (unsigned)i);
        fixture_p99(&fixture, demo, "observed", "goroutines.wake_latency", values, N);
    }
    return fixture;
}

static json_t *demo_of(struct bundle_fixture *fixture, const char *demo)
{
    return json_object_get(json_object_get(fixture->summary, "demos"), demo);
}

/* The rows of gates given as on a command line; the worst in *worst. */
static json_t *ask_all(struct bundle_fixture *const *fixtures, size_t count, const char *const *texts,
                       size_t gates, enum gate_verdict *worst)
{
    struct gate list[8];
    struct error error = {0};
    for (size_t i = 0; i < gates; i++)
        cr_assert_eq(gate_parse(texts[i], &list[i], &error), 0, "%s", error.text);
    struct comparison *comparison = fixture_compare(fixtures, count);
    json_t *rows = gates_evaluate(comparison, list, gates, worst);
    cr_assert_not_null(rows);
    compare_free(comparison);
    for (size_t i = 0; i < gates; i++)
        gate_free(&list[i]);
    return rows;
}

/* One gate of demo b. */
static void assert_gate(struct bundle_fixture *fixture, const char *gate, enum gate_verdict verdict,
                        const char *why)
{
    char text[200];
    enum gate_verdict worst;
    snprintf(text, sizeof text, "%s demo b", gate);
    json_t *rows = ask_all(&fixture, 1, (const char *const[]){text}, 1, &worst);
    const json_t *row = json_array_get(rows, 0);
    const char *said = json_string_value(json_object_get(row, "why"));
    cr_assert_eq(json_array_size(rows), 1);
    cr_assert_str_eq(json_string_value(json_object_get(row, "verdict")), gate_verdict_name(verdict), "%s: %s",
                     gate, said);
    cr_assert_eq(worst, verdict);
    cr_assert_not_null(strstr(said, why), "%s: %s", gate, said);
    cr_assert_str_eq(json_string_value(json_object_get(row, "demo")), "b");
    json_decref(rows);
}

Test(gates, each_kind_can_pass_fail_and_be_undecided)
{
    static const struct {
        double factor;
        const char *gate;
        enum gate_verdict verdict;
        const char *why;
    } rows[] = {
        {1.00, "cpu.time at_most +5%", GATE_PASS, "all of the interval is within +5.0%"},
        {1.10, "cpu.time at_most +5%", GATE_FAIL, "all of the interval is beyond +5.0%"},
        {1.05, "cpu.time at_most +5%", GATE_INCONCLUSIVE, "the interval reaches across +5.0%"},
        {0.80, "cpu.time at_most -10%", GATE_PASS, "within -10%"},
        {0.97, "cpu.time at_most -10%", GATE_FAIL, "beyond -10%"},
        {1.00, "load.rate_achieved at_least -3%", GATE_PASS, "within -3.0%"},
        {0.90, "load.rate_achieved at_least -3%", GATE_FAIL, "beyond -3.0%"},
        {0.97, "load.rate_achieved at_least -3%", GATE_INCONCLUSIVE, "reaches across -3.0%"},
        {1.00, "goroutines.leaked max 0", GATE_PASS, "the highest of all 12 trials is 0"},
        {1.10, "goroutines.leaked max 0", GATE_FAIL,
         "2 of 12 trials are beyond it; trial 21 the farthest, with 3"},
        {1.10, "goroutines.leaked max 0 of median", GATE_PASS, "all of it is within"},
        {1.10, "cpu.time max 1s of median", GATE_FAIL, "all of it is beyond"},
        {1.00, "cpu.time max 1s of median", GATE_INCONCLUSIVE, "the interval reaches across"},
        {1.00, "cpu.time min 900ms", GATE_PASS, "the lowest of all 12 trials is 98"},
        {0.80, "cpu.time min 900ms", GATE_FAIL, "12 of 12 trials are beyond it"},
        {1.00, "goroutines.wake_latency.p99 max 500us", GATE_PASS, "the highest"},
        {1.50, "goroutines.wake_latency.p99 max 500us", GATE_FAIL, "12 of 12"},
        {1.50, "goroutines.wake_latency max 500us", GATE_PASS, "the highest"},
        {1.50, "goroutines.wake_latency.p99 at_most +10%", GATE_FAIL, "+50%"},
        {1.00, "memory.peak max 1GiB", GATE_INCONCLUSIVE, "it has no value: no trial speaks of it"},
        {1.00, "memory.peak at_most +5%", GATE_INCONCLUSIVE, "has no value of it"},
        {1.00, "goroutines.leaked at_most +5%", GATE_PASS, "+0.00%"}, /* both are 0 in every trial */
        {1.10, "goroutines.leaked at_most +5%", GATE_INCONCLUSIVE, "the baseline is 0"},
        {1.00, "finding timer-abuse max none", GATE_PASS, "no trial shows it"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bundle_fixture fixture = make(rows[i].factor);
        assert_gate(&fixture, rows[i].gate, rows[i].verdict, rows[i].why);
        fixture_free(&fixture);
    }
}

Test(gates, findings_are_counted_by_trials)
{
    struct bundle_fixture fixture = make(1);
    json_array_append_new(json_object_get(demo_of(&fixture, "b"), "findings"),
                          json_pack("{s:s, s:i, s:i, s:[{s:s}]}", "name", "timer-abuse", "shown", 3, "of", 6,
                                    "examples", "sentence", "900 timers a second"));
    json_array_append_new(json_object_get(demo_of(&fixture, "b"), "findings_not_looked_for"),
                          json_pack("{s:s, s:s}", "name", "spinning", "reason", "probes.go is core"));
    assert_gate(&fixture, "finding timer-abuse max none", GATE_FAIL,
                "3 of 6 trials show it: 900 timers a second");
    assert_gate(&fixture, "finding timer-abuse max 2", GATE_FAIL, "3 of 6");
    assert_gate(&fixture, "finding timer-abuse max 3", GATE_PASS, "3 of 6");
    assert_gate(&fixture, "finding timer-abuse max none of median", GATE_PASS,
                "3 of 6"); /* not more than half */
    assert_gate(&fixture, "finding spinning max none", GATE_INCONCLUSIVE,
                "it could not be looked for: probes.go is core");
    json_object_del(demo_of(&fixture, "b"), "findings");
    json_object_del(demo_of(&fixture, "b"), "findings_not_looked_for");
    assert_gate(&fixture, "finding timer-abuse max none", GATE_INCONCLUSIVE, "nobody looked for findings");
    fixture_free(&fixture);
}

static void set_copy(struct bundle_fixture *fixture, double factor)
{
    double values[N];
    fixture_spread(values, N, 1e9 * factor, 0.005, 11);
    fixture_values(fixture, "a", "aa", "cpu.time", values, N);
}

Test(gates, the_noise_floor_keeps_from_passing_and_from_failing)
{
    struct bundle_fixture fixture = make(1.10);
    set_copy(&fixture, 1.15); /* a floor of about 16% */
    assert_gate(&fixture, "cpu.time at_most +5%", GATE_INCONCLUSIVE,
                "the baseline differs from its own copy by up to 1");
    assert_gate(&fixture, "cpu.time at_most +30%", GATE_PASS, "within +30%");
    fixture_free(&fixture);
    fixture = make(1.00);
    set_copy(&fixture, 1.15);
    assert_gate(&fixture, "cpu.time at_most +5%", GATE_INCONCLUSIVE, "as much as that");
    fixture_free(&fixture);
    fixture = make(1.40); /* beyond the floor, too */
    set_copy(&fixture, 1.15);
    assert_gate(&fixture, "cpu.time at_most +5%", GATE_FAIL, "beyond +5.0%");
    fixture_free(&fixture);
    fixture = make(0.60); /* so much better that no floor matters */
    set_copy(&fixture, 1.15);
    assert_gate(&fixture, "cpu.time at_most +5%", GATE_PASS, "within +5.0%");
    assert_gate(&fixture, "cpu.time at_most +0%", GATE_PASS, "within +0.00%");
    fixture_free(&fixture);
}

Test(gates, what_lost_events_have_touched_is_never_decided)
{
    struct bundle_fixture fixture = make(2);
    json_t *observed = json_object_get(demo_of(&fixture, "b"), "observed");
    json_object_set_new(json_object_get(observed, "goroutines.leaked"), "lossy", json_true());
    json_object_set_new(json_object_get(observed, "goroutines.wake_latency"), "lossy", json_true());
    assert_gate(&fixture, "goroutines.leaked max 0", GATE_INCONCLUSIVE, "events were lost");
    assert_gate(&fixture, "goroutines.leaked max 9", GATE_INCONCLUSIVE, "events were lost");
    assert_gate(&fixture, "goroutines.wake_latency.p99 at_most +5%", GATE_INCONCLUSIVE, "events were lost");
    fixture_free(&fixture);
}

Test(gates, a_trial_without_a_value_keeps_from_passing_and_not_from_failing)
{
    struct bundle_fixture fixture = make(1);
    double values[3] = {1e9, NAN, 1e9};
    fixture_values(&fixture, "b", "bare", "cpu.time", values, 3);
    assert_gate(&fixture, "cpu.time max 2s", GATE_INCONCLUSIVE, "1 of 3 trials have no value");
    assert_gate(&fixture, "cpu.time max 500ms", GATE_FAIL, "2 of 2 trials are beyond it");
    assert_gate(&fixture, "cpu.time max 2s of median", GATE_INCONCLUSIVE, "2 trials give no interval");
    values[0] = NAN;
    fixture_values(&fixture, "b", "bare", "cpu.time", values, 3);
    assert_gate(&fixture, "cpu.time at_most +5%", GATE_INCONCLUSIVE,
                "1 and 12 trials give no interval at 95%; 4 each would");
    fixture_free(&fixture);
}

Test(gates, an_experiment_that_was_interrupted_passes_nothing)
{
    struct bundle_fixture fixture = make(1);
    json_object_set_new(fixture.experiment, "complete", json_false());
    assert_gate(&fixture, "goroutines.leaked max 0", GATE_INCONCLUSIVE, "did not run to its end");
    json_object_set_new(fixture.experiment, "complete", json_true());
    json_object_del(json_object_get(fixture.summary, "demos"), "b"); /* built, and no trial was finished */
    assert_gate(&fixture, "cpu.time max 9s", GATE_INCONCLUSIVE, "no trial of it was finished");
    assert_gate(&fixture, "cpu.time at_most +5%", GATE_INCONCLUSIVE, "no trial of it was finished");
    fixture_free(&fixture);
}

Test(gates, a_gate_without_a_demo_is_one_for_each_and_all_share_the_level)
{
    struct bundle_fixture fixture = make(1.1);
    enum gate_verdict worst;
    const char *const texts[] = {"goroutines.leaked max 0", "cpu.time at_most +5%",
                                 "cpu.time max 9s demo nobody"};
    json_t *rows = ask_all((struct bundle_fixture *[]){&fixture}, 1, texts, 3, &worst);
    cr_assert_eq(json_array_size(rows), 4); /* a and b; b; nobody */
    cr_assert_eq(worst, GATE_FAIL);
    const json_t *change = json_array_get(rows, 2), *nobody = json_array_get(rows, 3);
    double level = json_number_value(json_array_get(json_object_get(change, "ci"), 2));
    cr_assert(level >= 1 - 0.05 / 4 && level < 1, "%g", level);
    cr_assert_not_null(strstr(json_string_value(json_object_get(change, "why")), "at 98.75%"));
    cr_assert(json_is_null(json_object_get(nobody, "demo")));
    cr_assert_str_eq(json_string_value(json_object_get(nobody, "verdict")), "inconclusive");
    json_decref(rows);
    fixture_free(&fixture);
}

Test(gates, of_two_bundles_the_second_is_asked)
{
    struct bundle_fixture before = make(1.1), after = make(1);
    enum gate_verdict worst;
    const char *const texts[] = {"goroutines.leaked max 0", "cpu.time at_most +5%"};
    json_t *rows = ask_all((struct bundle_fixture *[]){&before, &after}, 2, texts, 2, &worst);
    cr_assert_eq(json_array_size(rows), 4); /* a and b, twice */
    cr_assert_eq(worst, GATE_PASS);         /* what leaked in the first bundle is the past */
    json_decref(rows);
    rows = ask_all((struct bundle_fixture *[]){&after, &before}, 2, texts, 2, &worst);
    cr_assert_eq(worst, GATE_FAIL);
    json_decref(rows);
    fixture_free(&before);
    fixture_free(&after);
}
