/* heatmap.json of real trials: its cells add up to the metrics of the same trial, exactly. */
#include "lab.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/replay/losses.h"
#include "runner/trace/trace.h"
#include "tests/unit/heatmap_cells.h"

#define HEAD                                                                                                 \
    "version: 1\n"                                                                                           \
    "experiment: heat\n"

static json_t *read_heatmap(const struct lab *lab, const char *demo)
{
    char path[512], file[600];
    lab_trial_path(lab, demo, "observed", 0, path, sizeof path);
    snprintf(file, sizeof file, "%s/heatmap.json", path);
    json_error_t fault;
    json_t *heatmap = json_load_file(file, JSON_REJECT_DUPLICATES, &fault);
    cr_assert(heatmap, "%s: %s; runner said:\n%s%s", file, fault.text, lab->err, lab->out);
    cr_assert_eq(json_integer_value(json_object_get(heatmap, "schema")), 1);
    return heatmap;
}

static json_int_t number(const json_t *heatmap, const char *key)
{
    return json_integer_value(json_object_get(heatmap, key));
}

/* When a mark was made, ns from the start; -1: it was not. */
static json_int_t mark_at(const json_t *heatmap, const char *name)
{
    size_t i;
    const json_t *mark;
    json_array_foreach (json_object_get(heatmap, "marks"), i, mark)
        if (strcmp(json_string_value(json_object_get(mark, "mark")), name) == 0)
            return number(mark, "at_ns");
    return -1;
}

static json_int_t waits_in_histogram(const json_t *trial)
{
    const json_t *metric = json_object_get(json_object_get(trial, "metrics"), "sched.run_queue_latency");
    return number(json_object_get(metric, "histogram"), "n");
}

static void expect_time(const json_t *heatmap)
{
    json_int_t bin = number(heatmap, "bin_ns");
    json_int_t columns = number(heatmap, "columns");
    json_int_t end = number(heatmap, "end_ns");
    cr_expect_gt(bin, 0);
    cr_expect_eq(bin & (bin - 1), 0, "%lld", (long long)bin);
    cr_expect_leq(columns, CELLS_MAX);
    cr_expect(end < columns * bin && end >= (columns - 1) * bin, "%lld ns in %lld columns of %lld",
              (long long)end, (long long)columns, (long long)bin);
    cr_expect_geq(mark_at(heatmap, "barrier"), 0); /* the probes stand a moment before it */
    cr_expect_gt(mark_at(heatmap, "start"), mark_at(heatmap, "barrier"));
    cr_expect_eq(mark_at(heatmap, "end"), end);
    cr_expect_gt(number(heatmap, "start_ns"), 0);
}

/* The cells against the figures of trial.json; returns the CPU time. */
static double expect_sums(const json_t *heatmap, const json_t *trial)
{
    double on_cpu = lab_metric(trial, "sched.on_cpu");
    cr_assert(on_cpu > 0);
    cr_expect_eq((double)heatmap_sum(heatmap, "on_cpu"), on_cpu);
    cr_expect_eq((double)heatmap_number(heatmap, "on_cpu", "sum_ns"), on_cpu);
    cr_expect_eq((json_int_t)heatmap_sum(heatmap, "run_queue"),
                 heatmap_number(heatmap, "run_queue", "waits"));
    cr_expect_eq((json_int_t)heatmap_sum(heatmap, "throttled"),
                 heatmap_number(heatmap, "throttled", "waits"));
    const json_t *metric = json_object_get(json_object_get(trial, "metrics"), "sched.on_cpu");
    cr_expect_eq(json_is_true(json_object_get(metric, "lossy")),
                 json_is_true(json_object_get(json_object_get(heatmap, "on_cpu"), "lossy")));
    return on_cpu;
}

/* No CPU works for longer than a column lasts, unless this host's kernel kept a switch from the programs
   (bpf/sched.bpf.c, follow()), which the figure tells. */
static void expect_density(const json_t *heatmap)
{
    static uint64_t cells[CELLS_MAX];
    const json_t *rows = heatmap_rows(heatmap, "on_cpu");
    bool lossy = json_is_true(json_object_get(json_object_get(heatmap, "on_cpu"), "lossy"));
    size_t i;
    const json_t *row;
    cr_expect_gt(json_array_size(rows), 0);
    json_array_foreach (rows, i, row) {
        cr_assert(cells_read(json_object_get(row, "ns"), cells));
        for (size_t column = 0; column < CELLS_MAX; column++)
            cr_expect(lossy || cells[column] <= (uint64_t)number(heatmap, "bin_ns"), "CPU %lld, column %zu",
                      (long long)number(row, "cpu"), column);
    }
}

Test(heatmap, its_cells_add_up_to_the_metrics_of_the_trial)
{
    struct lab lab;
    lab_run(&lab, HEAD "controls: {gomaxprocs: 2}\n"
                       "trials: {warmup: 0, bare: 1, observed: 1}\n"
                       "demos:\n"
                       "  - {name: spin, exec: [\"@BIN@/programs/behave\", spin, \"3\", \"200\"]}\n"
                       "  - {name: sleep, exec: [\"@BIN@/programs/behave\", sleep, \"50\"]}\n");
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    static const char *const demos[] = {"spin", "sleep"};
    for (size_t i = 0; i < 2; i++) {
        json_t *trial = lab_trial(&lab, demos[i], "observed", 0);
        json_t *heatmap = read_heatmap(&lab, demos[i]);
        expect_time(heatmap);
        expect_sums(heatmap, trial);
        expect_density(heatmap);
        cr_expect_eq((json_int_t)heatmap_sum(heatmap, "run_queue"), waits_in_histogram(trial));
        json_decref(heatmap);
        json_decref(trial);
    }
    char command[600];
    snprintf(
        command, sizeof command,
        "cd %s && sha256sum --quiet -c SHA256SUMS && test $(grep -c observed/heatmap.json SHA256SUMS) = 2 "
        "&& test $(cat demos/spin/*-observed/heatmap.json | wc -l) = 1 "
        "&& test -z \"$(find . -path '*-bare*' -name heatmap.json)\"",
        lab.bundle);
    cr_expect_eq(system(command), 0);
    lab_close(&lab);
}

Test(heatmap, a_demo_that_cpu_max_keeps_off_waits_for_it_and_not_in_the_run_queue)
{
    struct lab lab;
    lab_run(&lab, HEAD "controls: {gomaxprocs: 1, cgroup: {cpu.max: 0.2}}\n"
                       "trials: {warmup: 0, bare: 0, observed: 1}\n"
                       "demos: [{name: spin, exec: [\"@BIN@/programs/behave\", spin, \"1\", \"600\"]}]\n");
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *trial = lab_trial(&lab, "spin", "observed", 0);
    json_t *heatmap = read_heatmap(&lab, "spin");
    expect_sums(heatmap, trial);
    cr_expect_eq((json_int_t)heatmap_sum(heatmap, "run_queue"), waits_in_histogram(trial));
    cr_expect_geq(heatmap_number(heatmap, "throttled", "waits"), 3);
    const json_t *longest = json_object_get(json_object_get(heatmap, "throttled"), "longest");
    json_int_t length = number(longest, "to_ns") - number(longest, "from_ns");
    cr_expect_geq(length, 30000000, "%lld ns; a period of 100 ms without its 20 ms is 80 ms",
                  (long long)length);
    cr_expect_leq((double)length, lab_metric(trial, "sched.throttled"));
    json_decref(heatmap);
    json_decref(trial);
    lab_close(&lab);
}

Test(heatmap, a_load_marks_its_window_in_the_whole_life)
{
    struct lab lab;
    lab_run(&lab, HEAD "controls: {timeout: 60s}\n"
                       "trials: {warmup: 0, bare: 0, observed: 1}\n"
                       "load: {http: {url: \"http://127.0.0.1:8080/x\", rate: 50/s, warmup: 200ms, "
                       "duration: 1s}}\n"
                       "demos: [{name: server, exec: [\"@BIN@/programs/serve\", ok], expect: {exit: "
                       "stopped}}]\n");
    cr_assert(lab.status == 0 || lab.status == 5, "%s%s", lab.err, lab.out); /* 5: too busy for a load */
    json_t *trial = lab_trial(&lab, "server", "observed", 0);
    json_t *heatmap = read_heatmap(&lab, "server");
    expect_time(heatmap);
    expect_sums(heatmap, trial);
    json_int_t from = mark_at(heatmap, "window start");
    json_int_t to = mark_at(heatmap, "window end");
    cr_expect_gt(from, mark_at(heatmap, "start"));
    cr_expect_gt(to, from + 900000000);
    cr_expect_gt(mark_at(heatmap, "stop"), from);
    cr_expect_gt((json_int_t)heatmap_sum(heatmap, "run_queue"), waits_in_histogram(trial),
                 "the start and the warm-up have waits, too");
    json_decref(heatmap);
    json_decref(trial);
    lab_close(&lab);
}

Test(heatmap, without_the_kernel_probes_it_says_why_it_is_empty)
{
    struct lab lab;
    lab_run(&lab, HEAD "trials: {warmup: 0, bare: 0, observed: 1}\n"
                       "probes: {sched: false, go: core}\n"
                       "demos: [{name: sleep, exec: [\"@BIN@/programs/behave\", sleep, \"50\"]}]\n");
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *heatmap = read_heatmap(&lab, "sleep");
    const json_t *on_cpu = json_object_get(heatmap, "on_cpu");
    cr_expect(json_is_null(json_object_get(on_cpu, "sum_ns")));
    cr_expect_str_eq(json_string_value(json_object_get(on_cpu, "reason")), "the kernel probes were off");
    cr_expect_eq(json_array_size(json_object_get(on_cpu, "rows")), 0);
    cr_expect_gt(mark_at(heatmap, "end"), 50000000);
    json_decref(heatmap);
    lab_close(&lab);
}

/* What a trial lost, and that all of it lies in gaps that are whole: inside the life, none empty, each with
   the kinds that it can have been. */
static json_int_t expect_gaps(const struct lab *lab)
{
    json_t *trial = lab_trial(lab, "pingpong", "observed", 0);
    json_t *heatmap = read_heatmap(lab, "pingpong");
    const json_t *losses = json_object_get(json_object_get(trial, "trace"), "losses");
    const json_t *gaps = json_object_get(heatmap, "gaps");
    json_int_t sum = 0,
               lost = number(losses, "ring_full") + number(losses, "late") + number(losses, "trace_max");
    size_t i;
    const json_t *gap;
    json_array_foreach (json_object_get(gaps, "list"), i, gap) {
        cr_expect_geq(number(gap, "from_ns"), 0);
        cr_expect_gt(number(gap, "to_ns"), number(gap, "from_ns"));
        cr_expect_leq(number(gap, "to_ns"), number(heatmap, "end_ns"));
        cr_expect_gt(number(gap, "lost"), 0);
        cr_expect_gt(json_array_size(json_object_get(gap, "kinds")), 0);
        sum += number(gap, "lost");
    }
    cr_expect_eq(number(gaps, "lost"), sum);
    cr_expect_eq(sum, lost);
    cr_expect(json_equal(gaps, json_object_get(losses, "gaps")), "trial.json has them, too");
    expect_sums(heatmap, trial);
    json_decref(heatmap);
    json_decref(trial);
    return sum;
}

/* Each metric that a kind of event goes into which a gap can have held says that it is lossy; and where only
   some kinds can have been lost, some metrics are whole. */
static void expect_lossy_metrics(const struct lab *lab)
{
    json_t *trial = lab_trial(lab, "pingpong", "observed", 0);
    const json_t *losses = json_object_get(json_object_get(trial, "trace"), "losses");
    uint64_t kinds = 0;
    size_t i, j, whole = 0;
    const json_t *gap, *name;
    json_array_foreach (json_object_get(json_object_get(losses, "gaps"), "list"), i, gap)
        json_array_foreach (json_object_get(gap, "kinds"), j, name)
            for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++)
                if (event_type(kind) && strcmp(event_type(kind)->name, json_string_value(name)) == 0)
                    kinds |= UINT64_C(1) << kind;
    for (int id = 0; id < METRIC_ID_COUNT; id++) {
        const json_t *metric = json_object_get(json_object_get(trial, "metrics"), metric_info(id)->name);
        bool lossy = json_is_true(json_object_get(metric, "lossy"));
        if (metric && losses_kinds_of(id) & kinds)
            cr_expect(lossy, "%s", metric_info(id)->name);
        whole += metric && losses_kinds_of(id) && !lossy;
    }
    cr_expect_gt(whole, 0, "no collection was lost: none took place");
    json_decref(trial);
}

/* Stops runner for a while as soon as the trial's trace is there: nobody empties the ring meanwhile. */
static void stop_reader(const struct lab *lab, pid_t runner)
{
    char path[256];
    glob_t found;
    snprintf(path, sizeof path, "%s/runs/.*.partial/demos/pingpong/*/trace/stream*", lab->folder);
    while (glob(path, 0, NULL, &found) != 0)
        usleep(2000);
    globfree(&found);
    cr_assert_eq(kill(runner, SIGSTOP), 0);
    usleep(400000);
    cr_assert_eq(kill(runner, SIGCONT), 0);
}

Test(heatmap, what_was_lost_while_the_reader_was_stopped_lies_in_gaps_and_marks_the_metrics, .timeout = 200)
{
    struct lab lab;
    lab_open(&lab);
    lab_write_manifest(&lab, HEAD "controls: {gomaxprocs: 2, gogc: off, timeout: 100s}\n"
                                  "trials: {warmup: 0, bare: 0, observed: 1}\n"
                                  "probes: {sched: true, go: core, ring: 64KiB}\n"
                                  "demos: [{name: pingpong, exec: [\"@BIN@/accuracy/pingpong-1.23\", "
                                  "\"200000\"]}]\n");
    pid_t runner = lab_start(&lab, (const char *const[]){"m.yaml", NULL});
    stop_reader(&lab, runner);
    lab_wait(&lab, runner);
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    cr_expect_gt(expect_gaps(&lab), 1000);
    expect_lossy_metrics(&lab);
    lab_close(&lab);
}
