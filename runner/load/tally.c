#include "runner/load/tally.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *load_error_name(enum load_error error)
{
    static const char *const names[LOAD_ERRORS] = {
        [LOAD_FINE] = "",
        [LOAD_REFUSED] = "refused",
        [LOAD_CONNECT] = "connect",
        [LOAD_RESET] = "reset",
        [LOAD_EARLY_CLOSE] = "early_close",
        [LOAD_TIMEOUT] = "timeout",
        [LOAD_UNANSWERED_AT_END] = "unanswered_at_end",
        [LOAD_NOT_SENT] = "not_sent",
        [LOAD_STATUS] = "status",
        [LOAD_REDIRECT] = "redirect",
        [LOAD_MALFORMED] = "malformed",
        [LOAD_HEADER_TOO_LONG] = "header_too_long",
        [LOAD_BODY_TOO_LONG] = "body_too_long",
        [LOAD_UNASKED_BYTES] = "unasked_bytes",
    };
    return names[error];
}

enum load_error load_error_of(const struct load_http *http, const struct response *response)
{
    static const enum load_error errors[RESPONSE_FAULTS] = {
        [RESPONSE_HEADER_TOO_LONG] = LOAD_HEADER_TOO_LONG,
        [RESPONSE_BODY_TOO_LONG] = LOAD_BODY_TOO_LONG,
        [RESPONSE_EARLY_CLOSE] = LOAD_EARLY_CLOSE,
    };
    if (response->progress == RESPONSE_FAULTY)
        return errors[response->fault] ? errors[response->fault] : LOAD_MALFORMED;
    uint16_t status = response->status;
    if (http->status ? status == http->status : status >= 200 && status <= 299)
        return LOAD_FINE;
    return status >= 300 && status <= 399 ? LOAD_REDIRECT : LOAD_STATUS;
}

void tally_free(struct tally *tally)
{
    histogram_free(&tally->latency_due);
    histogram_free(&tally->latency_sent);
    histogram_free(&tally->send_lag);
    *tally = (struct tally){0};
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* The rate of both together: each counts as long as it lasts. */
static uint64_t joined_rate(const struct tally *a, const struct tally *b)
{
    uint64_t a_ns = a->end_ns - a->start_ns;
    uint64_t b_ns = b->end_ns - b->start_ns;
    if (a_ns + b_ns == 0)
        return larger(a->rate, b->rate);
    unsigned __int128 requests = (unsigned __int128)a->rate * a_ns + (unsigned __int128)b->rate * b_ns;
    return (uint64_t)((requests + (a_ns + b_ns) / 2) / (a_ns + b_ns));
}

int tally_merge(struct tally *into, const struct tally *from)
{
    if (histogram_merge(&into->latency_due, &from->latency_due) < 0 ||
        histogram_merge(&into->latency_sent, &from->latency_sent) < 0 ||
        histogram_merge(&into->send_lag, &from->send_lag) < 0)
        return -ENOMEM;
    if (into->start_ns == 0) {
        into->rate = from->rate;
        into->start_ns = from->start_ns;
    } else {
        into->rate = joined_rate(into, from);
    }
    into->end_ns = larger(into->end_ns, from->end_ns);
    into->due += from->due;
    into->sent += from->sent;
    into->answered += from->answered;
    into->ok += from->ok;
    into->waited += from->waited;
    into->pool_full += from->pool_full;
    into->waiting_most = larger(into->waiting_most, from->waiting_most);
    into->connections_opened += from->connections_opened;
    into->connections_most = larger(into->connections_most, from->connections_most);
    for (size_t i = 0; i < LOAD_ERRORS; i++)
        into->errors[i] += from->errors[i];
    for (size_t i = 0; i < RESPONSE_FAULTS; i++)
        into->faults[i] += from->faults[i];
    for (size_t i = 0; i < sizeof into->statuses / sizeof *into->statuses; i++)
        into->statuses[i] += from->statuses[i];
    return 0;
}

double tally_achieved_rate(const struct tally *tally)
{
    if (tally->end_ns <= tally->start_ns)
        return -1;
    return (double)tally->ok * 1e9 / (double)(tally->end_ns - tally->start_ns);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static json_t *integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static void set_count(json_t *object, const char *name, uint64_t count)
{
    if (count)
        json_object_set_new(object, name, integer(count));
}

static json_t *errors_json(const struct tally *tally)
{
    json_t *errors = json_object();
    for (size_t i = 0; i < LOAD_ERRORS; i++)
        set_count(errors, load_error_name((enum load_error)i), tally->errors[i]);
    return errors;
}

static json_t *faults_json(const struct tally *tally)
{
    json_t *faults = json_object();
    for (size_t i = 0; i < RESPONSE_FAULTS; i++)
        set_count(faults, response_fault_name((enum response_fault)i), tally->faults[i]);
    return faults;
}

static json_t *statuses_json(const struct tally *tally)
{
    json_t *statuses = json_object();
    for (size_t i = 0; i < sizeof tally->statuses / sizeof *tally->statuses; i++) {
        char name[8];
        snprintf(name, sizeof name, "%03zu", i);
        set_count(statuses, name, tally->statuses[i]);
    }
    return statuses;
}

/* NULL on a lack of memory: json_object_update_new and json_object_set_new then fail, too. */
static json_t *counts_json(const struct tally *tally)
{
    return json_pack("{s:{s:I,s:I,s:I,s:I,s:I,s:I,s:I},s:o,s:o,s:o,s:{s:I,s:I}}", "requests", "due",
                     (json_int_t)tally->due, "sent", (json_int_t)tally->sent, "answered",
                     (json_int_t)tally->answered, "ok", (json_int_t)tally->ok, "waited_for_connection",
                     (json_int_t)tally->waited, "found_pool_full", (json_int_t)tally->pool_full,
                     "waiting_most", (json_int_t)tally->waiting_most, "errors", errors_json(tally), "faults",
                     faults_json(tally), "statuses", statuses_json(tally), "connections", "opened",
                     (json_int_t)tally->connections_opened, "most", (json_int_t)tally->connections_most);
}

static int set_figures(json_t *object, const struct tally *tally)
{
    double achieved = tally_achieved_rate(tally);
    int failed = json_object_set_new(
        object, "window",
        json_pack("{s:I,s:I}", "start_ns", (json_int_t)tally->start_ns, "end_ns", (json_int_t)tally->end_ns));
    failed |=
        json_object_set_new(object, "achieved_rate_per_s", achieved < 0 ? json_null() : json_real(achieved));
    failed |= json_object_update_new(object, counts_json(tally));
    failed |= json_object_set_new(object, "latency_due", histogram_json(&tally->latency_due));
    failed |= json_object_set_new(object, "latency_sent", histogram_json(&tally->latency_sent));
    failed |= json_object_set_new(object, "send_lag", histogram_json(&tally->send_lag));
    return failed;
}

static json_t *steps_json(const struct load_result *result)
{
    json_t *steps = json_array();
    int failed = 0;
    for (size_t i = 0; i < result->step_count; i++) {
        json_t *step = json_object();
        failed |= json_object_set_new(step, "rate_per_s", integer(result->steps[i].rate));
        failed |= set_figures(step, &result->steps[i]);
        failed |= json_array_append_new(steps, step);
    }
    if (failed) {
        json_decref(steps);
        return NULL;
    }
    return steps;
}

static const char *error_text(int number)
{
    return number ? strerror(number) : NULL;
}

static json_t *log_json(const struct load_result *result)
{
    if (!result->has_log)
        return json_null();
    return json_pack("{s:I,s:s?}", "rows", (json_int_t)result->log_rows, "error",
                     error_text(result->log_error));
}

static int set_all(json_t *json, const struct load_result *result, const struct tally *window)
{
    const struct load_http *http = result->http;
    int failed = json_object_update_new(
        json, json_pack("{s:i,s:s,s:s,s:s,s:s,s:I,s:I,s:b,s:b,s:I}", "schema", 1, "kind", "http", "url",
                        http->url.text, "method", http->method, "arrivals",
                        http->arrivals == ARRIVALS_POISSON ? "poisson" : "constant", "seed",
                        (json_int_t)result->seed, "request_bytes", (json_int_t)result->request_bytes, "cut",
                        (int)result->cut, "realtime", (int)result->realtime, "asked_rate_per_s",
                        (json_int_t)window->rate));
    failed |= set_figures(json, window);
    failed |= json_object_set_new(
        json, "connections",
        json_pack("{s:I,s:I,s:s?}", "opened", (json_int_t)result->connections_opened, "most",
                  (json_int_t)result->connections_most, "limited_by", error_text(result->connections_error)));
    failed |= json_object_set_new(json, "bytes",
                                  json_pack("{s:I,s:I}", "written", (json_int_t)result->bytes_written, "read",
                                            (json_int_t)result->bytes_read));
    failed |= json_object_set_new(json, "steps", steps_json(result));
    failed |= json_object_set_new(json, "warmup", result->warmup ? counts_json(result->warmup) : json_null());
    failed |= json_object_set_new(json, "log", log_json(result));
    return failed;
}

json_t *tally_json(const struct load_result *result)
{
    json_t *json = json_object();
    struct tally window = {0};
    int failed = json ? 0 : -1;
    for (size_t i = 0; i < result->step_count && !failed; i++)
        failed = tally_merge(&window, &result->steps[i]);
    if (!failed)
        failed = set_all(json, result, &window);
    tally_free(&window);
    if (failed) {
        json_decref(json);
        return NULL;
    }
    return json;
}
