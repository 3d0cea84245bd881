#include "lab.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runner/support/fd.h"

#define OBSERVED                                                                                             \
    "version: 1\n"                                                                                           \
    "experiment: whole\n"                                                                                    \
    "controls: {gomaxprocs: 2}\n"                                                                            \
    "trials: {warmup: 1, bare: 2, observed: 1, aa: true}\n"                                                  \
    "demos:\n"                                                                                               \
    "  - {name: spin, exec: [\"@BIN@/programs/behave\", spin, \"2\", \"200\"]}\n"                            \
    "  - {name: sleep, exec: [\"@BIN@/programs/behave\", sleep, \"50\"]}\n"

#define ENDLESS                                                                                              \
    "version: 1\n"                                                                                           \
    "experiment: endless\n"                                                                                  \
    "controls: {timeout: 60s}\n"                                                                             \
    "trials: {warmup: 0, bare: 3, observed: 0}\n"                                                            \
    "demos:\n"                                                                                               \
    "  - {name: quick, exec: [\"@BIN@/programs/behave\", ok]}\n"                                             \
    "  - {name: stays, exec: [\"@BIN@/programs/behave\", ignore]}\n"

static int shell(const struct lab *lab, const char *command)
{
    char line[2048];
    snprintf(line, sizeof line, "cd %s && { %s; }", lab->bundle[0] ? lab->bundle : lab->folder, command);
    return system(line);
}

/* Waits until a demo has printed "ready" below the folder; false after 20 s. */
static bool demo_is_ready(const struct lab *lab)
{
    char line[256];
    snprintf(line, sizeof line, "grep -rqs ready %s/runs/.*.partial/demos", lab->folder);
    for (int i = 0; i < 400; i++) {
        if (system(line) == 0)
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    return false;
}

static size_t groups_of(pid_t pid)
{
    char line[128];
    snprintf(line, sizeof line, "find /sys/fs/cgroup -type d -name 'runner-*-%d-*' 2>/dev/null | wc -l", pid);
    FILE *out = popen(line, "r");
    size_t count = 0;
    cr_assert_eq(fscanf(out, "%zu", &count), 1);
    pclose(out);
    return count;
}

static size_t demos_alive(void)
{
    FILE *out = popen("grep -lsz '^ignore$' /proc/[0-9]*/cmdline | wc -l", "r");
    size_t count = 0;
    cr_assert_eq(fscanf(out, "%zu", &count), 1);
    pclose(out);
    return count;
}

Test(experiment, a_bundle_is_whole_and_its_checksums_hold)
{
    struct lab lab;
    lab_run(&lab, OBSERVED);
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    cr_expect(json_is_true(json_object_get(lab.experiment, "complete")));
    cr_expect_eq(json_array_size(json_object_get(lab.experiment, "trials")), 10);
    cr_expect_eq(shell(&lab, "sha256sum --quiet -c SHA256SUMS"), 0);
    cr_expect_eq(shell(&lab, "cmp manifest.yaml ../../m.yaml"), 0);
    cr_expect_eq(shell(&lab, "test -z \"$(find . -name '.*' ! -name .)\""), 0, "no hidden file is left");
    cr_expect_eq(
        shell(&lab, "test \"$(ls demos/spin/*-observed/trace)\" = \"$(printf 'metadata\\nstream')\""), 0);
    cr_expect_eq(shell(&lab, "test $(ls -a .. | wc -l) = 4"), 0, "the bundle and `latest`, nothing else");
    cr_expect_eq(groups_of(0), 0);
    lab_close(&lab);
}

/* Warm-up trials tell what a hit costs, and are not counted among what was observed. */
Test(experiment, health_tells_what_a_hit_costs_and_whether_events_fit)
{
    struct lab lab;
    lab_run(&lab, OBSERVED);
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    const json_t *health = json_object_get(lab.experiment, "health");
    json_int_t hits = json_integer_value(json_object_get(health, "timed_hits"));
    json_int_t events = 0;
    cr_expect_gt(hits, 0);
    cr_expect_gt(json_integer_value(json_object_get(health, "timed_ns")), hits);
    for (int i = 0; i < 2; i++) {
        json_t *trial = lab_trial(&lab, i ? "sleep" : "spin", "observed", 0);
        const json_t *go = json_object_get(trial, "go");
        events += json_integer_value(json_object_get(json_object_get(trial, "trace"), "events"));
        cr_expect_gt(json_integer_value(json_object_get(go, "events")), 0);
        cr_expect_eq(json_integer_value(json_object_get(go, "misfits")), 0);
        json_decref(trial);
    }
    cr_expect_eq(json_integer_value(json_object_get(health, "events")), events);
    lab_close(&lab);
}

Test(experiment, bare_and_observed_figures_never_share_a_key)
{
    struct lab lab;
    lab_run(&lab, OBSERVED);
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    const json_t *demo = json_object_get(json_object_get(lab.summary, "demos"), "spin");
    const json_t *wall = json_object_get(json_object_get(demo, "bare"), "time.wall");
    cr_expect_eq(json_array_size(json_object_get(wall, "values")), 2);
    cr_expect_geq(json_number_value(json_object_get(wall, "median")), 200e6);
    cr_expect_null(json_object_get(json_object_get(demo, "bare"), "goroutines.created"));
    const json_t *created = json_object_get(json_object_get(demo, "observed"), "goroutines.created");
    cr_expect_geq(json_number_value(json_object_get(created, "median")), 3, "main and two spinners");
    lab_close(&lab);
}

Test(experiment, babeltrace2_reads_as_many_events_as_were_written)
{
    struct lab lab;
    lab_run(&lab, OBSERVED);
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *trial = lab_trial(&lab, "spin", "observed", 0);
    json_int_t events = json_integer_value(json_object_get(json_object_get(trial, "trace"), "events"));
    cr_expect_gt(events, 50);
    char path[512], command[1024];
    lab_trial_path(&lab, "spin", "observed", 0, path, sizeof path);
    snprintf(command, sizeof command, "test $(babeltrace2 %s/trace | wc -l) = %lld", path, (long long)events);
    cr_expect_eq(system(command), 0);
    const char *bin = getenv("RUNNER_TEST_BIN");
    for (int i = 0; i < 2; i++) {
        snprintf(command, sizeof command,
                 "test $(%s/runner export %s --format %s --trial spin/%03d | wc -l) = %lld", bin, lab.bundle,
                 i ? "ndjson" : "csv", (int)json_integer_value(json_object_get(trial, "trial")),
                 (long long)events + !i);
        cr_expect_eq(system(command), 0, "%s", command);
    }
    json_decref(trial);
    lab_close(&lab);
}

Test(experiment, an_interrupted_one_keeps_what_was_finished)
{
    struct lab lab;
    lab_open(&lab);
    lab_write_manifest(&lab, ENDLESS);
    pid_t pid = lab_start(&lab, (const char *const[]){"m.yaml", NULL});
    cr_assert(demo_is_ready(&lab));
    kill(pid, SIGINT);
    lab_wait(&lab, pid);
    cr_expect_eq(lab.status, 130, "%s", lab.err);
    cr_assert(lab.experiment, "%s", lab.err);
    cr_expect(json_is_false(json_object_get(lab.experiment, "complete")));
    cr_expect_eq(shell(&lab, "sha256sum --quiet -c SHA256SUMS"), 0);
    cr_expect_eq(groups_of(pid), 0);
    cr_expect_eq(demos_alive(), 0);
    lab_close(&lab);
}

Test(experiment, a_killed_runner_leaves_no_demo_and_the_next_one_cleans_up)
{
    struct lab lab;
    lab_open(&lab);
    lab_write_manifest(&lab, ENDLESS);
    pid_t pid = lab_start(&lab, (const char *const[]){"m.yaml", NULL});
    cr_assert(demo_is_ready(&lab));
    kill(pid, SIGKILL);
    lab_wait(&lab, pid);
    for (int i = 0; i < 20 && demos_alive(); i++)
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    cr_expect_eq(demos_alive(), 0, "no demo is alive 1 s after runner was killed");
    lab_write_manifest(&lab, OBSERVED);
    pid_t next = lab_start(&lab, (const char *const[]){"m.yaml", NULL});
    lab_wait(&lab, next);
    cr_expect_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    cr_expect_eq(groups_of(pid), 0);
    cr_expect_eq(groups_of(next), 0);
    cr_expect_eq(shell(&lab,
                       "cd .. && test $(ls -d endless-* whole-* | wc -l) = 2 && test -z \"$(ls -d .*partial "
                       "2>/dev/null)\" && cd endless-* && grep -q '\"complete\": false' experiment.json && "
                       "sha256sum --quiet -c SHA256SUMS"),
                 0);
    lab_close(&lab);
}

Test(experiment, bad_manifests_leave_nothing_on_the_disk)
{
    struct lab lab;
    lab_run(&lab, "version: 1\nexperiment: x\ncontrols: {gomaxproc: 2}\ndemos: []\n");
    cr_expect_eq(lab.status, 2);
    cr_expect(strstr(lab.err, "m.yaml:3:12: error: unknown key 'gomaxproc'") != NULL, "%s", lab.err);
    cr_expect(strstr(lab.err, "did you mean 'gomaxprocs'") != NULL, "%s", lab.err);
    cr_expect_eq(shell(&lab, "test ! -e runs"), 0);
    lab_close(&lab);
}

Test(experiment, a_dry_run_prints_the_plan_and_runs_nothing)
{
    struct lab lab;
    lab_open(&lab);
    lab_write_manifest(&lab, OBSERVED);
    lab_wait(&lab, lab_start(&lab, (const char *const[]){"run", "--dry-run", "m.yaml", NULL}));
    cr_expect_eq(lab.status, 0, "%s", lab.err);
    cr_expect(strstr(lab.out, "spin/trial-001-warmup") != NULL, "%s", lab.out);
    cr_expect_eq(shell(&lab, "test ! -e runs"), 0);
    lab_close(&lab);
}

/* In the suite of builds, which is left out where compiling takes minutes. */
Test(build, a_demo_that_does_not_build_is_told_and_the_others_go_on)
{
    struct lab lab;
    lab_open(&lab);
    cr_assert_eq(shell(&lab,
                       "mkdir bad && printf 'module bad\\n\\ngo 1.21\\n' >bad/go.mod && printf 'package "
                       "main\\n\\nfunc main() { undefinedName() }\\n' >bad/main.go"),
                 0);
    lab_write_manifest(&lab, "version: 1\nexperiment: broken\ntrials: {warmup: 0, bare: 1, observed: 0}\n"
                             "demos:\n"
                             "  - {name: bad, build: {go: bad}}\n"
                             "  - {name: good, exec: [\"@BIN@/programs/behave\", ok]}\n");
    lab_wait(&lab, lab_start(&lab, (const char *const[]){"m.yaml", NULL}));
    cr_expect_eq(lab.status, 1, "%s", lab.err);
    cr_expect(strstr(lab.err, "undefinedName") != NULL, "%s", lab.err);
    cr_expect_eq(shell(&lab, "grep -q undefinedName demos/bad/build.log"), 0);
    json_t *good = lab_trial(&lab, "good", "bare", 0);
    cr_expect_str_eq(lab_verdict(good), "ok");
    json_decref(good);
    lab_close(&lab);
}

Test(experiment, controls_reach_the_demo_and_nothing_else_does)
{
    struct lab lab;
    setenv("SECRET_OF_THE_OPERATOR", "x", 1);
    lab_run(&lab,
            "version: 1\nexperiment: env\n"
            "controls: {gomaxprocs: 1, gogc: 50, env: {TZ: UTC}}\n"
            "trials: {warmup: 0, bare: 1, observed: 0}\n"
            "demos:\n"
            "  - {name: env, exec: [\"@BIN@/programs/behave\", env], args: [one], env: {MINE: \"1\"}}\n");
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    cr_expect_eq(shell(&lab, "grep -q 'GOMAXPROCS=1.*GOGC=50.*TZ=UTC.*MINE=1.* 1 .one.' demos/env/*/stdout"),
                 0);
    cr_expect_neq(shell(&lab, "grep -q SECRET demos/env/*/stdout"), 0);
    lab_close(&lab);
}

Test(experiment, a_demo_that_changes_its_controls_is_detected)
{
    struct lab lab;
    lab_run(&lab, "version: 1\nexperiment: override\ncontrols: {gomaxprocs: 2, gogc: 100}\n"
                  "trials: {warmup: 0, bare: 1, observed: 0}\n"
                  "demos:\n"
                  "  - {name: override, exec: [\"@BIN@/programs/behave\", override]}\n"
                  "  - {name: sleep, exec: [\"@BIN@/programs/behave\", sleep, \"200\"]}\n");
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *changed = lab_trial(&lab, "override", "bare", 0);
    json_t *same = lab_trial(&lab, "sleep", "bare", 0);
    const json_t *controls = json_object_get(changed, "controls");
    cr_expect(json_is_true(json_object_get(controls, "controls_overridden")));
    cr_expect_eq(json_integer_value(json_object_get(controls, "gomaxprocs")), 1);
    cr_expect_eq(json_integer_value(json_object_get(controls, "gogc")), 50);
    controls = json_object_get(same, "controls");
    AUTO_FREE char *shown = json_dumps(controls, 0);
    cr_expect(json_is_false(json_object_get(controls, "controls_overridden")), "%s", shown);
    json_decref(changed);
    json_decref(same);
    lab_close(&lab);
}

Test(experiment, memory_stays_bounded_and_nothing_is_lost_while_events_pour_in)
{
    struct lab lab;
    lab_run(&lab, "version: 1\nexperiment: pour\ncontrols: {gomaxprocs: 1, timeout: 300s}\n"
                  "trials: {warmup: 0, bare: 0, observed: 1}\n"
                  "demos: [{name: pingpong, exec: [\"@BIN@/accuracy/pingpong-1.23\", \"20000\"]}]\n");
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *trial = lab_trial(&lab, "pingpong", "observed", 0);
    const json_t *losses = json_object_get(json_object_get(trial, "trace"), "losses");
    cr_expect_eq(json_integer_value(json_object_get(losses, "ring_full")), 0);
    cr_expect_eq(json_integer_value(json_object_get(losses, "late")), 0);
    cr_expect_geq(lab_metric(trial, "goroutines.parks"), 39000);
    cr_expect_leq(lab.peak_kib, (64 + 2 * 8) << 10, "%ld KiB, the ring of 8 MiB mapped twice", lab.peak_kib);
    json_decref(trial);
    lab_close(&lab);
}
