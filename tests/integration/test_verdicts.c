#include "lab.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD                                                                                                 \
    "version: 1\n"                                                                                           \
    "experiment: verdicts\n"                                                                                 \
    "trials: {warmup: 0, bare: 1, observed: 0}\n"

#define DEMO(name, words, expect)                                                                            \
    "  - {name: " name ", exec: [\"@BIN@/programs/behave\", " words "], expect: {exit: " expect "}}\n"

static json_t *only_trial(struct lab *lab, const char *demo)
{
    return lab_trial(lab, demo, "bare", 0);
}

static const json_t *evidence(const json_t *trial)
{
    return json_object_get(json_object_get(trial, "verdict"), "evidence");
}

Test(verdicts, crashes_of_the_go_runtime_are_classified_with_its_own_line)
{
    struct lab lab;
    lab_run(&lab, HEAD "controls: {gomaxprocs: 4}\ndemos:\n" DEMO("ok", "ok", "ok")
                      DEMO("code", "exit, \"3\"", "{code: 3}") DEMO("panic", "panic", "panic")
                          DEMO("deadlock", "deadlock", "deadlock") DEMO("map", "map", "fatal"));
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    static const char *const names[][3] = {
        {"ok", "ok", NULL},
        {"code", "exit", NULL},
        {"panic", "panic", "panic: on purpose"},
        {"deadlock", "deadlock", "fatal error: all goroutines are asleep - deadlock!"},
        {"map", "fatal", "fatal error: concurrent map"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        json_t *trial = only_trial(&lab, names[i][0]);
        cr_expect_str_eq(lab_verdict(trial), names[i][1]);
        const json_t *said = json_object_get(evidence(trial), "stderr");
        if (names[i][2]) {
            cr_expect(strstr(json_string_value(json_object_get(said, "line")), names[i][2]) != NULL);
            cr_expect_str_eq(json_string_value(json_object_get(said, "source")), "demo");
        } else {
            cr_expect_null(said);
        }
        json_decref(trial);
    }
    lab_close(&lab);
}

Test(verdicts, an_unexpected_end_is_exit_code_1)
{
    struct lab lab;
    lab_run(&lab, HEAD "demos:\n" DEMO("code", "exit, \"3\"", "ok"));
    cr_assert_eq(lab.status, 1, "%s%s", lab.err, lab.out);
    lab_close(&lab);
}

Test(verdicts, memory_max_ends_in_oom_with_a_peak_at_most_the_limit)
{
    struct lab lab;
    lab_run(&lab, HEAD "controls: {cgroup: {memory.max: 64MiB, memory.swap.max: 0}}\n"
                       "demos:\n" DEMO("eat", "eat, \"256\"", "oom"));
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *trial = only_trial(&lab, "eat");
    cr_expect_str_eq(lab_verdict(trial), "oom");
    cr_expect_geq(json_integer_value(json_object_get(evidence(trial), "oom_kills")), 1);
    /* The kernel lets pass what a killed task still needs (mm/memcontrol.c, try_charge_memcg(), "force"):
       some pages, at most a batch of them (MEMCG_CHARGE_BATCH). */
    cr_expect_leq(lab_metric(trial, "memory.peak"), (64 << 20) + 64 * sysconf(_SC_PAGESIZE));
    cr_expect_geq(lab_metric(trial, "memory.peak"), 60 << 20);
    json_decref(trial);
    lab_close(&lab);
}

Test(verdicts, pids_max_holds_and_is_the_verdict)
{
    struct lab lab;
    lab_run(&lab, HEAD "controls: {cgroup: {pids.max: 20}}\n"
                       "demos:\n" DEMO("threads", "threads, \"200\"", "pids"));
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *trial = only_trial(&lab, "threads");
    cr_expect_str_eq(lab_verdict(trial), "pids");
    cr_expect_geq(json_integer_value(json_object_get(evidence(trial), "pids_max_hits")), 1);
    double peak = lab_metric(trial, "pids.peak");
    cr_expect(isnan(peak) || peak <= 20, "pids.peak %f", peak);
    json_decref(trial);
    lab_close(&lab);
}

/* The quota is an upper bound on any machine; a busy one may give less, and then the trial says nothing about
 * it. */
static bool quota_was_used(void)
{
    struct lab lab;
    lab_run(&lab, HEAD "controls: {gomaxprocs: 2, cgroup: {cpu.max: 0.5}}\n"
                       "demos:\n" DEMO("spin", "spin, \"2\", \"2000\"", "ok"));
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *trial = only_trial(&lab, "spin");
    double ratio = lab_metric(trial, "cpu.time") / lab_metric(trial, "time.wall");
    cr_expect_lt(ratio, 0.56, "CPU / wall is %f", ratio);
    bool used = ratio > 0.44;
    if (used) {
        cr_expect_gt(lab_metric(trial, "cpu.throttled"), 0);
        cr_expect_gt(lab_metric(trial, "cpu.throttled_periods_ratio"), 0.5);
    }
    json_decref(trial);
    lab_close(&lab);
    return used;
}

Test(verdicts, half_a_cpu_is_half_a_cpu)
{
    bool used = false;
    for (int i = 0; i < 8 && !used; i++)
        used = quota_was_used();
    cr_assert(used, "in eight trials the machine never gave the demo its half CPU");
}

Test(verdicts, the_time_out_signals_then_kills)
{
    struct lab lab;
    lab_run(&lab,
            HEAD "controls: {timeout: 300ms, stop: {signal: SIGINT, grace: 200ms}}\n"
                 "demos:\n" DEMO("sleep", "sleep, \"60000\"", "timeout") DEMO("ignore", "ignore", "timeout"));
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *sleeper = only_trial(&lab, "sleep");
    cr_expect_str_eq(json_string_value(json_object_get(evidence(sleeper), "signal")), "SIGINT");
    cr_expect(json_is_false(json_object_get(evidence(sleeper), "killed_after_grace")));
    json_t *stubborn = only_trial(&lab, "ignore");
    cr_expect_str_eq(json_string_value(json_object_get(evidence(stubborn), "signal")), "SIGKILL");
    cr_expect(json_is_true(json_object_get(evidence(stubborn), "killed_after_grace")));
    cr_expect_geq(lab_metric(stubborn, "time.wall"), 500e6);
    json_decref(sleeper);
    json_decref(stubborn);
    lab_close(&lab);
}

Test(verdicts, the_stop_policy_tells_how_the_demo_took_it)
{
    struct lab lab;
    lab_run(&lab, HEAD "controls: {timeout: 20s, stop: {after: 2s, signal: SIGINT, grace: 5s}}\n"
                       "demos:\n" DEMO("handles", "interrupt", "stopped")
                           DEMO("fails", "interrupt, \"7\"", "stopped"));
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *handles = only_trial(&lab, "handles");
    cr_expect_str_eq(lab_verdict(handles), "stopped");
    cr_expect_eq(json_integer_value(json_object_get(evidence(handles), "code")), 0);
    json_t *fails = only_trial(&lab, "fails");
    cr_expect_eq(json_integer_value(json_object_get(evidence(fails), "code")), 7);
    json_decref(handles);
    json_decref(fails);
    lab_close(&lab);
}

Test(verdicts, what_a_demo_leaves_behind_is_killed_and_mentioned)
{
    struct lab lab;
    lab_run(&lab, HEAD "demos:\n" DEMO("daemon", "daemon", "ok"));
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *trial = only_trial(&lab, "daemon");
    cr_expect_eq(json_integer_value(json_object_get(evidence(trial), "processes_left_behind")), 1);
    json_decref(trial);
    lab_close(&lab);
}

Test(verdicts, a_flood_of_output_is_bounded_and_counted)
{
    struct lab lab;
    lab_run(&lab, HEAD "demos:\n" DEMO("flood", "flood, \"32\"", "ok"));
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *trial = only_trial(&lab, "flood");
    const json_t *out = json_object_get(trial, "stdout");
    cr_expect_geq(json_integer_value(json_object_get(out, "printed_bytes")), 32 << 20);
    cr_expect_eq(json_integer_value(json_object_get(out, "kept_bytes")), 4 << 20);
    json_decref(trial);
    lab_close(&lab);
}

Test(verdicts, four_ways_not_to_start_have_four_reasons)
{
    struct lab lab;
    lab_open(&lab);
    char command[512];
    snprintf(command, sizeof command,
             "cd %s && printf 'x' >plain && printf '\\177ELF garbage' >garbage && chmod +x garbage && printf "
             "'#!/no/such/interpreter\\n' >script && chmod +x script",
             lab.folder);
    cr_assert_eq(system(command), 0);
    lab_write_manifest(&lab, HEAD "demos:\n"
                                  "  - {name: missing, exec: [./missing]}\n"
                                  "  - {name: plain, exec: [./plain]}\n"
                                  "  - {name: garbage, exec: [./garbage]}\n"
                                  "  - {name: script, exec: [./script], expect: {exit: start_failed}}\n");
    lab_wait(&lab, lab_start(&lab, (const char *const[]){"m.yaml", NULL}));
    cr_assert_eq(lab.status, 1, "%s%s", lab.err, lab.out);
    const json_t *demos = json_object_get(lab.experiment, "demos");
    static const char *const names[] = {"missing", "plain", "garbage"};
    for (size_t i = 0; i < 3; i++) {
        const char *failure = json_string_value(json_object_get(json_object_get(demos, names[i]), "failure"));
        cr_assert(failure, "%s", names[i]);
        for (size_t j = 0; j < i; j++)
            cr_expect_str_neq(
                failure, json_string_value(json_object_get(json_object_get(demos, names[j]), "failure")));
    }
    json_t *script = only_trial(&lab, "script");
    cr_expect_str_eq(lab_verdict(script), "start_failed");
    json_decref(script);
    lab_close(&lab);
}
