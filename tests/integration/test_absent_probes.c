/* What no probe can see in an executable is unknown, never 0. */
#include "lab.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A copy of an accuracy program in which a function has another name; false where it cannot be made. */
static bool hide(const struct lab *lab, const char *program, const char *function)
{
    char line[1024];
    snprintf(line, sizeof line, "cp %s/%s %s/hidden && LC_ALL=C sed -i 's/%.*s.\\x00/%.*sX\\x00/g' %s/hidden",
             getenv("RUNNER_TEST_BIN"), program, lab->folder, (int)strlen(function) - 1, function,
             (int)strlen(function) - 1, function, lab->folder);
    return system(line) == 0;
}

static void expect_unknown(const json_t *trial, const char *name, bool unknown)
{
    const json_t *metric = json_object_get(json_object_get(trial, "metrics"), name);
    const char *reason = json_string_value(json_object_get(metric, "reason"));
    cr_expect_eq(json_is_null(json_object_get(metric, "value")), unknown, "%s", name);
    if (unknown)
        cr_expect(reason && strstr(reason, "no place where it could be observed"), "%s: %s", name, reason);
}

Test(absent_probes, what_this_executable_cannot_show_is_unknown)
{
    struct lab lab;
    lab_open(&lab);
    if (!hide(&lab, "accuracy/spawn-1.19", "runtime.handoffp")) {
        lab_close(&lab);
        cr_skip("there is no accuracy/spawn-1.19 here");
    }
    char manifest[1024];
    snprintf(manifest, sizeof manifest,
             "version: 1\nexperiment: absent\ntrials: {warmup: 0, bare: 0, observed: 1}\nprobes: {go: full}\n"
             "demos:\n  - {name: whole, exec: [\"@BIN@/accuracy/spawn-1.19\", \"50\"]}\n"
             "  - {name: hidden, exec: [\"%s/hidden\", \"50\"]}\n",
             lab.folder);
    lab_run_inside(&lab, manifest);
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *whole = lab_trial(&lab, "whole", "observed", 0),
           *hidden = lab_trial(&lab, "hidden", "observed", 0);
    expect_unknown(whole, "goroutines.coro_switches", true); /* Go 1.19 has no coroutines */
    expect_unknown(whole, "proc.handoffs", false);
    expect_unknown(hidden, "goroutines.coro_switches", true);
    expect_unknown(hidden, "proc.handoffs", true);
    expect_unknown(hidden, "proc.steals", false);
    cr_expect_eq(lab_metric(hidden, "goroutines.created"), lab_metric(whole, "goroutines.created"));
    json_decref(whole);
    json_decref(hidden);
    lab_close(&lab);
}
