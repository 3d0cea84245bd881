#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/report_case.h"

#define HOSTILE "</script><b>x onload=\"y\" 'z' & \xe2\x80\xae"

Test(report_page, says_which_demo_is_better_on_top)
{
    struct bundle_fixture fixture = two_demos(10);
    char *page = page_of_fixture(&fixture);
    const char *headline = strstr(page, "class=\"headline\"");
    cr_assert(headline && headline < strstr(page, "id=\"demos\""));
    cr_assert(strstr(headline, "fast is better: 51% less CPU time (interval 49 to 52%)"), "%.200s", headline);
    free(page);
    fixture_free(&fixture);
}

Test(report_page, the_policy_lets_nothing_run_but_its_own_script)
{
    struct bundle_fixture fixture = two_demos(6);
    char *page = page_of_fixture(&fixture);
    cr_assert(strstr(page, "default-src 'none'; style-src 'sha256-"));
    cr_assert(strstr(page, "script-src 'sha256-"));
    cr_assert_null(strstr(page, "unsafe-inline"));
    cr_assert_null(strstr(page, " style=\""), "the policy forbids style attributes");
    cr_assert_null(strstr(page, " onclick="));
    free(page);
    fixture_free(&fixture);
}

Test(report_page, what_a_stranger_wrote_stays_text)
{
    double values[] = {1, 2, 3, 4, 5, 6};
    struct bundle_fixture fixture = fixture_make(HOSTILE, HOSTILE);
    fixture_values(&fixture, HOSTILE, "bare", "cpu.time", values, 6);
    fixture_values(&fixture, "other" HOSTILE, "bare", "cpu.time", values, 6);
    json_t *demo = json_object_get(json_object_get(fixture.summary, "demos"), HOSTILE);
    json_object_set_new(demo, "findings",
                        json_pack("[{s:s, s:s, s:s, s:i, s:i, s:[{s:s, s:s, s:{s:f}, s:s, s:[s]}]}]", "name",
                                  HOSTILE, "severity", "serious", "role", HOSTILE, "shown", 1, "of", 1,
                                  "examples", "sentence", HOSTILE, "advice", HOSTILE, "evidence", HOSTILE,
                                  1.5, "function", HOSTILE, "stack", HOSTILE));
    json_object_set_new(demo, "findings_not_looked_for",
                        json_pack("[{s:s, s:s}]", "name", HOSTILE, "reason", HOSTILE));
    fixture_set(fixture.summary, "demos." HOSTILE ".verdicts.bare", json_pack("{s:i}", HOSTILE, 6));
    static const char *const places[] = {"name",
                                         "started",
                                         "enforcement",
                                         "manifest.description",
                                         "environment.cpu_model",
                                         "environment.kernel_release",
                                         "manifest.controls.cgroup.cpuset_cpus",
                                         "failure"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        fixture_set(fixture.experiment, places[i], json_string(HOSTILE));
    json_object_set_new(fixture.experiment, "complete", json_false());
    json_object_set_new(fixture.summary, "experiment", json_string(HOSTILE));
    json_object_set_new(fixture.experiment, "gates",
                        json_pack("[{s:s, s:s, s:s, s:s}]", "verdict", HOSTILE, "demo", HOSTILE, "gate",
                                  HOSTILE, "why", HOSTILE));
    char *page = page_of_fixture(&fixture);
    cr_assert_null(strstr(page, "<b>x"));
    cr_assert_null(strstr(page, "onload=\"y\""));
    cr_assert_null(strstr(page, "\xe2\x80\xae"));
    cr_assert_geq(markup_count(page, "&lt;/script&gt;&lt;b&gt;x"), 15);
    free(page);
    fixture_free(&fixture);
}

Test(report_page, a_single_demo_is_told_of_without_a_comparison)
{
    double values[] = {1e9, 2e9, 3e9};
    struct bundle_fixture fixture = fixture_make("made-up-1", "only");
    fixture_values(&fixture, "only", "bare", "cpu.time", values, 3);
    char *page = page_of_fixture(&fixture);
    cr_assert(
        strstr(page, "<strong>only</strong>: 3 trials, all as the manifest expects. Nothing was found."));
    cr_assert(strstr(page, "there is one demo only"));
    free(page);
    fixture_free(&fixture);
}

Test(report_page, one_trial_is_shown_without_an_interval)
{
    struct bundle_fixture fixture = two_demos(1);
    char *page = page_of_fixture(&fixture);
    cr_assert(strstr(page, "<small>n = 1 [1]</small>"));
    cr_assert(strstr(page, "too few trials"));
    free(page);
    fixture_free(&fixture);
}

Test(report_page, an_experiment_without_a_finished_trial_says_so)
{
    struct bundle_fixture fixture = fixture_make("made-up-1", "slow");
    json_object_set_new(fixture.experiment, "complete", json_false());
    json_object_set_new(fixture.experiment, "failure", json_string("interrupted by the operator"));
    char *path = fixture_write(&fixture);
    for (int without_summary = 0; without_summary < 2; without_summary++) {
        char *page = page_of(&path, 1);
        cr_assert(strstr(page, "no trial was finished"));
        cr_assert(strstr(page, "interrupted by the operator"));
        free(page);
        fixture_spoil(path, "summary.json", NULL);
    }
    fixture_remove(path);
    fixture_free(&fixture);
}

Test(report_page, several_bundles_stand_side_by_side)
{
    struct bundle_fixture fixture = two_demos(8);
    char *paths[2] = {fixture_write(&fixture)};
    double values[8];
    fixture_spread(values, 8, 3e9, 0.05, 9);
    fixture_values(&fixture, "slow", "bare", "cpu.time", values, 8);
    fixture_set(fixture.experiment, "environment.kernel_release", json_string("6.6.0"));
    json_object_set_new(fixture.experiment, "bundle", json_string("made-up-2"));
    paths[1] = fixture_write(&fixture);
    char *page = page_of(paths, 2);
    cr_assert(strstr(page, "Not comparable:"), "another kernel");
    cr_assert(
        strstr(page, "<tr class=\"differs\"><th scope=\"row\">kernel</th><td>6.1.0</td><td>6.6.0</td>"));
    cr_assert(strstr(page, "<h3>made-up-1</h3>") && strstr(page, "<h3>made-up-2</h3>"));
    free(page);
    fixture_remove(paths[0]);
    fixture_remove(paths[1]);
    fixture_free(&fixture);
}

Test(report_page, what_is_no_bundle_is_refused_in_one_sentence)
{
    static const struct {
        const char *file, *text, *said;
    } cases[] = {
        {"experiment.json", "{\"schema\": 1, \"na", "experiment.json:1:"},
        {"experiment.json", "[]", "not a JSON object"},
        {"experiment.json", "{\"schema\": 99}", "Use a newer runner"},
        {"summary.json", "{\"schema\":1,\"experiment\":\"made-up\",\"demos\":{\"a\":{\"ba",
         "summary.json:1:"},
        {"summary.json", "{\"schema\":1,\"experiment\":\"another\",\"baseline\":\"a\",\"demos\":{\"a\":{}}}",
         "another"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bundle_fixture fixture = two_demos(3);
        char *path = fixture_write(&fixture);
        struct report report;
        struct error error = {0};
        fixture_spoil(path, cases[i].file, cases[i].text);
        cr_expect_lt(report_read(&report, &path, 1, &error), 0);
        cr_expect_eq(error.class, ERROR_USAGE);
        cr_expect(strstr(error.text, cases[i].said), "%s", error.text);
        report_free(&report);
        fixture_remove(path);
        fixture_free(&fixture);
    }
}

Test(report_page, an_altered_bundle_is_shown_with_a_warning)
{
    struct bundle_fixture fixture = two_demos(8);
    char *path = fixture_write(&fixture);
    json_object_set_new(fixture.experiment, "started", json_string("another time"));
    char *text = json_dumps(fixture.experiment, 0);
    fixture_spoil(path, "experiment.json", text);
    char *page = page_of(&path, 1);
    cr_assert(strstr(page, "experiment.json is not what was written"));
    free(page);
    free(text);
    fixture_remove(path);
    fixture_free(&fixture);
}

Test(report_page, files_of_trials_are_read_inside_the_bundle_only)
{
    struct bundle_fixture fixture = two_demos(2);
    char *path = fixture_write(&fixture), *elsewhere = fixture_write(&fixture);
    char link[256];
    struct report report;
    struct error error = {0};
    snprintf(link, sizeof link, "%s/link", path);
    cr_assert_eq(symlink(elsewhere, link), 0);
    cr_assert_eq(report_read(&report, &path, 1, &error), 0);
    static const char *const paths[] = {"..", "link", "/tmp", "missing"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct source_trial trial = {.path = paths[i]};
        cr_expect_null(source_trial_json(&report.sources[0], &trial, "experiment.json"), "%s", paths[i]);
    }
    struct source_trial trial = {.path = elsewhere};
    cr_expect_null(source_trial_json(&report.sources[0], &trial, "experiment.json"));
    trial.path = ".";
    json_t *inside = source_trial_json(&report.sources[0], &trial, "experiment.json");
    cr_expect_not_null(inside);
    json_decref(inside);
    report_free(&report);
    fixture_remove(path);
    fixture_remove(elsewhere);
    fixture_free(&fixture);
}

/* Whether a pair of programs without a load, observed at level core, has this metric. */
static bool is_common(const struct metric_info *info)
{
    static const char *const others[] = {"load.", "window.", "work.", "net.", "profile."};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strncmp(info->name, others[i], strlen(others[i])) == 0)
            return false;
    return info->id < METRIC_PROC_COUNT;
}

Test(report_page, of_two_demos_it_stays_small)
{
    static const char *const demos[] = {"slow", "fast"};
    struct bundle_fixture fixture = fixture_make("made-up-1", "slow");
    double values[6];
    for (unsigned id = 0; id < METRIC_ID_COUNT; id++) {
        const struct metric_info *info = metric_info((enum metric_id)id);
        const char *role = info->trials == METRIC_BARE ? "bare" : "observed";
        for (unsigned demo = 0; demo < 2 && is_common(info); demo++) {
            fixture_spread(values, 6, 12345678 * (demo + 1), 0.3, id + demo);
            fixture_values(&fixture, demos[demo], role, info->name, values, 6);
            if (info->distribution)
                fixture_p99(&fixture, demos[demo], role, info->name, values, 6);
        }
    }
    char *page = page_of_fixture(&fixture);
    cr_assert_leq(strlen(page), 235000, "%zu bytes, which leaves no room for heat maps below 250,000",
                  strlen(page));
    free(page);
    fixture_free(&fixture);
}
