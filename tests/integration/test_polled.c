/* The runtime's counters as runner reads them from outside, against what the program itself says of them. */
#include "lab.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const versions[] = {"1.19", "1.21", "1.22", "1.23", "1.24",
                                       "1.25", "1.26", "1.27", "pie",  "stripped"};
#define VERSIONS (sizeof versions / sizeof *versions)

static void name_of(char name[32], const char *what, const char *version)
{
    snprintf(name, 32, "%s-%s", what, version);
    for (char *dot = name; (dot = strchr(dot, '.'));)
        *dot = '-';
}

/* {"numgc", "pause_ns"} of a bare trial's stdout; owned by the caller. */
static json_t *printed(const struct lab *lab, const char *demo)
{
    char path[512], file[600];
    lab_trial_path(lab, demo, "bare", 0, path, sizeof path);
    snprintf(file, sizeof file, "%s/stdout", path);
    return json_load_file(file, JSON_DISABLE_EOF_CHECK, NULL);
}

Test(polled, the_runtimes_counters_are_those_that_the_program_sees)
{
    struct lab lab;
    char manifest[8192];
    const char *built[VERSIONS];
    size_t count = 0;
    int used = snprintf(manifest, sizeof manifest,
                        "version: 1\nexperiment: polled\ncontrols: {gomaxprocs: 2}\n"
                        "trials: {warmup: 0, bare: 1, observed: 0}\ndemos:\n");
    for (size_t i = 0; i < VERSIONS; i++) {
        char path[512], name[32];
        snprintf(path, sizeof path, "%s/accuracy/known-%s", getenv("RUNNER_TEST_BIN"), versions[i]);
        if (access(path, X_OK) != 0)
            continue;
        built[count++] = versions[i];
        for (int n = 0; n <= 200; n += 200) {
            name_of(name, n ? "some" : "none", versions[i]);
            used += snprintf(manifest + used, sizeof manifest - (size_t)used,
                             "  - {name: %s, exec: [\"%s\", settles, \"%d\"]}\n", name, path, n);
        }
    }
    if (!count)
        cr_skip("no program of any Go version was built");
    lab_run(&lab, manifest);
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    for (size_t i = 0; i < count; i++) {
        char none[32], some[32];
        name_of(none, "none", built[i]);
        name_of(some, "some", built[i]);
        json_t *before = lab_trial(&lab, none, "bare", 0), *after = lab_trial(&lab, some, "bare", 0);
        json_t *truth = printed(&lab, some);
        cr_expect_eq(lab_metric(after, "go.goroutines_created") - lab_metric(before, "go.goroutines_created"),
                     200, "Go %s: %g", built[i], lab_metric(after, "go.goroutines_created"));
        cr_expect_eq(lab_metric(after, "go.gc.count"), json_number_value(json_object_get(truth, "numgc")),
                     "Go %s", built[i]);
        cr_expect_eq(lab_metric(after, "go.pause_total"),
                     json_number_value(json_object_get(truth, "pause_ns")), "Go %s", built[i]);
        cr_expect(lab_metric(after, "go.threads") >= 2 && lab_metric(after, "go.schedules") > 200, "Go %s",
                  built[i]);
        json_decref(truth);
        json_decref(before);
        json_decref(after);
    }
    lab_close(&lab);
}

Test(polled, a_program_that_is_not_go_has_a_reason_instead)
{
    struct lab lab;
    lab_run(&lab, "version: 1\nexperiment: polled\ntrials: {warmup: 0, bare: 1, observed: 0}\n"
                  "demos:\n  - {name: other, exec: [/bin/true]}\n");
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *trial = lab_trial(&lab, "other", "bare", 0);
    const json_t *metric = json_object_get(json_object_get(trial, "metrics"), "go.gc.count");
    cr_expect(json_is_null(json_object_get(metric, "value")));
    cr_expect_str_eq(json_string_value(json_object_get(metric, "reason")), "not a Go program");
    json_decref(trial);
    lab_close(&lab);
}
