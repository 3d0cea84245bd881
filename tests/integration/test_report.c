/* report.html as a user gets it: in every bundle, and by `runner report`. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab.h"

#define PAIR                                                                                                 \
    "version: 1\n"                                                                                           \
    "experiment: pair\n"                                                                                     \
    "trials: {warmup: 0, bare: 2, observed: 1}\n"                                                            \
    "probes: {sched: true, go: none}\n"                                                                      \
    "demos:\n"                                                                                               \
    "  - {name: long, exec: [\"@BIN@/programs/behave\", sleep, \"150\"]}\n"                                  \
    "  - {name: short, exec: [\"@BIN@/programs/behave\", sleep, \"50\"]}\n"                                  \
    "baseline: long\n"

static void prepare(struct lab *lab)
{
    cr_assert(getenv("RUNNER_TEST_BIN"), "use `make integration`");
    lab_open(lab);
    lab_run_inside(lab, PAIR);
    cr_assert_eq(lab->status, 0, "%s", lab->err);
}

Test(report, every_bundle_holds_one_below_its_checksums)
{
    struct lab lab;
    prepare(&lab);
    cr_expect(strstr(lab.out, "report: runs/pair-"), "%s", lab.out);
    cr_expect_eq(
        lab_shell(&lab,
                  "cd runs/latest && sha256sum --quiet -c SHA256SUMS && grep -q ' report.html$' SHA256SUMS"),
        0);
    cr_expect_eq(lab_shell(&lab, "grep -q '<h1>pair</h1>' runs/latest/report.html"), 0);
    cr_expect_eq(lab_shell(&lab, "grep -q '>CPU 0<\\|heatmap-0-0-' runs/latest/report.html"), 0,
                 "the heat map's data");
    lab_close(&lab);
}

Test(report, is_written_anew_and_replaced_whole_or_not_at_all)
{
    struct lab lab;
    prepare(&lab);
    cr_expect_eq(lab_shell(&lab, "$RUNNER report runs/latest >out && test \"$(cat out)\" = report.html"), 0);
    cr_expect_eq(lab_shell(&lab, "$RUNNER report runs/latest -o - | grep -q '</html>'"), 0);
    cr_expect_eq(
        lab_shell(&lab, "$RUNNER report runs/latest runs/latest -o both.html && grep -q '</html>' both.html"),
        0);
    cr_expect_eq(lab_shell(&lab, "echo before >kept.html; echo '{' >runs/latest/summary.json; "
                                 "$RUNNER report runs/latest -o kept.html 2>err"),
                 2);
    cr_expect_eq(lab_shell(&lab, "test \"$(cat kept.html)\" = before && grep -q 'summary.json:' err"), 0);
    cr_expect_eq(lab_shell(&lab, "$RUNNER report nowhere 2>err; test $? = 2 && grep -q nowhere err"), 0);
    cr_expect_eq(
        lab_shell(&lab,
                  "mkdir empty; $RUNNER report empty 2>err; test $? = 2 && grep -q experiment.json err"),
        0);
    lab_close(&lab);
}

Test(report, a_full_or_missing_place_is_told)
{
    struct lab lab;
    prepare(&lab);
    cr_expect_eq(lab_shell(&lab, "$RUNNER report runs/latest -o - >/dev/full 2>err"), 4);
    cr_expect_eq(lab_shell(&lab, "$RUNNER report runs/latest -o missing/x.html 2>err"), 2);
    cr_expect_eq(lab_shell(&lab, "grep -q 'missing/x.html' err"), 0);
    lab_close(&lab);
}

Test(report, figures_are_files_that_stand_alone)
{
    struct lab lab;
    prepare(&lab);
    cr_expect_eq(lab_shell(&lab, "$RUNNER report runs/latest --svg figures >names"), 0);
    cr_expect_eq(lab_shell(&lab, "for n in radar-demos radar-health heatmap-long- heatmap-short-; do "
                                 "grep -q \"^$n\" names || exit 1; done"),
                 0);
    cr_expect_eq(
        lab_shell(
            &lab,
            "cd figures && for f in *.svg; do grep -q '^<?xml' $f && grep -q '</svg>' $f || exit 1; done"),
        0);
    lab_close(&lab);
}
