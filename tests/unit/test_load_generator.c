#include "runner/load/generator.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load_server.h"
#include "runner/load/arrivals.h"
#include "runner/load/log.h"
#include "runner/support/fd.h"
#include "runner/support/histogram.h"

Test(load_generator, every_request_is_sent_once_and_answered)
{
    struct load_server server = {0};
    server_start(&server, serve_good);
    struct load_http http = load_against(&server);
    struct load_run run = run_load(&http, true);
    server_stop(&server);
    assert_adds_up(&run);
    cr_assert_eq(figure(&run, "requests.due"), 20);
    cr_assert_eq(figure(&run, "requests.sent"), 20);
    cr_assert_eq(figure(&run, "requests.answered"), 20);
    cr_assert_eq(figure(&run, "requests.ok"), 20);
    cr_assert_eq(server.requests, 20);
    cr_assert_eq(figure(&run, "asked_rate_per_s"), 100);
    cr_assert_float_eq(json_number_value(json_object_get(run.json, "achieved_rate_per_s")), 100, 1e-6);
    cr_assert_eq(figure(&run, "connections.opened"), server.connections);
    cr_assert_eq(json_object_size(json_object_get(run.json, "errors")), 0);
    cr_assert(json_is_null(json_object_get(run.json, "warmup")));
    cr_assert(json_is_false(json_object_get(run.json, "cut")));
    load_run_free(&run);
}

Test(load_generator, bytes_are_counted_as_the_server_counts_them)
{
    struct load_server server = {0};
    server_start(&server, serve_good);
    struct load_http http = load_against(&server);
    http.method = (char *)"POST";
    http.body = BODY_JSON;
    http.body_bytes = 4 << 20;
    http.warmup_ns = 50000000;
    struct load_run run = run_load(&http, false);
    server_stop(&server);
    assert_adds_up(&run);
    cr_assert_eq(server.requests, 25);
    cr_assert_eq((uint64_t)figure(&run, "bytes.written"), server.bytes_read);
    cr_assert_eq((uint64_t)figure(&run, "bytes.read"), server.bytes_written);
    cr_assert_eq(figure(&run, "bytes.written"), 25 * figure(&run, "request_bytes"));
    load_run_free(&run);
}

Test(load_generator, phases_are_told_with_their_planned_times_and_counted_apart)
{
    struct load_server server = {0};
    server_start(&server, serve_good);
    struct load_http http = load_against(&server);
    http.warmup_ns = 100000000;
    http.rates[1] = 50;
    http.rates[2] = 300;
    http.step_count = 3;
    struct load_run run = run_load(&http, true);
    server_stop(&server);
    assert_adds_up(&run);
    static const uint32_t marks[][2] = {{LOAD_AT_WARMUP, 0}, {LOAD_AT_WINDOW, 0}, {LOAD_AT_STEP, 1},
                                        {LOAD_AT_STEP, 2},   {LOAD_AT_END, 2},    {LOAD_AT_DONE, 0}};
    cr_assert_eq(run.message_count, 6);
    uint64_t start = run.messages[0].time_ns;
    static const uint64_t after[] = {0, 100000000, 300000000, 500000000, 700000000};
    for (size_t i = 0; i < 6; i++) {
        cr_assert_eq(run.messages[i].at, marks[i][0]);
        cr_assert_eq(run.messages[i].step, marks[i][1]);
        if (i < 5)
            cr_assert_eq(run.messages[i].time_ns - start, after[i]);
    }
    cr_assert_eq((uint64_t)figure(&run, "window.start_ns"), run.messages[1].time_ns);
    cr_assert_eq((uint64_t)figure(&run, "window.end_ns"), run.messages[4].time_ns);
    cr_assert_eq((uint64_t)figure(&run, "steps.1.window.start_ns"), run.messages[2].time_ns);
    cr_assert_eq(figure(&run, "steps.1.rate_per_s"), 50);
    cr_assert_eq(figure(&run, "asked_rate_per_s"), 150);
    cr_assert_eq(figure(&run, "warmup.requests.due"), 10);
    cr_assert_eq(figure(&run, "steps.0.requests.ok"), 20);
    cr_assert_eq(figure(&run, "steps.1.requests.ok"), 10);
    cr_assert_eq(figure(&run, "steps.2.requests.ok"), 60);
    cr_assert_eq(figure(&run, "requests.ok"), 90);
    cr_assert_eq(figure(&run, "log.rows"), 90, "the warm-up is left out");
    cr_assert_eq(server.requests, 100);
    struct histogram histogram;
    cr_assert_eq(histogram_from_json(&histogram, json_object_get(run.json, "latency_due")), 0);
    cr_assert_eq(histogram.count, 90);
    histogram_free(&histogram);
    load_run_free(&run);
}

/* Calls `check` with the cells of each row, -1 for an empty one and for the last, which is a name. */
static size_t each_row(const char *log,
                       void (*check)(const int64_t cells[8], const char *name, void *context), void *context)
{
    static const char header[] = "due_ns,lag_ns,sent_ns,end_ns,status,bytes,connection,error\n";
    cr_assert(strncmp(log, header, sizeof header - 1) == 0);
    size_t count = 0;
    for (const char *at = log + sizeof header - 1; *at; count++) {
        int64_t cells[8];
        for (size_t i = 0; i < 7; i++) {
            char *end;
            cells[i] = strtoll(at, &end, 10);
            if (end == at)
                cells[i] = -1;
            cr_assert_eq(*end, ',');
            at = end + 1;
        }
        char name[32];
        size_t length = strcspn(at, "\n");
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        check(cells, name, context);
        at += length + 1;
    }
    return count;
}

static void check_good_row(const int64_t cells[8], const char *name, void *context)
{
    bool *seen = context;
    cr_assert_eq(cells[0] % 10000000, 0, "constant arrivals at 100 a second");
    cr_assert_not(seen[cells[0] / 10000000]);
    seen[cells[0] / 10000000] = true;
    cr_assert_geq(cells[1], 0);
    cr_assert_geq(cells[2], cells[0] + cells[1], "never sent early, nor before it was looked at");
    cr_assert_geq(cells[3], cells[2]);
    cr_assert_eq(cells[4], 200);
    cr_assert_eq(cells[5], 2);
    cr_assert_geq(cells[6], 1);
    cr_assert_str_eq(name, "");
}

Test(load_generator, the_log_has_one_row_a_measured_request)
{
    struct load_server server = {0};
    server_start(&server, serve_good);
    struct load_http http = load_against(&server);
    http.warmup_ns = 100000000;
    struct load_run run = run_load(&http, true);
    server_stop(&server);
    bool seen[20] = {0};
    cr_assert_eq(each_row(run.log, check_good_row, seen), 20);
    load_run_free(&run);
}

static void serve_late(struct load_server *server, int fd)
{
    bool first = server->requests == 0;
    while (server_read_request(server, fd)) {
        if (first)
            server_wait(server, -1, server->delay_ms);
        first = false;
        if (!server_say(server, fd, GOOD_ANSWER))
            return;
    }
}

static void check_late_row(const int64_t cells[8], const char *name, void *context)
{
    const struct load_server *server = context;
    cr_assert_str_eq(name, "");
    cr_assert_geq(cells[3], server->delay_ms * INT64_C(1000000), "none can end before the stall does");
}

/* The first answer comes 300 ms after its request, and there is one connection: nothing can be answered
   earlier, so that request i, due at i * 10 ms, takes at least 300 - 10 i ms from due. */
Test(load_generator, latency_from_due_holds_the_time_behind_a_stall)
{
    struct load_server server = {.delay_ms = 300};
    server_start(&server, serve_late);
    struct load_http http = load_against(&server);
    http.connections_start = http.connections_most = 1;
    struct load_run run = run_load(&http, true);
    server_stop(&server);
    assert_adds_up(&run);
    cr_assert_eq(figure(&run, "requests.ok"), 20);
    cr_assert_eq(figure(&run, "connections.opened"), 1);
    cr_assert_geq(figure(&run, "latency_due.min"), 110000000);
    cr_assert_geq(figure(&run, "latency_due.p50"), 200000000);
    cr_assert_geq(figure(&run, "latency_due.max"), 300000000);
    cr_assert_geq(figure(&run, "requests.waited_for_connection"), 18);
    cr_assert_geq(figure(&run, "requests.waiting_most"), 1);
    cr_assert_eq(each_row(run.log, check_late_row, &server), 20);
    load_run_free(&run);
}

static void serve_nothing(struct load_server *server, int fd)
{
    if (server_read_request(server, fd))
        server_wait(server, fd, -1);
}

Test(load_generator, the_pool_grows_to_its_bound_and_what_is_open_at_the_end_is_told)
{
    struct load_server server = {0};
    server_start(&server, serve_nothing);
    struct load_http http = load_against(&server);
    http.connections_most = 5;
    http.timeout_ns = 400000000;
    struct load_run run = run_load(&http, true);
    server_stop(&server);
    assert_adds_up(&run);
    cr_assert_eq(figure(&run, "connections.most"), 5);
    cr_assert_eq(figure(&run, "requests.due"), 20);
    cr_assert_eq(figure(&run, "requests.ok"), 0);
    cr_assert_eq(figure(&run, "log.rows"), 20);
    cr_assert(json_is_null(json_object_get(json_object_get(run.json, "latency_due"), "p50")));
    load_run_free(&run);
}

Test(load_generator, a_pool_without_a_bound_in_reach_lets_nothing_wait_for_an_answer)
{
    struct load_server server = {0};
    server_start(&server, serve_nothing);
    struct load_http http = load_against(&server);
    http.timeout_ns = 600000000;
    struct load_run run = run_load(&http, false);
    server_stop(&server);
    assert_adds_up(&run);
    cr_assert_eq(figure(&run, "requests.sent"), 20);
    /* The last one's timeout is over just before the end is. */
    cr_assert_eq(figure(&run, "errors.timeout") + figure(&run, "errors.unanswered_at_end"), 20);
    cr_assert_geq(figure(&run, "connections.most"), 20);
    load_run_free(&run);
}

static void check_row_of_many(const int64_t cells[8], const char *name, void *context)
{
    uint64_t *unknown = context;
    *unknown += cells[1] < 0;
    cr_assert(*name);
}

/* Two million a second, far more than can be sent: the queue needs no memory, and the log's ring is too
 * small. */
Test(load_generator, a_rate_that_nobody_can_send_is_counted_to_the_last_request)
{
    struct load_server server = {0};
    server_start(&server, serve_nothing);
    struct load_http http = load_against(&server);
    http.rates[0] = 2000000;
    http.duration_ns = 100000000;
    http.timeout_ns = 100000000;
    http.connections_most = 4;
    struct load_run run = run_load(&http, true);
    server_stop(&server);
    assert_adds_up(&run);
    cr_assert_eq(figure(&run, "requests.due"), 200000);
    cr_assert_leq(figure(&run, "connections.most"), 4);
    cr_assert_eq(figure(&run, "log.rows"), 200000);
    uint64_t unknown = 0;
    cr_assert_eq(each_row(run.log, check_row_of_many, &unknown), 200000);
    cr_assert_geq((int64_t)unknown, 200000 - LOAD_LAGS_KEPT - figure(&run, "requests.sent"));
    cr_assert_lt(unknown, 200000, "the last ones are known");
    load_run_free(&run);
}

Test(load_generator, poisson_arrivals_are_those_of_the_seed)
{
    struct load_server server = {0};
    server_start(&server, serve_good);
    struct load_http http = load_against(&server);
    http.arrivals = ARRIVALS_POISSON;
    http.rates[0] = 500;
    struct schedule schedule;
    struct cursor cursor;
    uint64_t due;
    int step;
    schedule_make(&schedule, &http, 1, 1000000);
    for (cursor_start(&cursor, &schedule); cursor_peek(&cursor, &due, &step); cursor_advance(&cursor))
        ;
    struct load_run run = run_load(&http, false);
    server_stop(&server);
    assert_adds_up(&run);
    cr_assert_eq((uint64_t)figure(&run, "requests.ok"), cursor.taken);
    cr_assert_eq(figure(&run, "seed"), 1);
    load_run_free(&run);
}

struct cutter {
    int control;
    struct load_message message;
};

/* Cuts the load when its window has begun. */
static void *cut_at_window(void *argument)
{
    struct cutter *cutter = argument;
    do
        recv(cutter->control, &cutter->message, sizeof cutter->message, 0);
    while (cutter->message.at != LOAD_AT_WINDOW);
    shutdown(cutter->control, SHUT_WR);
    do
        if (recv(cutter->control, &cutter->message, sizeof cutter->message, 0) <= 0)
            break;
    while (cutter->message.at < LOAD_AT_DONE);
    return NULL;
}

Test(load_generator, a_load_that_is_cut_counts_what_was_due_and_still_gives_its_result)
{
    struct load_server server = {0};
    server_start(&server, serve_nothing);
    struct load_http http = load_against(&server);
    http.duration_ns = UINT64_C(3600000000000);
    http.timeout_ns = UINT64_C(3600000000000);
    http.step_count = 2;
    http.rates[1] = 100;
    int control[2];
    AUTO_FD result_fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control), 0);
    struct cutter cutter = {.control = control[0]};
    pthread_t thread;
    pthread_create(&thread, NULL, cut_at_window, &cutter);
    const struct generator_spec spec = {
        .http = &http, .control_fd = control[1], .log_fd = -1, .result_fd = result_fd};
    struct error error = {0};
    cr_assert_eq(generator_run(&spec, &error), 0, "%s", error.text);
    pthread_join(thread, NULL);
    server_stop(&server);
    cr_assert_eq(cutter.message.at, LOAD_AT_DONE);
    lseek(result_fd, 0, SEEK_SET);
    struct load_run run = {.json = json_loadfd(result_fd, 0, NULL)};
    cr_assert(json_is_true(json_object_get(run.json, "cut")));
    int64_t due = figure(&run, "requests.due");
    cr_assert_geq(due, 1);
    cr_assert_lt(due, 3000, "far from the hour");
    cr_assert_eq(figure(&run, "errors.unanswered_at_end") + figure(&run, "errors.not_sent"), due);
    cr_assert_eq(json_array_size(json_object_get(run.json, "steps")), 1, "the second step never began");
    cr_assert_geq(figure(&run, "window.end_ns"), figure(&run, "window.start_ns"));
    close(control[0]);
    close(control[1]);
    load_run_free(&run);
}

Test(load_generator, a_full_disk_costs_the_log_and_not_the_load)
{
    struct load_server server = {0};
    server_start(&server, serve_good);
    struct load_http http = load_against(&server);
    AUTO_FD result_fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    AUTO_FD log_fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    const struct generator_spec spec = {
        .http = &http, .control_fd = -1, .log_fd = log_fd, .result_fd = result_fd};
    struct error error = {0};
    cr_assert_eq(generator_run(&spec, &error), 0, "%s", error.text);
    server_stop(&server);
    lseek(result_fd, 0, SEEK_SET);
    struct load_run run = {.json = json_loadfd(result_fd, 0, NULL)};
    cr_assert_eq(figure(&run, "requests.ok"), 20);
    const char *text = json_string_value(json_object_get(json_object_get(run.json, "log"), "error"));
    cr_assert_str_eq(text, "No space left on device");
    load_run_free(&run);
}

Test(load_generator, a_result_that_cannot_be_written_is_a_failure_that_is_told)
{
    struct load_server server = {0};
    server_start(&server, serve_good);
    struct load_http http = load_against(&server);
    AUTO_FD full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    int control[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control), 0);
    const struct generator_spec spec = {
        .http = &http, .control_fd = control[1], .log_fd = -1, .result_fd = full};
    struct error error = {0};
    cr_assert_lt(generator_run(&spec, &error), 0);
    server_stop(&server);
    struct load_message message;
    do
        cr_assert_gt(recv(control[0], &message, sizeof message, MSG_DONTWAIT), 0);
    while (message.at < LOAD_AT_DONE);
    cr_assert_eq(message.at, LOAD_AT_FAILED);
    cr_assert_not_null(strstr(message.text, "No space left"), "%s", message.text);
    close(control[0]);
    close(control[1]);
}
