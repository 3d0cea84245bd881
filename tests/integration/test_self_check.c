/* A program that claims another Go version than it was built with: the probes read its structures at wrong
 * places. */
#include "lab.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "accuracy/spawn-1.23"

/* Without symbols and DWARF nothing but the version tells the layout. False where it cannot be made. */
static bool make_liar(const struct lab *lab)
{
    char line[1024];
    const char *bin = getenv("RUNNER_TEST_BIN");
    snprintf(line, sizeof line,
             "cp %s/" PROGRAM " %s/liar && strip -s %s/liar && sed -i 's/go1\\.23\\./go1.19./g' %s/liar",
             bin ? bin : "build", lab->folder, lab->folder, lab->folder);
    return system(line) == 0;
}

static void expect_reason(const struct lab *lab, size_t trial_number, const char *reason, json_t *plausible)
{
    json_t *trial = lab_trial(lab, "liar", "observed", trial_number);
    const json_t *go = json_object_get(trial, "go");
    const char *said = json_string_value(json_object_get(go, "reason"));
    cr_expect_str_eq(json_string_value(json_object_get(go, "probes")), "off");
    cr_expect(said && strstr(said, reason), "%s", said);
    cr_expect(json_equal(json_object_get(go, "plausible"), plausible));
    cr_expect(lab_metric(trial, "sched.switches") > 0, "the kernel probes go on");
    const json_t *metrics = json_object_get(trial, "metrics");
    cr_expect(json_is_null(json_object_get(json_object_get(metrics, "goroutines.created"), "value")));
    json_decref(trial);
}

Test(self_check, implausible_goroutines_turn_the_go_probes_off_for_the_rest)
{
    struct lab lab;
    char manifest[1024];
    lab_open(&lab);
    if (!make_liar(&lab)) {
        lab_close(&lab);
        cr_skip("there is no " PROGRAM " here");
    }
    snprintf(manifest, sizeof manifest,
             "version: 1\nexperiment: liar\ntrials: {warmup: 0, bare: 0, observed: 2}\n"
             "demos:\n  - {name: liar, exec: [\"%s/liar\", \"2000\"]}\n",
             lab.folder);
    lab_run_inside(&lab, manifest);
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    expect_reason(&lab, 0, "the self-check failed", json_false());
    expect_reason(&lab, 1, "in an earlier trial", json_null());
    lab_close(&lab);
}
