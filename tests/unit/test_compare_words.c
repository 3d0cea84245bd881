/* Rows and pairs in words. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/compare/words.h"
#include "tests/unit/compare_fixture.h"

static struct row ratio(enum metric_id id, double effect, double low, double high)
{
    return (struct row){.metric = id,
                        .test = {.kind = EFFECT_RATIO, .effect = effect, .interval = {low, high, 0.95}}};
}

static void assert_words(const struct row *row, const char *effect, const char *interval)
{
    char text[128];
    words_effect(row, text, sizeof text);
    cr_assert_str_eq(text, effect);
    words_interval(row, text, sizeof text);
    cr_assert_str_eq(text, interval);
}

Test(compare_words, ratios_are_told_as_people_say_them)
{
    struct row row = ratio(METRIC_CPU_TIME, 0.62, 0.56, 0.69);
    assert_words(&row, "38% less CPU time", "interval 31 to 44%");
    row = ratio(METRIC_CPU_TIME, 1.123, 1.08, 1.16);
    assert_words(&row, "12% more CPU time", "interval 8.0 to 16%");
    row = ratio(METRIC_GC_COUNT, 9.13, 8.4, 10.6);
    assert_words(&row, "9.1 times as many garbage collections", "interval 8.4 to 11 times");
    row = ratio(METRIC_TIME_WALL, 1.01, 0.97, 1.04);
    assert_words(&row, "1.0% more wall time", "interval -3.0% to +4.0%");
    row = ratio(METRIC_GC_COUNT, 0.001, 0.0005, 0.002);
    assert_words(&row, "99.9% fewer garbage collections", "interval 99.8 to 99.95%");
    row = ratio(METRIC_SCHED_THROTTLED, 0.5, 0.4, 0.6); /* no noun of its own */
    assert_words(&row, "50% less sched.throttled", "interval 40 to 60%");
    row.test.interval.level = 0;
    assert_words(&row, "50% less sched.throttled", "");
}

Test(compare_words, differences_have_the_metrics_unit)
{
    struct row row = {.metric = METRIC_GOROUTINES_LEAKED,
                      .test = {.kind = EFFECT_DIFFERENCE, .effect = -12, .interval = {-14, -10, 0.95}}};
    assert_words(&row, "12 fewer leaked goroutines", "interval 10 to 14");
    row.metric = METRIC_CPU_THROTTLED;
    row.test.effect = 64.1e6;
    row.test.interval = (struct interval){50e6, 70e6, 0.95};
    assert_words(&row, "64.1 ms more throttled time", "interval 50.0 ms to 70.0 ms");
    row.test.kind = EFFECT_NONE;
    assert_words(&row, "throttled time: not known", "");
}

Test(compare_words, what_rounds_to_nothing_is_no_change)
{
    struct row row = ratio(METRIC_CPU_TIME, 1.00004, 1.00003, 1.00005);
    cr_expect_not(words_show_change(&row), "0.00%%");
    row.test.effect = 0.9994;
    cr_expect(words_show_change(&row), "0.06%%");
    row.test = (struct two_samples){.kind = EFFECT_DIFFERENCE};
    row.metric = METRIC_SCHED_THROTTLED;

    cr_expect_not(words_show_change(&row));
    row.metric = METRIC_GC_CPU_RATIO;
    row.test.effect = 0.003;
    cr_expect_not(words_show_change(&row), "0.00");
    row.test.effect = -0.02;
    cr_expect(words_show_change(&row));
    row.test.kind = EFFECT_NONE;
    cr_expect_not(words_show_change(&row));
}

static void assert_headline(const double *cpu, const double *memory, const char *says)
{
    struct bundle_fixture fixture = fixture_make("b1", "old");
    const double *const factors[] = {cpu, memory};
    static const char *const metrics[] = {"cpu.time", "memory.peak"};
    double values[10];
    for (unsigned i = 0; i < 2; i++)
        for (unsigned j = 0; j < 2; j++) {
            fixture_spread(values, 10, 1e9 * (j ? *factors[i] : 1), 0.02, 2 * i + j);
            fixture_values(&fixture, j ? "new" : "old", "bare", metrics[i], values, 10);
        }
    struct comparison *comparison = fixture_compare((struct bundle_fixture *[]){&fixture}, 1);
    json_t *demo = compare_demo_json(comparison, 0, false);
    const char *headline = json_string_value(json_object_get(demo, "headline"));
    cr_assert(strncmp(headline, says, strlen(says)) == 0, "%s", headline);
    json_decref(demo);
    compare_free(comparison);
    fixture_free(&fixture);
}

Test(compare_words, without_bare_trials_the_headline_claims_nothing)
{
    struct bundle_fixture fixture = fixture_make("b1", "old");
    const double leaked[] = {0, 0, 0, 0, 0, 0};
    fixture_values(&fixture, "old", "observed", "goroutines.leaked", leaked, 6);
    fixture_values(&fixture, "new", "observed", "goroutines.leaked", leaked, 6);
    struct comparison *comparison = fixture_compare((struct bundle_fixture *[]){&fixture}, 1);
    json_t *demo = compare_demo_json(comparison, 0, false);
    cr_expect_str_eq(json_string_value(json_object_get(demo, "headline")),
                     "nothing tells new from old: no bare trial of both gave time, CPU or memory");
    json_decref(demo);
    compare_free(comparison);
    fixture_free(&fixture);
}

Test(compare_words, the_headline_says_which_is_better)
{
    const double less = 0.5, same = 1, more = 3;
    assert_headline(&less, &same, "new is better: 50% less CPU time (interval 4");
    assert_headline(&more, &same, "new is worse: 3.0 times as much CPU time (interval ");
    assert_headline(&less, &more,
                    "new is better in one way and worse in another: 50% less CPU time (interval ");
    assert_headline(&same, &same, "no difference is shown between new and old; one of ");
}
