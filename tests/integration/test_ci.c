/* What CI systems get of a real run: JUnit XML by a real parser and a schema, GitHub's annotations and job
 * summary. */
#include "lab.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All kinds of results: a demo that does what is expected, one that does not, one that cannot start to build;
   gates that hold, that fail, and one that two trials cannot decide. */
#define MIXED                                                                                                \
    "version: 1\n"                                                                                           \
    "experiment: mixed\n"                                                                                    \
    "trials: {warmup: 0, bare: 2, observed: 0}\n"                                                            \
    "probes: {sched: off, go: none}\n"                                                                       \
    "demos:\n"                                                                                               \
    "  - {name: sleep, exec: [\"@BIN@/programs/behave\", sleep, \"5\"]}\n"                                   \
    "  - {name: other, exec: [\"@BIN@/programs/behave\", exit, \"3\"]}\n"                                    \
    "  - {name: missing, exec: [\"@BIN@/programs/nowhere\"]}\n"                                              \
    "gates:\n"                                                                                               \
    "  - {metric: time.wall, min: 1ms, demo: sleep}\n"                                                       \
    "  - {metric: time.wall, max: 1us, demo: sleep}\n"                                                       \
    "  - {metric: cpu.time, against: baseline, at_most: +5%, demo: other}\n"

/* It prints commands of GitHub and of terminals, on both streams, and dies of it. */
#define HOSTILE                                                                                              \
    "version: 1\n"                                                                                           \
    "experiment: hostile\n"                                                                                  \
    "trials: {warmup: 0, bare: 1, observed: 0}\n"                                                            \
    "probes: {sched: off, go: none}\n"                                                                       \
    "demos:\n"                                                                                               \
    "  - name: prints\n"                                                                                     \
    "    exec: [/bin/sh, -c, \"echo '::error::mine'; echo '##[add-path]/x' >&2; echo '%0A::notice::x'; "     \
    "exit 9\"]\n"

static int shell(const struct lab *lab, const char *command)
{
    char line[4096];
    snprintf(line, sizeof line, "cd %s && B=%s && X=$B/../tests/integration/junit.xsd && { %s; }",
             lab->folder, getenv("RUNNER_TEST_BIN"), command);
    setenv("SCRIPT", line, 1);
    return system("exec bash -c \"$SCRIPT\"");
}

static void run(struct lab *lab, const char *manifest, const char *const *words)
{
    lab_open(lab);
    lab_write_manifest(lab, manifest);
    lab_wait(lab, lab_start(lab, words));
}

static void on_github(const struct lab *lab)
{
    char path[128];
    snprintf(path, sizeof path, "%s/summary.md", lab->folder);
    setenv("GITHUB_ACTIONS", "true", 1);
    setenv("GITHUB_STEP_SUMMARY", path, 1);
    setenv("GITHUB_WORKSPACE", lab->folder, 1);
}

Test(ci, a_run_as_junit_is_what_the_schemas_want)
{
    struct lab lab;
    run(&lab, MIXED, (const char *const[]){"run", "m.yaml", "--junit", "j.xml", NULL});
    cr_assert_eq(lab.status, 1, "%s", lab.err);
    cr_expect_not_null(strstr(lab.err, "\n[4/4] "), "a line a trial, of those that take place: %s", lab.err);
    cr_expect_eq(shell(&lab, "xmllint --noout --schema $X j.xml"), 0);
    static const char *const counts[][2] = {
        {"count(//testcase)", "6"},
        {"string(//testsuite/@name)", "mixed"},
        {"concat(/testsuites/@failures, /testsuites/@errors)", "21"},
        {"string(//testcase[@classname='mixed.sleep' and @name='time.wall max 1us']/failure/@type)", "gate"},
        {"count(//testcase[@name='time.wall min 1ms']/*)", "0"},
        {"count(//testcase[@classname='mixed.other']/skipped)", "1"},
        {"count(//testcase[@classname='mixed.other' and @name='expected verdict']/failure)", "1"},
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        char line[512];
        snprintf(
            line, sizeof line,
            "R=$(xmllint --xpath \"%s\" j.xml); test \"$R\" = '%s' || { echo \"$R\"; cat j.xml; false; }",
            counts[i][0], counts[i][1]);
        cr_expect_eq(shell(&lab, line), 0, "%s", counts[i][0]);
    }
    cr_expect_eq(shell(&lab, "$B/runner compare --force --junit c.xml --gate 'time.wall max 1us demo sleep' "
                             "runs/latest >/dev/null; "
                             "test $? = 1 && xmllint --noout --schema $X c.xml"),
                 0);
    lab_close(&lab);
}

Test(ci, a_junit_file_that_cannot_be_made_is_told_before_anything_runs)
{
    struct lab lab;
    run(&lab, MIXED, (const char *const[]){"run", "m.yaml", "--junit", "no/where.xml", NULL});
    cr_expect_eq(lab.status, 2);
    cr_expect_str_eq(lab.err, "runner: create no/where.xml: No such file or directory\n");
    cr_expect_eq(shell(&lab, "test ! -e runs"), 0);
    lab_close(&lab);
}

Test(ci, github_gets_annotations_at_lines_and_a_summary)
{
    struct lab lab;
    lab_open(&lab);
    on_github(&lab);
    lab_run_inside(&lab, MIXED);
    cr_assert_eq(lab.status, 1, "%s", lab.err);
    cr_expect_not_null(
        strstr(lab.err, "\n::error file=m.yaml,line=7,title=failed%3A other%3A expected verdict::2 of 2 "),
        "%s", lab.err);
    cr_expect_not_null(
        strstr(lab.err, "\n::error file=m.yaml,line=11,title=failed%3A sleep%3A time.wall max 1us::"));
    cr_expect_not_null(strstr(lab.err, "\n::warning file=m.yaml,line=12,title=not decided%3A other%3A "));
    cr_expect_null(strstr(lab.err, "min 1ms"), "what is well is not annotated");
    cr_expect_eq(shell(&lab, "grep -q '^## mixed$' summary.md && grep -q '^| failed | sleep | time.wall max "
                             "1us |' summary.md && "
                             "grep -q '^### Gates$' summary.md"),
                 0);
    lab_close(&lab);
}

Test(ci, a_manifest_that_is_wrong_is_annotated_at_its_lines)
{
    struct lab lab;
    lab_open(&lab);
    on_github(&lab);
    lab_write_manifest(&lab, "version: 1\nexperiment: x\ncontrols: {gomaxproc: 2}\n");
    lab_wait(&lab, lab_start(&lab, (const char *const[]){"m.yaml", NULL}));
    cr_expect_eq(lab.status, 2);
    cr_expect_not_null(
        strstr(lab.err, "\n::error file=m.yaml,line=3,col=12,title=manifest::unknown key 'gomaxproc' in "
                        "controls; did you mean 'gomaxprocs'?\n"),
        "%s", lab.err);
    lab_close(&lab);
}

/* GitHub trims a line before it looks for "::", and finds "##[" anywhere. */
static bool is_command(const char *line, size_t length)
{
    size_t blank = strspn(line, " \t\r");
    return (length >= blank + 2 && strncmp(line + blank, "::", 2) == 0) || memmem(line, length, "##[", 3);
}

Test(ci, what_a_demo_prints_and_is_called_is_never_a_command)
{
    struct lab lab;
    lab_open(&lab);
    on_github(&lab);
    lab_run_inside(&lab, HOSTILE);
    cr_assert_eq(lab.status, 1, "%s", lab.err);
    cr_expect_null(strstr(lab.out, "mine"));
    char token[64] = "";
    cr_assert_eq(sscanf(lab.err, "::stop-commands::%32s", token), 1, "%s", lab.err);
    char end[80];
    snprintf(end, sizeof end, "\n::%s::\n", token);
    const char *behind = strstr(lab.err, end);
    cr_assert_not_null(behind, "%s", lab.err);
    size_t commands = 0;
    for (const char *line = behind + strlen(end); *line; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n");
        commands++;
        cr_expect(is_command(line, length), "nothing but commands: %.*s", (int)length, line);
        cr_expect_eq(strncmp(line, "::error file=m.yaml,line=6,title=failed%3A prints", 49), 0, "%.*s",
                     (int)length, line);
    }
    cr_expect_eq(commands, 1);
    lab_close(&lab);
}

Test(ci, names_in_bundles_of_strangers_are_never_commands)
{
    struct lab lab;
    run(&lab, MIXED, (const char *const[]){"run", "m.yaml", NULL});
    on_github(&lab);
    /* The same bundle with other names: as a stranger may have made it. */
    cr_expect_eq(shell(&lab,
                       "mv $(readlink -f runs/latest) '::error::x' && cd '::error::x' && "
                       "sed -i 's/\"other\"/\"o\\\\n::error::%0A,##[error]\"/' summary.json experiment.json"),
                 0);
    lab_wait(&lab, lab_start(&lab, (const char *const[]){"compare", "--force", "./::error::x", NULL}));
    cr_assert_eq(lab.status, 0, "%s", lab.err);
    char token[64] = "";
    cr_assert_eq(sscanf(lab.err, "::stop-commands::%32s", token), 1, "%s", lab.err);
    const char *behind = strstr(lab.err + 20, token);
    cr_assert_not_null(behind);
    size_t commands = 0;
    for (const char *line = strchr(behind, '\n') + 1; *line; line += strcspn(line, "\n") + 1) {
        commands++;
        cr_expect_eq(strncmp(line, "::error title=failed%3A ", 24), 0, "%s", line);
    }
    cr_expect_geq(commands, 1);
    cr_expect_eq(shell(&lab, "grep -c '^| failed | o?::error::%0A,\\\\#\\\\#\\\\\\[error' summary.md "
                             ">/dev/null || { cat summary.md; false; }"),
                 0);
    lab_close(&lab);
}

Test(ci, why_there_is_no_comparison_is_annotated)
{
    struct lab lab;
    lab_open(&lab);
    on_github(&lab);
    lab_write_manifest(&lab, MIXED);
    lab_wait(&lab, lab_start(&lab, (const char *const[]){"compare", "no:where", NULL}));
    cr_expect_eq(lab.status, 2);
    cr_expect_not_null(strstr(lab.err, "\n::error title=runner::open the bundle no:where: No such file"),
                       "%s", lab.err);
    lab_close(&lab);
}

/* One demo, two trials: `at_most` of the gate cannot be decided. */
#define UNDECIDED                                                                                            \
    "version: 1\n"                                                                                           \
    "experiment: undecided\n"                                                                                \
    "trials: {warmup: 0, bare: 2, observed: 0}\n"                                                            \
    "probes: {sched: off, go: none}\n"                                                                       \
    "demos:\n"                                                                                               \
    "  - {name: one, exec: [\"@BIN@/programs/behave\", sleep, \"5\"]}\n"                                     \
    "  - {name: two, exec: [\"@BIN@/programs/behave\", sleep, \"5\"]}\n"                                     \
    "gates:\n"                                                                                               \
    "  - {metric: cpu.time, against: baseline, at_most: +5%}\n"

Test(ci, the_action_runs_a_manifest_and_hands_on_its_verdict)
{
    struct lab lab;
    lab_open(&lab);
    on_github(&lab);
    lab_write_manifest(&lab, UNDECIDED);
    cr_expect_eq(
        shell(
            &lab,
            "mkdir 'a dir'; mv m.yaml 'a dir/$(touch evil).yaml'; export MANIFEST='a dir/$(touch evil).yaml' "
            "OUT='my runs' JUNIT='my runs/j.xml' UNDECIDED=fail GITHUB_OUTPUT=$PWD/output; "
            "$B/../.github/actions/runner/run experiment >log 2>&1; test $? = 5 || { cat log; false; }"),
        0);
    cr_expect_eq(
        shell(&lab,
              "test ! -e evil && grep -qx code=5 output && xmllint --noout --schema $X 'my runs/j.xml' && "
              "grep -q '^## undecided' summary.md && grep -q '^::warning file=a dir/' log"),
        0);
    cr_expect_eq(shell(&lab,
                       "export MANIFEST='a dir/$(touch evil).yaml' OUT=runs JUNIT=runs/j.xml UNDECIDED=pass; "
                       "$B/../.github/actions/runner/run experiment >log 2>&1 || { cat log; false; }"),
                 0);
    lab_close(&lab);
}
