/* probes.cpu from the manifest to profile.json: shares, goroutines and stacks of programs that know their
 * own. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/support/fd.h"
#include "tests/integration/lab.h"
#include "tests/integration/profiled.h"

#define HEAD(probes)                                                                                         \
    "version: 1\nexperiment: profile\ncontrols: {gomaxprocs: 2, timeout: 300s}\n"                            \
    "trials: {warmup: 0, bare: 0, observed: 1}\nprobes: " probes "\n"
#define ALONE "{sched: off, go: none, cpu: 997Hz}"

static bool have(const char *program)
{
    char path[512];
    const char *bin = getenv("RUNNER_TEST_BIN");
    cr_assert(bin, "RUNNER_TEST_BIN names the build folder");
    snprintf(path, sizeof path, "%s/accuracy/%s", bin, program);
    return access(path, X_OK) == 0;
}

static void run_demo(struct lab *lab, const char *probes_head, const char *program, const char *seconds)
{
    char manifest[1024];
    if (!have(program))
        cr_skip("no program %s was built", program);
    snprintf(manifest, sizeof manifest, "%sdemos:\n  - {name: demo, exec: [\"@BIN@/accuracy/%s\", \"%s\"]}\n",
             probes_head, program, seconds);
    lab_run(lab, manifest);
    cr_assert_eq(lab->status, 0, "%s: %s%s", program, lab->err, lab->out);
}

static double printed(const struct lab *lab, const char *key)
{
    json_t *line = lab_printed(lab, "demo");
    double value = json_number_value(json_object_get(line, key));
    json_decref(line);
    return value;
}

/* An emulated machine stands still while its host is busy or code is translated, and its clocks go on: a
   program's own figures then say how long it stood where. A real one did where more than a tenth of the ticks
   did not come. */
static bool has_steady_clock(const struct profiled *profiled)
{
    return !lab_is_emulated() &&
           profiled_figure(profiled, NULL, "ticks_missed") * 10 < profiled_figure(profiled, NULL, "ticks");
}

/*
 * Of n samples the share p of one function varies by sqrt(p(1 - p)/n) if each sample fell at random. They
 * come in fixed steps while the blocks' lengths vary, so they vary less. Beyond 4.5 standard deviations once
 * in 150,000 runs. A machine that stands still now and then has them in clusters, which tell less than as
 * many alone: there it may be 7.
 */
static void expect_share(const struct profiled *profiled, uint64_t part, uint64_t whole, double truth,
                         const char *what)
{
    double share = (double)part / (double)whole;
    double deviations = has_steady_clock(profiled) ? 4.5 : 7;
    double tolerance = deviations * sqrt(truth * (1 - truth) / (double)whole);
    cr_log_info("%s: %.4f of %lu samples, in truth %.4f, tolerance %.4f", what, share, whole, truth,
                tolerance);
    cr_expect_gt(whole, 50, "%s: too few samples to tell", what);
    cr_expect_leq(fabs(share - truth), tolerance, "%s", what);
}

/* Large does 3 rounds for one of small, in turns of milliseconds: whatever else happens to the machine, its
   share of the time is this. */
#define LARGE_SHARE 0.75

/* Nothing came or went on the way into the file. */
static void expect_balance(const struct profiled *profiled, const char *program)
{
    int64_t samples = profiled_figure(profiled, NULL, "samples");
    int64_t expected = profiled_figure(profiled, NULL, "samples_expected");
    int64_t missed = profiled_figure(profiled, NULL, "ticks_missed");
    cr_expect_eq(samples + profiled_figure(profiled, "lost", "ring_full"),
                 profiled_figure(profiled, NULL, "produced"));
    cr_expect_eq(profiled_figure(profiled, "lost", "ring_full"), 0);
    cr_expect_eq(profiled_figure(profiled, "lost", "no_room"), 0);
    cr_expect_eq((int64_t)profiled_count(profiled, &(struct wanted){0}), samples);
    cr_expect_eq(lab_metric(profiled->trial, "profile.samples"), (double)samples);
    cr_expect_eq(lab_metric(profiled->trial, "profile.lost"), 0);
    cr_log_info("%s: %ld samples, %ld expected, %ld ticks missed", program, samples, expected, missed);
    /* cpu.stat counts the last moments of a thread, too, which have no samples of the group any more; it
       leaves out interrupts and what the machine's own host took, which have. */
    cr_expect(samples <= expected * 1.1 + 10 && samples + missed >= expected * 0.9 - 10,
              "%s: %ld of %ld, %ld", program, samples, expected, missed);
}

/* --- a Go program, however it was built ---------------------------------------------------------- */

static uint64_t of(const struct profiled *profiled, const char *worker, const struct wanted *more)
{
    char function[64], creator[64];
    struct wanted wanted = *more;
    snprintf(function, sizeof function, "main.%sWorker", worker);
    snprintf(creator, sizeof creator, "main.start%c%s", worker[0] - 'a' + 'A', worker + 1);
    wanted.kind = "goroutine";
    wanted.function = function;
    wanted.creator = creator;
    return profiled_count(profiled, &wanted);
}

static void check_shares(const struct lab *lab, const struct profiled *profiled)
{
    static const struct {
        const char *worker, *key;
    } rows[] = {{"call", "call_ns"}, {"dig", "dig_ns"}, {"allocate", "allocate_ns"}};
    uint64_t large = of(profiled, "compute", &(struct wanted){.through = "main.large"});
    uint64_t small = of(profiled, "compute", &(struct wanted){.through = "main.small"});
    expect_share(profiled, large, large + small, LARGE_SHARE, "main.large to main.small");
    double large_ns = printed(lab, "large_ns"), small_ns = printed(lab, "small_ns");
    double all_ns = large_ns + small_ns;
    uint64_t all = large + small;
    for (size_t i = 0; i < 3; i++) {
        all_ns += printed(lab, rows[i].key);
        all += of(profiled, rows[i].worker, &(struct wanted){0});
    }
    if (!has_steady_clock(profiled))
        return;
    expect_share(profiled, large, large + small, large_ns / (large_ns + small_ns),
                 "the same by its own clock");
    for (size_t i = 0; i < 3; i++)
        expect_share(profiled, of(profiled, rows[i].worker, &(struct wanted){0}), all,
                     printed(lab, rows[i].key) / all_ns, rows[i].worker);
}

/* What part of a worker's samples has the whole of what is known of its stacks. */
static void expect_most(uint64_t part, uint64_t whole, double least, const char *what)
{
    cr_log_info("%s: %lu of %lu", what, part, whole);
    cr_expect_gt(whole, 0, "%s", what);
    cr_expect_geq((double)part, least * (double)whole, "%s: %lu of %lu", what, part, whole);
}

static void check_stacks(const struct profiled *profiled)
{
    static const struct wanted any = {0};
    expect_most(of(profiled, "dig",
                   &(struct wanted){.through = "main.deeper", .times = 51, .outermost = "runtime.goexit"}),
                of(profiled, "dig", &(struct wanted){.through = "main.deeper"}), 0.97,
                "51 frames, up to runtime.goexit");
    /* By frame pointers alone the chain would lack the caller of a function without a frame. */
    expect_most(
        of(profiled, "compute", &(struct wanted){.innermost = "main.leaf", .through = "main.large"}) +
            of(profiled, "compute", &(struct wanted){.innermost = "main.leaf", .through = "main.small"}),
        of(profiled, "compute", &(struct wanted){.innermost = "main.leaf"}), 0.99,
        "main.leaf with its caller");
    expect_most(
        of(profiled, "call",
           &(struct wanted){.has_kind = "kernel", .through = "os.(*File).Read", .also = "syscall.Syscall"}),
        of(profiled, "call", &any), 0.6, "the kernel on behalf of os.(*File).Read");
    uint64_t switched = of(profiled, "allocate", &(struct wanted){.through = "runtime.systemstack"});
    if (switched > 50) /* the goroutine's frames stand below the system stack's */
        expect_most(of(profiled, "allocate",
                       &(struct wanted){.through = "runtime.systemstack", .also = "main.allocateWorker"}),
                    switched, 0.9, "runtime.systemstack with its goroutine's frames");
    int64_t samples = profiled_figure(profiled, NULL, "samples");
    cr_expect_eq(profiled_figure(profiled, "stacks", "cut_deep"), 0);
    cr_expect_eq(profiled_figure(profiled, "stacks", "cut_refused"), 0);
    cr_expect_leq(profiled_figure(profiled, "stacks", "cut_broken"), 2 + samples / 100);
    cr_expect_gt(profiled_figure(profiled, "stacks", "repaired"), samples / 4);
}

static void check_program(const char *program, const char *probes_head, const char *seconds)
{
    struct lab lab;
    struct profiled profiled;
    run_demo(&lab, probes_head, program, seconds);
    profiled_open(&profiled, &lab, "demo");
    const json_t *block = json_object_get(profiled.trial, "profile");
    cr_expect_str_eq(json_string_value(json_object_get(block, "goroutines")), "known");
    expect_balance(&profiled, program);
    check_shares(&lab, &profiled);
    check_stacks(&profiled);
    profiled_close(&profiled);
    lab_close(&lab);
}

Test(cpuprofile, shares_goroutines_and_stacks_are_those_of_go_1_19, .timeout = 600)
{
    check_program("hot-1.19", HEAD(ALONE), "1");
}

Test(cpuprofile, shares_goroutines_and_stacks_are_those_of_the_newest_go, .timeout = 600)
{
    check_program(have("hot-1.27") ? "hot-1.27" : "hot-1.23", HEAD(ALONE), "1");
}

Test(cpuprofile, shares_goroutines_and_stacks_are_those_of_each_go_between, .timeout = 600)
{
    static const char *const programs[] = {"hot-1.21", "hot-1.22", "hot-1.23",
                                           "hot-1.24", "hot-1.25", "hot-1.26"};
    size_t checked = 0;
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (have(programs[i]) && ++checked)
            check_program(programs[i], HEAD(ALONE), "0.5");
    if (!checked)
        cr_skip("no program of them was built");
}

Test(cpuprofile, a_program_without_symbols_has_the_same_names, .timeout = 600)
{
    check_program("hot-stripped", HEAD(ALONE), "1");
}

Test(cpuprofile, a_position_independent_program_has_the_same_names, .timeout = 600)
{
    check_program("hot-pie", HEAD(ALONE), "1");
}

Test(cpuprofile, the_other_probes_do_not_disturb_it, .timeout = 600)
{
    check_program("hot-1.23", HEAD("{sched: on, go: core, cpu: 997Hz}"), "1");
}

/* --- other programs ------------------------------------------------------------------------------ */

Test(cpuprofile, a_goroutine_in_c_keeps_its_name, .timeout = 600)
{
    struct lab lab;
    struct profiled profiled;
    run_demo(&lab, HEAD(ALONE), "hot-cgo", "2");
    profiled_open(&profiled, &lab, "demo");
    expect_balance(&profiled, "hot-cgo");
    uint64_t burnt = profiled_count(&profiled, &(struct wanted){.innermost = "burn"});
    uint64_t worker =
        profiled_count(&profiled, &(struct wanted){.innermost = "burn", .function = "main.cWorker"});
    cr_expect_gt(burnt, 50);
    expect_most(worker, burnt, 0.99, "burn by main.cWorker");
    profiled_close(&profiled);
    lab_close(&lab);
}

Test(cpuprofile, a_program_of_c_has_shares_and_its_thread_s_name, .timeout = 600)
{
    struct lab lab;
    struct profiled profiled;
    run_demo(&lab, HEAD(ALONE), "spin", "3");
    profiled_open(&profiled, &lab, "demo");
    const json_t *block = json_object_get(profiled.trial, "profile");
    cr_expect_str_eq(json_string_value(json_object_get(block, "goroutines")), "unknown");
    cr_expect_str_eq(json_string_value(json_object_get(block, "goroutines_reason")), "not a Go program");
    expect_balance(&profiled, "spin");
    struct wanted large = {.kind = "thread", .function = "spin", .through = "large"};
    struct wanted small = {.kind = "thread", .function = "spin", .through = "small"};
    uint64_t of_large = profiled_count(&profiled, &large), of_small = profiled_count(&profiled, &small);
    expect_share(&profiled, of_large, of_large + of_small, LARGE_SHARE, "large to small");
    large.also = small.also = "main";
    expect_most(profiled_count(&profiled, &large) + profiled_count(&profiled, &small), of_large + of_small,
                0.9, "called by main");
    profiled_close(&profiled);
    lab_close(&lab);
}

/* A copy where a sandbox can read it: /tmp it makes itself, and the build may lie below that. */
static void copy_program(const struct lab *lab, const char *name, const char *folder)
{
    char line[256];
    snprintf(line, sizeof line, "cp ${RUNNER%%/*}/accuracy/%s %s && chmod -R a+rX %s", name, folder, folder);
    cr_assert_eq(lab_shell(lab, line), 0);
}

/* A Go program of another version than any that was announced: no layout may be used for it. */
Test(cpuprofile, what_a_demo_executes_is_called_by_its_file, .timeout = 600)
{
    struct lab lab;
    struct profiled profiled;
    char folder[] = "/var/tmp/runner-test-XXXXXX", manifest[1024];
    if (!have("hot-1.23"))
        cr_skip("no program hot-1.23 was built");
    lab_open(&lab);
    cr_assert_not_null(mkdtemp(folder));
    copy_program(&lab, "hot-1.23", folder);
    snprintf(manifest, sizeof manifest,
             HEAD(ALONE) "sandbox: {filesystem: {read: [\"%s\"]}}\ndemos:\n"
                         "  - {name: demo, exec: [\"/bin/sh\", \"-c\", \"%s/hot-1.23 1; true\"]}\n",
             folder, folder);
    lab_run_inside(&lab, manifest);
    fd_remove_tree(AT_FDCWD, folder);
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    profiled_open(&profiled, &lab, "demo");
    expect_balance(&profiled, "sh");
    uint64_t all = profiled_count(&profiled, &(struct wanted){0});
    uint64_t called = profiled_count(
        &profiled, &(struct wanted){.kind = "thread", .function = "hot-1.23", .through = "[hot-1.23]"});
    expect_most(called, all, 0.8, "[hot-1.23]");
    cr_expect_eq(profiled_count(&profiled, &(struct wanted){.kind = "goroutine"}), 0);
    profiled_close(&profiled);
    lab_close(&lab);
}

/* --- on the way out ------------------------------------------------------------------------------ */

Test(cpuprofile, folded_stacks_have_every_sample, .timeout = 600)
{
    struct lab lab;
    struct profiled profiled;
    run_demo(&lab, HEAD("{sched: off, go: none, cpu: 99Hz}"), "hot-1.23", "0.5");
    profiled_open(&profiled, &lab, "demo");
    lab_wait(&lab,
             lab_start(&lab, (const char *const[]){"export", "runs/latest", "--format", "folded", NULL}));
    cr_assert_eq(lab.status, 0, "%s", lab.err);
    int64_t samples = 0;
    for (char *line = strtok(lab.out, "\n"); line; line = strtok(NULL, "\n")) {
        char *space = strrchr(line, ' ');
        cr_assert(space && strchr(line, ';'), "%s", line);
        samples += atoll(space + 1);
    }
    cr_expect_eq(samples, profiled_figure(&profiled, NULL, "samples"));
    profiled_close(&profiled);
    lab_close(&lab);
}

Test(cpuprofile, is_off_unless_it_is_asked_for, .timeout = 600)
{
    struct lab lab;
    run_demo(&lab, HEAD("{}"), "spin", "0.1");
    json_t *trial = lab_trial(&lab, "demo", "observed", 0);
    cr_expect_null(json_object_get(trial, "profile"));
    cr_expect_null(json_object_get(json_object_get(trial, "metrics"), "profile.samples"));
    json_decref(trial);
    lab_wait(&lab,
             lab_start(&lab, (const char *const[]){"export", "runs/latest", "--format", "folded", NULL}));
    cr_expect_eq(lab.status, 2);
    cr_expect_not_null(strstr(lab.err, "probes.cpu"), "%s", lab.err);
    lab_close(&lab);
}
