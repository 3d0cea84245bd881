/* What bundles come to, as JUnit and GitHub are told. */
#include "runner/report/results.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "runner/report/github.h"
#include "runner/report/junit.h"
#include "tests/unit/compare_fixture.h"

#define HOSTILE "a]]><b>&\"'\n::error::x %0A\r\x01\xef\xbf\xbe\xff, ##[error]"

/* One bundle: `good` is fine, `bad` ended otherwise in 2 of 6 trials, `late` had a load that was invalid,
   `never` did not build. */
static struct bundle_fixture make(void)
{
    struct bundle_fixture fixture = fixture_make("shop-1", "good");
    static const char *const names[] = {"good", "bad", "late"};
    double values[6];
    for (unsigned i = 0; i < 3; i++) {
        fixture_spread(values, 6, 1e9, 0.02, i);
        fixture_values(&fixture, names[i], "bare", "time.wall", values, 6);
    }
    fixture_set(fixture.summary, "demos.bad.verdicts.bare", json_pack("{s:i, s:i}", "ok", 4, "panic", 2));
    fixture_set(fixture.summary, "demos.bad.unexpected", json_integer(2));
    fixture_set(fixture.summary, "demos.late.verdicts.bare",
                json_pack("{s:i, s:i}", "ok", 5, "load_invalid", 1));
    fixture_set(fixture.summary, "demos.late.unexpected", json_integer(1));
    fixture_set(fixture.summary, "demos.good.findings",
                json_pack("[{s:s, s:i, s:i, s:[{s:s}]}, {s:s, s:i, s:i}]", "name", "timer-abuse", "shown", 1,
                          "of", 6, "examples", "sentence", "it makes timers", "name", "goroutine-leak",
                          "shown", 6, "of", 6));
    fixture_set(fixture.experiment, "demos.never",
                json_pack("{s:b, s:s}", "built", 0, "failure", "main.go:3: undefined: x"));
    fixture_set(fixture.experiment, "started", json_string("2026-12-01T02:03:04Z"));
    return fixture;
}

static json_t *gates(void)
{
    return json_pack("[{s:s, s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:s, s:s}, {s:s, s:s, s:s, s:s, s:s}]",
                     "gate", "cpu.time max 1s", "demo", "good", "bundle", "shop-1", "verdict", "pass", "why",
                     "fine", "gate", "cpu.time max 1s", "demo", "bad", "bundle", "shop-1", "verdict", "fail",
                     "why", "6 of 6, 100% over", "gate", "cpu.time max 1s", "demo", "late", "bundle",
                     "shop-1", "verdict", "inconclusive", "why", "too few");
}

struct made {
    struct bundle_fixture fixture;
    struct comparison *comparison;
    const struct measured *bundle;
    json_t *gates;
    struct results results;
};

static void make_results(struct made *made)
{
    made->fixture = make();
    made->comparison = fixture_compare((struct bundle_fixture *[]){&made->fixture}, 1);
    made->bundle = compare_bundle(made->comparison, 0);
    made->gates = gates();
    results_make(&made->results, &made->bundle, 1, made->gates);
    cr_assert_not(made->results.no_memory);
}

static void free_results(struct made *made)
{
    results_free(&made->results);
    json_decref(made->gates);
    compare_free(made->comparison);
    fixture_free(&made->fixture);
}

static const struct result *find(const struct results *results, enum result_kind kind, const char *demo)
{
    for (size_t i = 0; i < results->count; i++)
        if (results->list[i].kind == kind && strcmp(results->list[i].demo, demo) == 0)
            return &results->list[i];
    cr_assert_fail("no result of %s", demo);
    return NULL;
}

Test(report_results, each_demo_and_each_gate_has_one)
{
    struct made made;
    make_results(&made);
    cr_expect_eq(made.results.count, 4 + 3 + 2);
    const struct result *good = find(&made.results, RESULT_VERDICT, "good");
    cr_expect_eq(good->outcome, RESULT_GOOD);
    cr_expect_float_eq(good->seconds, 6, 0.2);
    const struct result *bad = find(&made.results, RESULT_VERDICT, "bad");
    cr_expect_eq(bad->outcome, RESULT_BAD);
    cr_expect_str_eq(bad->text, "2 of 6 trials did not do what the manifest expects (2 panic, 4 ok)");
    cr_expect_eq(find(&made.results, RESULT_VERDICT, "late")->outcome, RESULT_UNDECIDED);
    cr_expect_eq(find(&made.results, RESULT_VERDICT, "never")->outcome, RESULT_BROKEN);
    cr_expect_eq(find(&made.results, RESULT_GATE, "good")->outcome, RESULT_GOOD);
    cr_expect_eq(find(&made.results, RESULT_GATE, "bad")->outcome, RESULT_BAD);
    cr_expect_eq(find(&made.results, RESULT_GATE, "late")->outcome, RESULT_UNDECIDED);
    free_results(&made);
}

Test(report_results, the_worst_come_first_and_equals_keep_their_order)
{
    struct made made;
    make_results(&made);
    results_sort(&made.results);
    const struct result *list = made.results.list;
    cr_expect_str_eq(list[0].demo, "never");
    cr_expect_eq(list[1].kind, RESULT_VERDICT, "the verdict before the gate");
    cr_expect_str_eq(list[1].demo, "bad");
    cr_expect_eq(list[2].kind, RESULT_GATE);
    for (size_t i = 1; i < made.results.count; i++)
        cr_expect_leq(list[i].outcome, list[i - 1].outcome);
    cr_expect_str_eq(list[5].name, "goroutine-leak", "serious before warnings");
    cr_expect_str_eq(list[6].text, "it makes timers - in 1 of 6 trials");
    free_results(&made);
}

/* --- JUnit ---------------------------------------------------------------------------------------------- */

static char *junit(const struct made *made)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    junit_write(&made->results, &made->bundle, 1, out);
    fclose(out);
    return text;
}

Test(report_junit, failures_errors_and_skips_are_counted)
{
    struct made made;
    make_results(&made);
    char *text = junit(&made);
    cr_expect_not_null(strstr(text, "tests=\"7\" failures=\"2\" errors=\"1\" skipped=\"2\""), "%s", text);
    cr_expect_not_null(
        strstr(text, "<testcase classname=\"made-up.late\" name=\"cpu.time max 1s\" time=\"0.000\">\n"
                     "      <skipped message=\"too few\"/>"),
        "%s", text);
    cr_expect_not_null(strstr(text, "<failure message=\"6 of 6, 100% over\" type=\"gate\"/>"), "%s", text);
    cr_expect_not_null(strstr(text, "timestamp=\"2026-12-01T02:03:04\""), "%s", text);
    cr_expect_null(strstr(text, "timer-abuse"), "findings are no cases");
    free(text);
    free_results(&made);
}

Test(report_junit, what_xml_cannot_hold_never_reaches_it)
{
    struct made made;
    make_results(&made);
    free(made.results.list[0].text);
    made.results.list[0].text = strdup(HOSTILE);
    made.results.list[0].outcome = RESULT_BAD;
    char *text = junit(&made);
    cr_expect_not_null(
        strstr(text, "message=\"a]]&gt;&lt;b&gt;&amp;&quot;&apos;&#10;::error::x %0A????, ##[error]\""), "%s",
        text);
    for (const char *at = text; *at; at++)
        cr_expect(*at == '\n' || (unsigned char)*at >= 0x20);
    free(text);
    free_results(&made);
}

/* --- GitHub --------------------------------------------------------------------------------------------- */

static char *annotated(const struct annotation *annotation)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    github_annotate(&(struct github){.out = out}, annotation);
    fclose(out);
    return text;
}

Test(report_github, properties_and_messages_are_escaped)
{
    char *text =
        annotated(&(struct annotation){"error", "a,b:c.yaml", HOSTILE, "one\r\ntwo: 5%, \033[31m", 3, 7});
    cr_expect_str_eq(
        text,
        "::error file=a%2Cb%3Ac.yaml,line=3,col=7,title=a]]><b>&\"'%0A%3A%3Aerror%3A%3Ax %250A%0D???%2C "
        "##[error]::one%0D%0Atwo: 5%25, ?[31m\n");
    free(text);
    text = annotated(&(struct annotation){.level = "notice", .message = "x", .line = 9});
    cr_expect_str_eq(text, "::notice::x\n", "a line means nothing without a file");
    free(text);
}

Test(report_github, ten_worst_are_annotated_at_their_lines)
{
    struct made made;
    make_results(&made);
    results_sort(&made.results);
    struct demo demos[] = {{.name = (char *)"good", .line = 4}, {.name = (char *)"bad", .line = 5}};
    struct gate gate = {.metric = (char *)"cpu.time", .max = (char *)"1s", .rule = GATE_MAX, .line = 9};
    const struct experiment experiment = {.demos = demos, .demo_count = 2, .gates = &gate, .gate_count = 1};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    const struct github github = {.out = out};
    for (int i = 0; i < 2; i++)
        github_annotate_results(&github, &made.results, &experiment, "m.yaml");
    fclose(out);
    cr_expect_not_null(
        strstr(text, "::error file=m.yaml,line=5,title=failed%3A bad%3A expected verdict::2 of 6"), "%s",
        text);
    cr_expect_not_null(
        strstr(text, "::error file=m.yaml,line=9,title=failed%3A bad%3A cpu.time max 1s::6 of 6"));
    cr_expect_not_null(
        strstr(text, "::warning file=m.yaml,line=9,title=not decided%3A late%3A cpu.time max 1s::too few"));
    cr_expect_not_null(strstr(text, "::error file=m.yaml,title=failed%3A never%3A build::main.go:3"));
    cr_expect_not_null(strstr(text, "::warning file=m.yaml,line=4,title=good%3A goroutine-leak::in 6 of 6"));
    size_t lines = 0;
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    cr_expect_eq(lines, 2 * 7, "what is well is not told");
    free(text);
    free_results(&made);
}

Test(report_github, no_more_than_ten)
{
    struct result list[30];
    for (size_t i = 0; i < 30; i++)
        list[i] = (struct result){RESULT_GATE, RESULT_BAD, 0, NULL, (char *)"g", (char *)"t", 0};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    github_annotate_results(&(struct github){.out = out}, &(struct results){list, 30, false}, NULL, NULL);
    fclose(out);
    cr_expect_eq(size, 10 * strlen("::error title=failed%3A g::t\n"), "%s", text);
    free(text);
}

Test(report_github, commands_are_stopped_by_a_word_that_nobody_knows)
{
    char *text[2] = {NULL, NULL};
    size_t size;
    for (size_t i = 0; i < 2; i++) {
        struct github github;
        FILE *out = open_memstream(&text[i], &size);
        cr_assert_eq(github_stop(&github, out), 0);
        char token[33];
        snprintf(token, sizeof token, "%s", github.token);
        cr_expect_eq(strlen(token), 32);
        fputs("::error::a demo's own word\n", out);
        github_resume(&github);
        github_resume(&github);
        fclose(out);
        char expected[256];
        snprintf(expected, sizeof expected, "::stop-commands::%s\n::error::a demo's own word\n\n::%s::\n",
                 token, token);
        cr_expect_str_eq(text[i], expected);
    }
    cr_expect_str_neq(text[0], text[1]);
    free(text[0]);
    free(text[1]);
}

Test(report_github, the_summary_is_text_and_has_an_end)
{
    struct made made;
    make_results(&made);
    free(made.results.list[0].text);
    made.results.list[0].text = strdup("| <img src=x> `a`\n# b");
    made.results.list[0].outcome = RESULT_BAD;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    github_summary(&made.results, "shop", made.comparison, made.gates, out);
    fclose(out);
    cr_expect_eq(strncmp(text, "## shop\n\n| outcome |", 20), 0, "%s", text);
    cr_expect_not_null(strstr(text, "\\| \\<img src=x\\> \\`a\\`?\\# b |"), "%s", text);
    cr_expect_not_null(strstr(text, "### Gates"));
    free(text);
    struct result many = made.results.list[0];
    struct result *list = calloc(20000, sizeof *list);
    for (size_t i = 0; i < 20000; i++)
        list[i] = many;
    out = open_memstream(&text, &size);
    github_summary(&(struct results){list, 20000, false}, "shop", NULL, NULL, out);
    fclose(out);
    cr_expect_lt(size, 1 << 20);
    cr_expect_not_null(strstr(text + size - 100, "the rest is longer"));
    free(text);
    free(list);
    free_results(&made);
}

Test(report_github, paths_are_relative_to_the_workspace)
{
    cr_expect_str_eq(github_path("/w/repo/a/m.yaml", "/w/repo"), "a/m.yaml");
    cr_expect_str_eq(github_path("/w/repo/a/m.yaml", "/w/repo//"), "a/m.yaml");
    cr_expect_str_eq(github_path("/w/repository/m.yaml", "/w/repo"), "/w/repository/m.yaml");
    cr_expect_str_eq(github_path("m.yaml", NULL), "m.yaml");
}
