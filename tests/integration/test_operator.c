/* What the operator and the host may do to runner itself (the demo's misbehaviour is in test_verdicts.c). */
#include "lab.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHORT                                                                                                \
    "version: 1\n"                                                                                           \
    "experiment: short\n"                                                                                    \
    "trials: {warmup: 0, bare: 2, observed: 1}\n"                                                            \
    "demos:\n"                                                                                               \
    "  - {name: sleep, exec: [\"@BIN@/programs/behave\", sleep, \"100\"]}\n"

static void prepare(struct lab *lab)
{
    cr_assert(getenv("RUNNER_TEST_BIN"), "use `make integration`");
    lab_open(lab);
    lab_write_manifest(lab, SHORT);
}

Test(operator, two_experiments_at_the_same_time_both_work)
{
    struct lab lab;
    prepare(&lab);
    cr_expect_eq(
        lab_shell(&lab, "$RUNNER m.yaml >a 2>&1 & p=$!; $RUNNER m.yaml >b 2>&1; r=$?; wait $p && exit $r"),
        0);
    cr_expect_eq(lab_shell(&lab, "test $(ls -d runs/short-* | wc -l) = 2 && grep -q '\"complete\": true' "
                                 "runs/short-*/experiment.json"),
                 0);
    lab_close(&lab);
}

Test(operator, a_full_disk_is_exit_code_4_and_no_bundle_that_looks_whole)
{
    struct lab lab;
    prepare(&lab);
    if (lab_shell(&lab, "unshare -m true 2>err") != 0)
        cr_skip("no mount namespace of its own for a small disk, as in a chroot");
    int code = lab_shell(
        &lab,
        "mkdir runs && unshare -m sh -c 'busybox mount -t tmpfs -o size=4m none runs && $0 m.yaml 2>err; "
        "c=$?; grep -ls \"\\\"complete\\\": true\" runs/*/experiment.json && exit 99; exit $c' "
        "$RUNNER >out");
    cr_expect_eq(code, 4);
    cr_expect_eq(lab_shell(&lab, "grep -q 'No space left on device' err"), 0);
    lab_close(&lab);
}

Test(operator, an_output_folder_that_cannot_be_made_is_told_before_anything_runs)
{
    struct lab lab;
    prepare(&lab);
    cr_expect_eq(lab_shell(&lab, "$RUNNER run m.yaml --out /proc/nowhere 2>err"), 2);
    cr_expect_eq(lab_shell(&lab, "grep -q '/proc/nowhere' err && grep -q -- '--out' err"), 0);
    lab_close(&lab);
}

Test(operator, closed_standard_streams_confuse_nobody)
{
    struct lab lab;
    prepare(&lab);
    cr_expect_eq(lab_shell(&lab, "$RUNNER m.yaml <&- >&- 2>&-"), 0);
    cr_expect_eq(lab_shell(&lab, "test -s runs/latest/summary.json"), 0);
    lab_close(&lab);
}

Test(operator, without_root_the_mend_is_told)
{
    struct lab lab;
    prepare(&lab);
    cr_expect_eq(
        lab_shell(&lab,
                  "chmod 777 . && cp $RUNNER runner && chmod 755 runner && mkdir -m 777 tmp && cd tmp && "
                  "setpriv --reuid 65534 --regid 65534 --clear-groups ../runner ../m.yaml 2>err"),
        3);
    cr_expect_eq(lab_shell(&lab, "grep -qi 'root' tmp/err"), 0, "the message names root");
    cr_expect_eq(lab_shell(&lab, "test ! -e tmp/runs"), 0);
    lab_close(&lab);
}

Test(operator, mistakes_on_the_command_line_are_told)
{
    static const struct {
        const char *words, *said;
    } cases[] = {
        {"valdate m.yaml", "did you mean 'validate'"},     {"run", "no manifest given"},
        {"run --colour m.yaml", "did you mean '--color'"}, {"missing.yaml", "missing.yaml"},
        {"export nowhere --format csv", "nowhere"},        {"help nothing", "no help on 'nothing'"},
    };
    struct lab lab;
    prepare(&lab);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[256];
        snprintf(line, sizeof line, "$RUNNER %s 2>err", cases[i].words);
        cr_expect_eq(lab_shell(&lab, line), 2, "%s", cases[i].words);
        snprintf(line, sizeof line, "grep -qF \"%s\" err || { cat err >&2; false; }", cases[i].said);
        cr_expect_eq(lab_shell(&lab, line), 0, "%s", cases[i].words);
    }
    cr_expect_eq(lab_shell(&lab, "test ! -e runs"), 0);
    lab_close(&lab);
}

Test(operator, a_full_pipe_of_results_is_no_success)
{
    struct lab lab;
    prepare(&lab);
    cr_expect_eq(lab_shell(&lab, "$RUNNER validate m.yaml >/dev/full 2>err"), 4);
    lab_close(&lab);
}

Test(operator, a_manifest_cannot_show_its_demo_what_only_root_may_read)
{
    struct lab lab;
    prepare(&lab);
    lab_write_manifest(&lab, "version: 1\nexperiment: peek\ncontrols: {stdin: secret}\n"
                             "trials: {warmup: 0, bare: 1, observed: 0}\n"
                             "demos: [{name: ok, exec: [\"@BIN@/programs/behave\", ok]}]\n");
    cr_expect_eq(lab_shell(&lab, "echo x >secret && chmod 600 secret && $RUNNER m.yaml 2>err"), 2);
    cr_expect_eq(lab_shell(&lab, "grep -q 'not a file that all users may read' err"), 0);
    cr_expect_eq(lab_shell(&lab, "chmod 644 secret && $RUNNER m.yaml 2>err"), 0);
    lab_close(&lab);
}
