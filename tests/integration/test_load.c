/* Whole experiments with a load: what it came to, and the verdicts. Counts alone: what depends on a clock may
   be disturbed, and a trial whose load was late says so itself. */
#include "lab.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runner/support/fd.h"

#define URL "\"http://127.0.0.1:8080/x\""
#define HEAD                                                                                                 \
    "version: 1\nexperiment: load\ncontrols: {timeout: 60s}\n"                                               \
    "trials: {warmup: 0, bare: 1, observed: 0}\n"
#define HTTP(more) "load: {http: {url: " URL ", rate: 50/s, warmup: 100ms, duration: 1s" more "}}\n"
#define DEMO(words, expect)                                                                                  \
    "demos: [{name: server, exec: [\"@BIN@/programs/serve\", " words "], expect: {exit: " expect "}}]\n"

static json_t *run_one(struct lab *lab, const char *manifest, const char *role)
{
    lab_run(lab, manifest);
    cr_assert(lab->experiment, "%s%s", lab->err, lab->out);
    return lab_trial(lab, "server", role, 0);
}

static json_int_t count_in(const json_t *object, const char *first, const char *second)
{
    return json_integer_value(json_object_get(json_object_get(object, first), second));
}

static const json_t *evidence_of(const json_t *trial)
{
    return json_object_get(json_object_get(json_object_get(trial, "verdict"), "evidence"), "load");
}

/* The number of the demo's own line. */
static json_int_t handled_by(const struct lab *lab)
{
    char path[512], file[600];
    AUTO_FREE char *text = NULL;
    size_t size;
    long long handled = -1;
    lab_trial_path(lab, "server", "bare", 0, path, sizeof path);
    snprintf(file, sizeof file, "%s/stdout", path);
    cr_assert_eq(fd_read_file(-100, file, 1 << 20, &text, &size), 0);
    const char *line = strstr(text, "{\"handled\":");
    cr_assert(line && sscanf(line, "{\"handled\":%lld}", &handled) == 1, "%s", text);
    return handled;
}

Test(load, a_server_gets_every_request_that_was_due)
{
    struct lab lab;
    json_t *trial =
        run_one(&lab, HEAD HTTP(", method: POST, body: {json: 1KiB}") DEMO("ok", "stopped"), "bare");
    const json_t *load = json_object_get(trial, "load");
    cr_expect_eq(count_in(load, "requests", "due"), 50);
    cr_expect_eq(count_in(load, "requests", "ok"), 50);
    json_int_t warm = count_in(json_object_get(load, "warmup"), "requests", "due");
    cr_expect_eq(warm, 5);
    cr_expect_eq(handled_by(&lab), 50 + warm);
    cr_expect_eq(count_in(load, "log", "rows"), 50);
    cr_expect_gt(json_integer_value(json_object_get(load, "ready_after_ns")), 0);
    cr_expect(isnan(lab_metric(trial, "time.wall")), "the load fixes it");
    cr_expect_gt(lab_metric(trial, "window.cpu_time"), 0);
    cr_expect_lt(lab_metric(trial, "window.cpu_time"), lab_metric(trial, "cpu.time"));
    const char *verdict = lab_verdict(trial);
    if (strcmp(verdict, "stopped") == 0) {
        cr_expect_eq(lab_metric(trial, "work.units"), 50);
        cr_expect_eq(lab_metric(trial, "load.errors"), 0);
        cr_expect_eq(lab.status, 0, "%s", lab.err);
    } else {
        cr_expect_str_eq(verdict, "load_invalid"); /* the machine was too busy for a load at all */
        cr_expect_eq(lab.status, 5);
    }
    json_decref(trial);
    lab_close(&lab);
}

Test(load, ipv6_and_poisson_arrivals_work)
{
    struct lab lab;
    json_t *trial =
        run_one(&lab,
                HEAD "load: {http: {url: \"http://[::1]:8080/\", rate: 50/s, arrivals: poisson, warmup: 0, "
                     "duration: 1s}}\n" DEMO("six", "stopped"),
                "bare");
    const json_t *load = json_object_get(trial, "load");
    json_int_t due = count_in(load, "requests", "due");
    cr_expect(due > 20 && due < 100, "%lld", (long long)due);
    cr_expect_eq(count_in(load, "requests", "ok"), due);
    cr_expect_eq(handled_by(&lab), due);
    json_decref(trial);
    lab_close(&lab);
}

Test(load, a_server_that_never_listens_is_not_ready)
{
    struct lab lab;
    json_t *trial = run_one(&lab,
                            HEAD "load: {http: {url: " URL
                                 ", rate: 50/s, duration: 1s}, ready: {within: 200ms}}\n" DEMO("deaf", "ok"),
                            "bare");
    cr_expect_str_eq(lab_verdict(trial), "not_ready");
    cr_expect_eq(json_integer_value(json_object_get(evidence_of(trial), "not_ready_within_ns")), 200000000);
    cr_expect(json_is_null(json_object_get(json_object_get(trial, "load"), "ready_after_ns")));
    cr_expect_eq(lab.status, 1, "%s", lab.err);
    json_decref(trial);
    lab_close(&lab);
}

Test(load, a_server_that_is_late_is_waited_for)
{
    struct lab lab;
    json_t *trial = run_one(&lab, HEAD HTTP("") DEMO("late, \"300\"", "stopped"), "bare");
    const json_t *load = json_object_get(trial, "load");
    cr_expect_geq(json_integer_value(json_object_get(load, "ready_after_ns")), 300000000);
    cr_expect_eq(count_in(load, "requests", "ok"), 50);
    json_decref(trial);
    lab_close(&lab);
}

Test(load, readiness_by_an_answer_and_by_a_text)
{
    static const char *const ways[] = {"{http: /}", "{stdout: now listening}"};
    static const char *const demos[] = {DEMO("unready, \"3\"", "stopped"), DEMO("ok", "stopped")};
    for (size_t i = 0; i < 2; i++) {
        struct lab lab;
        char manifest[1024];
        snprintf(manifest, sizeof manifest,
                 HEAD "load: {http: {url: " URL ", rate: 50/s, warmup: 0, duration: 1s}, ready: %s}\n%s",
                 ways[i], demos[i]);
        json_t *trial = run_one(&lab, manifest, "bare");
        const json_t *load = json_object_get(trial, "load");
        cr_expect_eq(count_in(load, "requests", "ok"), 50, "%s: %s%s", ways[i], lab.err, lab.out);
        cr_expect_gt(json_integer_value(json_object_get(load, "ready_after_ns")), 0);
        if (i == 0)
            cr_expect_eq(handled_by(&lab), 50 + 4, "three were refused, one was the answer");
        json_decref(trial);
        lab_close(&lab);
    }
}

Test(load, a_server_that_prints_nothing_is_asked_at_once)
{
    static const char *const loads[] = {
        "http: {url: " URL ", rate: 50/s, warmup: 0, duration: 500ms}, ready: {http: /, within: 10s}",
        "command: [busybox, sh, -c, \"echo without any ready\"]"};
    for (size_t i = 0; i < 2; i++) {
        struct lab lab;
        char manifest[1024];
        snprintf(manifest, sizeof manifest, HEAD "load: {%s}\n%s", loads[i], DEMO("mute", "stopped"));
        json_t *trial = run_one(&lab, manifest, "bare");
        const json_t *load = json_object_get(trial, "load");
        json_int_t ready = json_integer_value(json_object_get(load, "ready_after_ns"));
        cr_expect(json_is_integer(json_object_get(load, "ready_after_ns")) && ready < 10000000000, "%lld",
                  (long long)ready);
        if (i == 0)
            cr_expect_eq(count_in(load, "requests", "ok"), 25, "%s%s", lab.err, lab.out);
        json_decref(trial);
        lab_close(&lab);
    }
}

Test(load, an_answer_that_never_comes_right_is_not_ready)
{
    struct lab lab;
    json_t *trial = run_one(&lab,
                            HEAD "load: {http: {url: " URL
                                 ", rate: 50/s, duration: 1s}, ready: {http: /, within: 4s}}\n" DEMO(
                                     "status, \"500\"", "not_ready"),
                            "bare");
    cr_expect_str_eq(lab_verdict(trial), "not_ready");
    cr_expect(strstr(json_string_value(json_object_get(evidence_of(trial), "failure")), "500"));
    cr_expect_eq(lab.status, 0, "%s", lab.err);
    json_decref(trial);
    lab_close(&lab);
}

Test(load, wrong_answers_are_load_errors_by_kind)
{
    struct lab lab;
    json_t *trial = run_one(&lab, HEAD HTTP("") DEMO("status, \"404\"", "load_errors"), "bare");
    const json_t *load = json_object_get(trial, "load");
    cr_expect_eq(count_in(load, "errors", "status"), 50);
    cr_expect_eq(count_in(load, "statuses", "404"), 50);
    if (strcmp(lab_verdict(trial), "load_invalid") != 0) {
        cr_expect_str_eq(lab_verdict(trial), "load_errors");
        cr_expect_eq(count_in(evidence_of(trial), "errors", "status"), 50);
        cr_expect_eq(lab.status, 0, "%s", lab.err);
    }
    json_decref(trial);
    trial = NULL;
    lab_close(&lab);
    trial = run_one(&lab, HEAD HTTP(", status: 404") DEMO("status, \"404\"", "stopped"), "bare");
    cr_expect_eq(count_in(json_object_get(trial, "load"), "requests", "ok"), 50, "404 is what was asked for");
    json_decref(trial);
    lab_close(&lab);
}

static json_int_t dropped_in(const json_t *part)
{
    return count_in(part, "errors", "early_close") + count_in(part, "errors", "reset");
}

Test(load, dropped_connections_are_counted_as_such)
{
    struct lab lab;
    json_t *trial = run_one(&lab, HEAD HTTP("") DEMO("drop, \"5\"", "load_errors"), "bare");
    const json_t *load = json_object_get(trial, "load");
    json_int_t dropped = dropped_in(load);
    cr_expect_eq(dropped + dropped_in(json_object_get(load, "warmup")), handled_by(&lab) / 5);
    cr_expect_geq(dropped, 9, "one of five, and the warm-up has five requests");
    cr_expect_eq(count_in(load, "requests", "ok"), 50 - dropped);
    json_decref(trial);
    lab_close(&lab);
}

Test(load, a_server_that_ends_before_its_load_is_gone_or_crashed)
{
    static const struct {
        const char *words, *verdict;
    } rows[] = {{"exit, \"20\"", "gone"}, {"panic, \"20\"", "panic"}};
    for (size_t i = 0; i < 2; i++) {
        struct lab lab;
        char manifest[1024];
        snprintf(
            manifest, sizeof manifest,
            HEAD HTTP(
                "") "demos: [{name: server, exec: [\"@BIN@/programs/serve\", %s], expect: {exit: %s}}]\n",
            rows[i].words, rows[i].verdict);
        json_t *trial = run_one(&lab, manifest, "bare");
        cr_expect_str_eq(lab_verdict(trial), rows[i].verdict);
        cr_expect(json_is_true(json_object_get(json_object_get(trial, "load"), "cut")));
        cr_expect_lt(count_in(json_object_get(trial, "load"), "requests", "ok"), 20);
        cr_expect_eq(lab.status, 0, "%s%s", lab.err, lab.out);
        json_decref(trial);
        lab_close(&lab);
    }
}

Test(load, a_server_that_cannot_keep_up_is_overloaded)
{
    struct lab lab;
    json_t *trial = run_one(&lab,
                            HEAD HTTP(", connections: {start: 1, most: 2}, timeout: 300ms")
                                DEMO("slow, \"100\"", "overloaded"),
                            "bare");
    const json_t *load = json_object_get(trial, "load");
    cr_expect_gt(count_in(load, "requests", "waited_for_connection"), 10);
    cr_expect_lt(count_in(load, "requests", "ok"), 40);
    if (strcmp(lab_verdict(trial), "load_invalid") != 0)
        cr_expect_str_eq(lab_verdict(trial), "overloaded");
    json_decref(trial);
    lab_close(&lab);
}

Test(load, steps_find_the_rate_that_held)
{
    struct lab lab;
    json_t *trial = run_one(&lab,
                            HEAD "load: {http: {url: " URL
                                 ", steps: [5/s, 10/s, 200/s], warmup: 0, duration: 1s, timeout: 500ms, "
                                 "connections: {start: 1, most: 4}}}\n" DEMO("slow, \"20\"", "stopped"),
                            "bare");
    const json_t *load = json_object_get(trial, "load");
    cr_expect_eq(json_array_size(json_object_get(load, "steps")), 3);
    cr_expect_eq(count_in(load, "requests", "due"), 215);
    json_int_t held = json_integer_value(json_object_get(load, "steps_held"));
    cr_expect(held < 3, "20 ms one after the other cannot be 200 a second");
    if (strcmp(lab_verdict(trial), "load_invalid") != 0 && held == 2)
        cr_expect_eq(lab_metric(trial, "load.knee_rate"), 10);
    json_decref(trial);
    lab_close(&lab);
}

Test(load, a_command_is_a_load_and_its_exit_is_kept)
{
    static const struct {
        const char *command, *expect;
        int status;
    } rows[] = {
        {"[busybox, wget, -q, -O, \"-\", \"{url}\"]", "stopped", 0},
        {"[busybox, sh, -c, \"echo said; echo {url} >&2; exit 3\"]", "ok", 5},
        {"[no-such-program, \"{url}\"]", "ok", 5},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lab lab;
        char manifest[1024], path[512], file[600];
        snprintf(manifest, sizeof manifest,
                 HEAD "load: {command: %s, url: " URL ", ready: {tcp: 8080}, work: {stdout: handled}}\n"
                      "demos: [{name: server, exec: [\"@BIN@/programs/serve\", ok], expect: {exit: %s}}]\n",
                 rows[i].command, rows[i].expect);
        json_t *trial = run_one(&lab, manifest, "bare");
        cr_expect_eq(lab.status, rows[i].status, "%s: %s%s", rows[i].command, lab.err, lab.out);
        lab_trial_path(&lab, "server", "bare", 0, path, sizeof path);
        AUTO_FREE char *out = NULL;
        AUTO_FREE char *err = NULL;
        size_t size;
        snprintf(file, sizeof file, "%s/load.stdout", path);
        cr_assert_eq(fd_read_file(-100, file, 1 << 20, &out, &size), 0);
        snprintf(file, sizeof file, "%s/load.stderr", path);
        cr_assert_eq(fd_read_file(-100, file, 1 << 20, &err, &size), 0);
        if (i == 0) {
            cr_expect_str_eq(out, "fine\n", "%s", err);
            cr_expect_eq(lab_metric(trial, "work.units"), 1);
            cr_expect_gt(lab_metric(trial, "time.wall"), 0);
        } else {
            cr_expect_str_eq(lab_verdict(trial), "load_invalid");
        }
        if (i == 1) {
            cr_expect_str_eq(out, "said\n");
            cr_expect_str_eq(err, "http://127.0.0.1:8080/x\n");
            cr_expect_eq(json_integer_value(json_object_get(evidence_of(trial), "code")), 3);
        }
        if (i == 2)
            cr_expect(
                strstr(json_string_value(json_object_get(evidence_of(trial), "failure")), "no-such-program"));
        json_decref(trial);
        lab_close(&lab);
    }
}

Test(load, a_body_file_that_only_root_may_read_is_sent)
{
    struct lab lab;
    char folder[] = "/tmp/load-body-XXXXXX";
    char manifest[1024], path[64];
    cr_assert(mkdtemp(folder)); /* 0700 */
    snprintf(path, sizeof path, "%s/body", folder);
    FILE *body = fopen(path, "w");
    cr_assert(body && fputs("12345", body) >= 0 && fclose(body) == 0);
    snprintf(manifest, sizeof manifest,
             HEAD "load: {http: {url: " URL
                  ", method: POST, body: {file: %s}, rate: 20/s, warmup: 0, duration: 500ms}}\n" DEMO(
                      "ok", "stopped"),
             path);
    json_t *trial = run_one(&lab, manifest, "bare");
    cr_expect_eq(count_in(json_object_get(trial, "load"), "requests", "ok"), 10, "%s%s", lab.err, lab.out);
    json_decref(trial);
    lab_close(&lab);
    fd_remove_tree(-100, folder);
}

Test(load, the_kernel_counts_the_payload_that_the_load_wrote_and_read)
{
    struct lab lab;
    json_t *trial = run_one(&lab,
                            "version: 1\nexperiment: load\ncontrols: {timeout: 60s}\n"
                            "trials: {warmup: 0, bare: 0, observed: 1}\nprobes: {net: on, go: core}\n" HTTP(
                                ", method: POST, body: {json: 10KiB}") DEMO("ok", "stopped"),
                            "observed");
    const json_t *load = json_object_get(trial, "load");
    double bytes = (double)(count_in(load, "bytes", "written") + count_in(load, "bytes", "read"));
    double again = lab_metric(trial, "net.retransmitted");
    cr_expect_eq(lab_metric(trial, "net.payload_in"), bytes);
    cr_expect(isnan(again) || lab_metric(trial, "net.payload_out") == bytes + again);
    const json_t *kinds = json_object_get(json_object_get(trial, "trace"), "by_kind");
    cr_expect_geq(json_integer_value(json_object_get(kinds, "mark")), 5,
                  "the window's marks are in the trace");
    json_decref(trial);
    lab_close(&lab);
}
