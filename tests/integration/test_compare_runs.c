/* `runner compare` on bundles that real runs left, whole and spoilt. */
#include "lab.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* CPU time is taken, not waited for: how busy the machine is moves the wall time only. */
#define BURNS                                                                                                \
    "version: 1\n"                                                                                           \
    "experiment: burns\n"                                                                                    \
    "trials: {warmup: 1, bare: 8, observed: 0}\n"                                                            \
    "probes: {sched: off, go: none}\n"                                                                       \
    "demos:\n"                                                                                               \
    "  - {name: one, exec: [\"@BIN@/programs/behave\", burn, \"10\"]}\n"                                     \
    "  - {name: four, exec: [\"@BIN@/programs/behave\", burn, \"40\"]}\n"

#define TWICE                                                                                                \
    "version: 1\n"                                                                                           \
    "experiment: twice\n"                                                                                    \
    "trials: {warmup: 1, bare: 8, observed: 0}\n"                                                            \
    "probes: {sched: off, go: none}\n"                                                                       \
    "demos:\n"                                                                                               \
    "  - {name: one, exec: [\"@BIN@/programs/behave\", burn, \"10\"]}\n"                                     \
    "  - {name: same, exec: [\"@BIN@/programs/behave\", burn, \"10\"]}\n"

#define FEW                                                                                                  \
    "version: 1\n"                                                                                           \
    "experiment: few\n"                                                                                      \
    "trials: {warmup: 0, bare: 1, observed: 0}\n"                                                            \
    "probes: {sched: off, go: none}\n"                                                                       \
    "demos:\n"                                                                                               \
    "  - {name: one, exec: [\"@BIN@/programs/behave\", ok]}\n"                                               \
    "  - {name: two, exec: [\"@BIN@/programs/behave\", ok]}\n"

#define NONE                                                                                                 \
    "version: 1\n"                                                                                           \
    "experiment: none\n"                                                                                     \
    "trials: {warmup: 0, bare: 1, observed: 0}\n"                                                            \
    "probes: {sched: off, go: none}\n"                                                                       \
    "demos:\n"                                                                                               \
    "  - {name: one, exec: [\"@BIN@/programs/nowhere\"]}\n"

/* What a bash script in the lab's folder prints, stderr included; $R is runner, X a copy of the bundle. `seal
   NAME` makes the checksums of a copy right again. */
static int run(const struct lab *lab, const char *script, char *said, size_t size)
{
    char line[4096];
    snprintf(
        line, sizeof line,
        "cd %s; R=%s/runner; [[ -d X ]] || cp -rL runs/latest X; seal() { for f in "
        "experiment.json summary.json; do h=$(sha256sum $1/$f | cut -d ' ' -f 1); sed -i \"s/^[0-9a-f]*  "
        "$f\\$/$h  $f/\" $1/SHA256SUMS; done; }; %s",
        lab->folder, getenv("RUNNER_TEST_BIN"), script);
    return lab_bash(line, said, size);
}

static void expect(const struct lab *lab, const char *script, int code, const char *part)
{
    static char said[1 << 20];
    int got = run(lab, script, said, sizeof said);
    cr_expect_eq(got, code, "%s: %d, %s", script, got, said);
    cr_expect_not_null(strstr(said, part), "%s: no '%s' in %s", script, part, said);
    cr_expect_null(strstr(said, "nan"), "%s: %s", script, said);
}

static json_t *compared(const struct lab *lab, const char *words)
{
    static char said[1 << 20];
    char script[256];
    json_error_t error;
    snprintf(script, sizeof script, "$R compare --json --all %s", words);
    cr_assert_eq(run(lab, script, said, sizeof said), 0, "%s", said);
    json_t *json = json_loads(said, 0, &error);
    cr_assert_not_null(json, "%s: %s", error.text, said);
    return json;
}

static const json_t *metric(const json_t *comparison, size_t demo, const char *name)
{
    size_t i;
    const json_t *row;
    json_array_foreach (
        json_object_get(json_array_get(json_object_get(comparison, "demos"), demo), "metrics"), i, row)
        if (strcmp(json_string_value(json_object_get(row, "metric")), name) == 0)
            return row;
    return NULL;
}

static size_t claims(const json_t *comparison)
{
    size_t i, count = 0;
    const json_t *row;
    json_array_foreach (json_object_get(json_array_get(json_object_get(comparison, "demos"), 0), "metrics"),
                        i, row) {
        const char *verdict = json_string_value(json_object_get(row, "verdict"));
        count += strcmp(verdict, "better") == 0 || strcmp(verdict, "worse") == 0 ||
                 strcmp(verdict, "different") == 0;
    }
    return count;
}

/* One comparison of copies in 20 claims something: that is what its level says. That three in a row do has a
   chance of one in 8,000. */
Test(compare_runs, of_the_same_program_twice_nothing_is_claimed)
{
    size_t claimed = 1;
    for (int i = 0; i < 3 && claimed; i++) {
        struct lab lab;
        lab_run(&lab, TWICE);
        cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
        json_t *json = compared(&lab, "runs/latest");
        claimed = claims(json);
        json_decref(json);
        lab_close(&lab);
    }
    cr_expect_eq(claimed, 0);
}

Test(compare_runs, four_times_the_cpu_time_is_found_with_its_sign)
{
    struct lab lab;
    lab_run(&lab, BURNS);
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    json_t *json = compared(&lab, "runs/latest");
    const json_t *row = metric(json, 0, "cpu.time");
    cr_assert_not_null(row);
    cr_expect_str_eq(json_string_value(json_object_get(row, "verdict")), "worse");
    const json_t *effect = json_object_get(row, "effect"), *ci = json_object_get(effect, "ci");
    cr_expect_float_eq(json_number_value(json_object_get(effect, "value")), 4, 0.6);
    cr_expect_gt(json_number_value(json_array_get(ci, 0)), 2);
    json_decref(json);
    expect(&lab, "$R compare X", 0, "four is worse: ");
    expect(&lab, "$R compare --format csv X | grep -c '\"cpu.time\",\"\",\"ns\",\"bare\",\"worse\"'", 0,
           "1\n");
    expect(&lab, "$R compare --format markdown X", 0, "### four against one\n");
    expect(&lab, "$R compare --format benchmarks X | grep -c ^Benchmark", 0, "16\n");
    expect(&lab, "$R compare --color always X", 0, "\033[1mfour");
    expect(&lab, "$R compare --junit j.xml X >/dev/null && xmllint --xpath 'count(//testcase)' j.xml", 0,
           "2");
    /* Against itself every value is alike. */
    expect(&lab, "$R compare X X", 0, "no difference is shown between four and its baseline");
    lab_close(&lab);
}

Test(compare_runs, gates_pass_fail_and_stay_undecided_by_their_exit_codes)
{
    struct lab lab;
    lab_run(&lab, BURNS);
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    expect(&lab, "$R compare --gate 'cpu.time at_most +1000%' X", 0,
           "\nPASS four: cpu.time against baseline");
    expect(&lab, "$R compare --gate 'cpu.time at_most +50%' X", 1, "\nFAIL four: cpu.time against baseline");
    expect(&lab, "$R compare --gate 'cpu.time at_least +50%' X", 0, "\nPASS four: ");
    expect(&lab, "$R compare --gate 'goroutines.leaked max 0' X", 5,
           "\nINCONCLUSIVE four: goroutines.leaked max 0");
    expect(&lab, "$R compare --gate 'cpu.time max 5ms demo four' X", 1, "\nFAIL four: ");
    expect(
        &lab,
        "$R compare --gate 'cpu.time max 60s' --gate 'goroutines.leaked max 0' --gate 'cpu.time max 1ms' X",
        1, "INCONCLUSIVE");
    expect(&lab, "$R compare --gate 'cpu.time at_mots +5%' X", 2, "did you mean 'at_most'?");
    expect(&lab, "$R compare --json --gate 'cpu.time at_most +50%' X", 1, "\"verdict\":\"fail\"");
    lab_close(&lab);
}

Test(compare_runs, few_or_no_trials_are_told_as_what_they_are)
{
    struct lab lab;
    lab_run(&lab, FEW);
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    expect(&lab, "$R compare X", 0,
           "too few trials to tell two from one: with 1 and 1 no difference can be shown");
    expect(&lab, "$R compare --gate 'cpu.time at_most +5%' X", 5, "1 and 1 trials give no interval");
    lab_close(&lab);
    lab_run(&lab, NONE);
    cr_assert_eq(lab.status, 1, "%s%s", lab.err, lab.out);
    expect(&lab, "$R compare X", 2, "runner: X/summary.json holds no demo: no trial was finished\n");
    lab_close(&lab);
}

/* A refusal is the banner with its reasons, or one sentence and nothing else. */
static void refused(const struct lab *lab, const char *script, const char *sentence)
{
    static char said[1 << 16];
    char whole[1024];
    int code = run(lab, script, said, sizeof said);
    snprintf(whole, sizeof whole, "runner: %s\n", sentence);
    cr_expect_eq(code, 2, "%s: %d", script, code);
    cr_expect_str_eq(said, whole, "%s", script);
}

Test(compare_runs, what_is_no_bundle_of_ours_is_refused_in_one_sentence)
{
    struct lab lab;
    lab_run(&lab, FEW);
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    refused(&lab, "$R compare X nowhere", "open the bundle nowhere: No such file or directory");
    refused(
        &lab, "$R compare X /etc",
        "/etc is no bundle: it has no experiment.json. Name a folder that a run left, such as runs/latest.");
    refused(&lab, "$R compare m.yaml",
            "m.yaml is no bundle: it is no folder. Name a folder that a run left, such as runs/latest.");
    refused(&lab, "cp -r X A; sed -i 's/\"schema\": 1/\"schema\": 2/' A/summary.json; seal A; $R compare X A",
            "A/summary.json has schema 2, this runner reads no later one than 1. Use a newer runner.");
    refused(
        &lab,
        "cp -r X B; sed -i '0,/\"schema\": 1/s//\"schema\": 7/' B/experiment.json; seal B; $R compare X B",
        "B/experiment.json has schema 7, this runner reads no later one than 1. Use a newer runner.");
    refused(&lab,
            "cp -r X C; printf '{\"schema\": 1,\\n \"demos\": {\"one\":' >C/summary.json; $R compare X C",
            "C/summary.json:2:18: the text ends too early");
    refused(&lab, "cp -r X D; rm D/summary.json; $R compare X D",
            "read D/summary.json: No such file or directory");
    refused(&lab, "$R compare --format markdwon X",
            "--format takes terminal, json, markdown, csv or benchmarks, not 'markdwon'; did you mean "
            "'markdown'?; see "
            "`runner help compare`");
    lab_close(&lab);
}

Test(compare_runs, other_conditions_are_refused_unless_they_are_asked_for)
{
    struct lab lab;
    lab_run(&lab, FEW);
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    expect(&lab,
           "cp -r X A; sed -i 's/\"cpu_model\": \"[^\"]*\"/\"cpu_model\": \"Abacus\"/' A/experiment.json; "
           "seal A; "
           "$R compare X A",
           2, " in X and Abacus in A\n");
    expect(&lab, "$R compare X A", 2,
           "runner: not compared, for 1 reason (!!); --force compares all the same\n");
    expect(&lab, "$R compare --force X A", 0, " in X and Abacus in A\n");
    expect(&lab, "$R compare --force X A", 0, "two of A against two of X\n");
    expect(&lab, "$R compare --json X A", 2, "!! the CPU is ");
    /* Altered: its checksum is another one. */
    expect(&lab, "cp -r X B; sed -i 's/\"unexpected\": 0/\"unexpected\": 1/' B/summary.json; $R compare X B",
           2, "!! B: summary.json is not what was written: SHA256SUMS has another checksum for it\n");
    lab_close(&lab);
}

/* Figures at the ends of what a double holds: JSON has no word for infinity. */
Test(compare_runs, values_without_a_finite_ratio_are_compared_by_their_difference)
{
    struct lab lab;
    lab_run(&lab, BURNS);
    cr_assert_eq(lab.status, 0, "%s%s", lab.err, lab.out);
    static const char *const values[] = {"0, 0, 0, 0, 0, 0, 0, 0",
                                         "1e-300, 2e-300, 3e-300, 4e-300, 5e-300, 6e-300, 7e-300, 8e-300",
                                         "1e300, 2e300, 3e300, 4e300, 5e300, 6e300, 7e300, 8e300"};
    static const char *const names[] = {"Z", "T", "H"};
    char said[1024];
    for (size_t i = 0; i < 3; i++) {
        json_t *bundle = json_deep_copy(lab.summary),
               *one = json_object_get(json_object_get(bundle, "demos"), "one");
        char text[128], path[256];
        snprintf(text, sizeof text, "[%s]", values[i]);
        json_object_set_new(json_object_get(json_object_get(one, "bare"), "cpu.time"), "values",
                            json_loads(text, 0, NULL));
        snprintf(text, sizeof text, "cp -r X %s", names[i]);
        cr_assert_eq(run(&lab, text, said, sizeof said), 0, "%s", said);
        snprintf(path, sizeof path, "%s/%s/summary.json", lab.folder, names[i]);
        cr_assert_eq(json_dump_file(bundle, path, 0), 0);
        snprintf(text, sizeof text, "seal %s", names[i]);
        cr_assert_eq(run(&lab, text, said, sizeof said), 0, "%s", said);
        json_decref(bundle);
    }
    static const struct {
        const char *bundles, *kind, *verdict;
    } cases[] = {{"X Z", "difference", "better"},    {"Z X", "difference", "worse"},
                 {"T H", "difference", "worse"},     {"H T", "difference", "better"},
                 {"Z Z", "difference", "not_shown"}, {"X H", "ratio", "worse"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *json = compared(&lab, cases[i].bundles);
        const json_t *row = metric(json, 0, "cpu.time"), *effect = json_object_get(row, "effect");
        cr_expect_str_eq(json_string_value(json_object_get(effect, "kind")), cases[i].kind, "%s",
                         cases[i].bundles);
        cr_expect(json_is_number(json_object_get(effect, "value")), "%s", cases[i].bundles);
        cr_expect_str_eq(json_string_value(json_object_get(row, "verdict")), cases[i].verdict, "%s",
                         cases[i].bundles);
        json_decref(json);
        char script[128];
        snprintf(script, sizeof script, "$R compare --all %s | grep -wq inf || echo finite",
                 cases[i].bundles);
        expect(&lab, script, 0, "finite\n");
    }
    lab_close(&lab);
}
