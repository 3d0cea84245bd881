#include "runner/load/tally.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct load_http http = {
    .url = {.text = (char *)"http://127.0.0.1:1/"},
    .method = (char *)"GET",
    .step_count = 2,
};

Test(load_tally, every_error_has_a_name_of_its_own)
{
    for (int i = 1; i < LOAD_ERRORS; i++) {
        const char *name = load_error_name((enum load_error)i);
        cr_assert_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
        for (int k = 0; k < i; k++)
            cr_assert_str_neq(name, load_error_name((enum load_error)k));
    }
    cr_assert_str_eq(load_error_name(LOAD_FINE), "");
}

Test(load_tally, a_status_is_judged_by_what_is_expected)
{
    static const struct {
        uint32_t expected;
        uint16_t status;
        enum load_error error;
    } rows[] = {
        {0, 200, LOAD_FINE},     {0, 299, LOAD_FINE},   {0, 199, LOAD_STATUS},   {0, 300, LOAD_REDIRECT},
        {0, 399, LOAD_REDIRECT}, {0, 400, LOAD_STATUS}, {0, 999, LOAD_STATUS},   {404, 404, LOAD_FINE},
        {404, 200, LOAD_STATUS}, {302, 302, LOAD_FINE}, {302, 200, LOAD_STATUS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct load_http expecting = {.status = rows[i].expected};
        const struct response response = {.progress = RESPONSE_COMPLETE, .status = rows[i].status};
        cr_assert_eq(load_error_of(&expecting, &response), rows[i].error, "%u for %u", rows[i].status,
                     rows[i].expected);
    }
}

Test(load_tally, every_fault_of_an_answer_is_an_error)
{
    for (int i = RESPONSE_FINE + 1; i < RESPONSE_FAULTS; i++) {
        const struct response response = {
            .progress = RESPONSE_FAULTY, .fault = (enum response_fault)i, .status = 200};
        cr_assert_neq(load_error_of(&http, &response), LOAD_FINE);
    }
}

Test(load_tally, steps_add_up_to_the_window)
{
    struct tally steps[2] = {
        {.rate = 100,
         .start_ns = 5000000000,
         .end_ns = 7000000000,
         .due = 200,
         .ok = 150,
         .waiting_most = 7,
         .connections_opened = 3,
         .connections_most = 3},
        {.rate = 400,
         .start_ns = 7000000000,
         .end_ns = 8000000000,
         .due = 400,
         .ok = 399,
         .waiting_most = 2,
         .connections_opened = 2,
         .connections_most = 5},
    };
    steps[0].errors[LOAD_STATUS] = 50;
    steps[0].statuses[503] = 50;
    steps[1].errors[LOAD_MALFORMED] = 1;
    steps[1].faults[RESPONSE_CHUNK] = 1;
    cr_assert_eq(histogram_add(&steps[0].latency_due, 10), 0);
    cr_assert_eq(histogram_add(&steps[1].latency_due, 30), 0);
    struct tally window = {0};
    cr_assert_eq(tally_merge(&window, &steps[0]), 0);
    cr_assert_eq(tally_merge(&window, &steps[1]), 0);
    cr_assert_eq(window.rate, 200, "two seconds of 100 and one of 400");
    cr_assert_eq(window.start_ns, 5000000000);
    cr_assert_eq(window.end_ns, 8000000000);
    cr_assert_eq(window.due, 600);
    cr_assert_eq(window.waiting_most, 7);
    cr_assert_eq(window.connections_opened, 5);
    cr_assert_eq(window.statuses[503], 50);
    cr_assert_eq(window.latency_due.count, 2);
    cr_assert_float_eq(tally_achieved_rate(&window), 183, 1e-9);
    const struct load_result result = {
        .http = &http, .steps = steps, .step_count = 2, .has_log = true, .log_error = 28};
    json_t *json = tally_json(&result);
    json_t *wanted = json_pack("{s:i,s:i}", "status", 50, "malformed", 1);
    cr_assert(json_equal(json_object_get(json, "errors"), wanted));
    cr_assert_eq(json_integer_value(json_object_get(json_object_get(json, "faults"), "chunk")), 1);
    cr_assert_eq(json_array_size(json_object_get(json, "steps")), 2);
    cr_assert_str_eq(json_string_value(json_object_get(json_object_get(json, "log"), "error")),
                     "No space left on device");
    json_decref(wanted);
    json_decref(json);
    for (int i = 0; i < 2; i++)
        tally_free(&steps[i]);
    tally_free(&window);
}

Test(load_tally, a_load_that_was_cut_before_its_window_has_no_rate)
{
    const struct load_result result = {.http = &http, .cut = true};
    json_t *json = tally_json(&result);
    cr_assert_not_null(json);
    cr_assert(json_is_null(json_object_get(json, "achieved_rate_per_s")));
    cr_assert_eq(json_array_size(json_object_get(json, "steps")), 0);
    cr_assert(json_is_null(json_object_get(json, "log")));
    json_decref(json);
}
