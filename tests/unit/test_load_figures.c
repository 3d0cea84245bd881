/* What a load's result means. */
#include "runner/load/figures.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>

/* A part of load.json whose answers all took `latency` ns and whose send lag was `lag` ns. */
static json_t *part(double rate, double achieved, json_int_t due, json_int_t ok, json_int_t full,
                    uint64_t latency, uint64_t lag)
{
    struct histogram latencies = {0};
    struct histogram lags = {0};
    for (json_int_t i = 0; i < due; i++) {
        if (i < ok)
            histogram_add(&latencies, latency);
        histogram_add(&lags, lag);
    }
    json_t *json = json_pack(
        "{s:i, s:f, s:f, s:f, s:{s:I, s:I, s:I, s:I}, s:{}, s:{s:i}, s:{s:i, s:i}, s:o, s:o, s:o}", "schema",
        1, "asked_rate_per_s", rate, "rate_per_s", rate, "achieved_rate_per_s", achieved, "requests", "due",
        due, "ok", ok, "waited_for_connection", ok / 2, "found_pool_full", full, "errors", "connections",
        "most", 7, "bytes", "written", 11, "read", 12, "latency_due", histogram_json(&latencies),
        "latency_sent", histogram_json(&latencies), "send_lag", histogram_json(&lags));
    histogram_free(&latencies);
    histogram_free(&lags);
    cr_assert(json);
    return json;
}

static struct load_judgement judge(json_t *result, struct load_figures *figures)
{
    cr_assert_eq(load_figures_read(result, figures), 0);
    return load_figures_judge(figures);
}

Test(load_figures, a_good_load_is_read_and_judged_good)
{
    struct load_figures figures;
    json_t *result = part(500, 500, 1000, 1000, 0, 250000, 20000);
    struct load_judgement judgement = judge(result, &figures);
    cr_expect_not(judgement.invalid || judgement.overloaded || judgement.errors);
    cr_expect_eq(figures.due, 1000);
    cr_expect_eq(figures.connections_most, 7);
    cr_expect_eq(figures.bytes_written, 11);
    cr_expect_eq(figures.bytes_read, 12);
    cr_expect_eq(figures.latency_due.count, 1000);
    cr_expect_eq(histogram_quantile(&figures.latency_due, 0.99), 250000);
    cr_expect(isnan(figures.knee_per_s));
    load_figures_free(&figures);
    json_decref(result);
}

Test(load_figures, a_late_generator_is_invalid_and_a_full_pool_is_overload)
{
    struct load_figures figures;
    json_t *result = part(500, 500, 1000, 1000, 900, 250000, 1100000);
    struct load_judgement judgement = judge(result, &figures);
    cr_expect(judgement.invalid);
    load_figures_free(&figures);
    json_decref(result);
    result = part(500, 500, 1000, 1000, 900, 250000000, 20000);
    judgement = judge(result, &figures);
    cr_expect_not(judgement.invalid);
    cr_expect(judgement.overloaded, "the pool was full");
    load_figures_free(&figures);
    json_decref(result);
}

Test(load_figures, errors_of_time_are_overload_and_others_are_errors)
{
    static const struct {
        const char *kind;
        bool overloaded, errors;
    } rows[] = {{"timeout", true, false},  {"unanswered_at_end", true, false},
                {"not_sent", true, false}, {"status", false, true},
                {"reset", false, true},    {"malformed", false, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct load_figures figures;
        json_t *result = part(500, 499.5, 1000, 999, 0, 250000, 20000);
        json_object_set_new(json_object_get(result, "errors"), rows[i].kind, json_integer(1));
        struct load_judgement judgement = judge(result, &figures);
        cr_expect_eq(judgement.overloaded, rows[i].overloaded, "%s", rows[i].kind);
        cr_expect_eq(judgement.errors, rows[i].errors, "%s", rows[i].kind);
        load_figures_free(&figures);
        json_decref(result);
    }
}

Test(load_figures, too_few_answers_a_second_are_overload)
{
    struct load_figures figures;
    json_t *result = part(500, 470, 1000, 940, 0, 250000, 20000);
    cr_expect(judge(result, &figures).overloaded);
    load_figures_free(&figures);
    json_decref(result);
}

Test(load_figures, the_knee_is_the_rate_before_the_first_that_breaks)
{
    struct load_figures figures;
    json_t *result = part(350, 300, 700, 600, 0, 250000, 20000);
    json_object_set_new(result, "steps",
                        json_pack("[o, o, o, o]", part(100, 100, 100, 100, 0, 200000, 20000),
                                  part(200, 200, 200, 200, 0, 1500000, 20000),
                                  part(400, 400, 400, 400, 0, 4000000, 20000),
                                  part(800, 800, 800, 800, 0, 200000, 20000)));
    struct load_judgement judgement = judge(result, &figures);
    cr_expect_eq(figures.steps, 4);
    cr_expect_eq(figures.steps_held, 2, "20 times the first p99 breaks; what holds behind it does not count");
    cr_expect_eq(figures.knee_per_s, 200);
    cr_expect_not(judgement.overloaded, "with steps the knee tells");
    load_figures_free(&figures);
    json_decref(result);
}

Test(load_figures, errors_behind_the_knee_are_the_knee_s)
{
    static const bool in_first[] = {false, true};
    for (size_t i = 0; i < 2; i++) {
        struct load_figures figures;
        json_t *first = part(100, 99, 100, 99, 0, 200000, 20000);
        json_t *second = part(800, 400, 800, 400, 0, 200000, 20000);
        json_t *result = part(450, 250, 900, 499, 0, 250000, 20000);
        json_object_set_new(json_object_get(result, "errors"), "reset", json_integer(401));
        json_object_set_new(json_object_get(in_first[i] ? first : second, "errors"), "reset",
                            json_integer(1));
        json_object_set_new(result, "steps", json_pack("[o, o]", first, second));
        struct load_judgement judgement = judge(result, &figures);
        cr_expect_eq(figures.knee_per_s, 100);
        cr_expect_eq(judgement.errors, in_first[i]);
        load_figures_free(&figures);
        json_decref(result);
    }
}

Test(load_figures, what_is_no_result_is_refused)
{
    struct load_figures figures;
    json_t *empty = json_object();
    cr_expect_eq(load_figures_read(empty, &figures), -EINVAL);
    load_figures_free(&figures);
    json_t *result = part(500, 500, 10, 10, 0, 1, 1);
    json_object_set_new(result, "latency_due", json_string("none"));
    cr_expect_lt(load_figures_read(result, &figures), 0);
    load_figures_free(&figures);
    json_decref(empty);
    json_decref(result);
}
