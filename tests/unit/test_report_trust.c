#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>

#include "runner/metrics/metrics.h"
#include "runner/store/files.h"
#include "runner/support/fd.h"
#include "tests/unit/report_case.h"

/* A trial with a hundred wake latencies of `value` ns: its row in `fixture`, its file in the bundle at
   `path`; each may be NULL. */
static void add_trial(struct bundle_fixture *fixture, const char *path, int number, const char *folder,
                      uint64_t value)
{
    struct metrics metrics = {0};
    struct histogram made = {0};
    struct error error = {0};
    for (int i = 0; i < 100; i++)
        cr_assert_eq(histogram_add(&made, value), 0);
    metrics_set_distribution(&metrics, METRIC_GOROUTINES_WAKE_LATENCY, &made, "none");
    json_t *trial = json_pack("{s:o}", "metrics", metrics_json(&metrics));
    if (path) {
        AUTO_FD dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        cr_assert_eq(fd_make_path(dir, folder), 0);
        AUTO_FD inside = openat(dir, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        cr_assert_eq(file_write_json(inside, "trial.json", trial, &error), 0, "%s", error.text);
    }
    if (fixture) {
        if (!json_object_get(fixture->experiment, "trials"))
            json_object_set_new(fixture->experiment, "trials", json_array());
        json_array_append_new(json_object_get(fixture->experiment, "trials"),
                              json_pack("{s:s, s:s, s:i, s:s, s:s, s:b}", "path", folder, "demo", "slow",
                                        "trial", number, "role", "observed", "verdict", "ok", "expected", 1));
    }
    json_decref(trial);
    metrics_free(&metrics);
}

Test(report_trust, bounds_are_judged_in_each_observed_trial)
{
    static const uint64_t latencies[] = {100000, 700000, 200000};
    struct bundle_fixture fixture = two_demos(6);
    json_object_set_new(fixture.experiment, "health", json_pack("{s:i}", "programs_loaded", 1));
    char folder[64];
    for (int i = 0; i < 3; i++) {
        snprintf(folder, sizeof folder, "demos/slow/trial-%03d-observed", i + 1);
        add_trial(&fixture, NULL, i + 1, folder, latencies[i]);
    }
    settle(&fixture);
    char *path = fixture_write(&fixture);
    for (int i = 0; i < 3; i++) {
        snprintf(folder, sizeof folder, "demos/slow/trial-%03d-observed", i + 1);
        add_trial(NULL, path, i + 1, folder, latencies[i]);
    }
    char *page = page_of(&path, 1);
    const char *bound = strstr(page, "wake latency below 500 us at p99</td>");
    cr_assert_not_null(bound);
    cr_assert(strstr(bound, "broken in 1 of 3 trials") - bound < 60, "%.200s", bound);
    cr_assert(strstr(bound, "<td>700 us <small>most; has to be below 500 us"), "%.200s", bound);
    cr_assert(strstr(
        page, "preemption latency below 10 ms x GOMAXPROCS at p99</td><td class=\"unknown\">not known"));
    free(page);
    fixture_remove(path);
    fixture_free(&fixture);
}

Test(report_trust, the_cost_of_observing_has_its_interval)
{
    struct bundle_fixture fixture = two_demos(6);
    json_object_set_new(fixture.experiment, "health", json_pack("{s:i}", "programs_loaded", 1));
    json_object_set_new(json_object_get(json_object_get(fixture.summary, "demos"), "slow"), "observer",
                        json_pack("{s:{s:f, s:[f, f, f]}, s:{s:n, s:s}}", "cpu_ratio", "ratio", 1.25, "ci",
                                  1.1, 1.4, 0.96, "wall_ratio", "ratio", "reason", "a load fixes it"));
    char *page = page_of_fixture(&fixture);
    cr_assert(strstr(page, "<td><b>1.25 x</b> <small>1.10 .. 1.40</small></td>"));
    cr_assert(strstr(page, "not known: a load fixes it"));
    free(page);
    fixture_free(&fixture);
}

Test(report_trust, a_distribution_is_shown_of_the_middle_trial)
{
    static const double latencies[] = {100000, 700000, 200000};
    struct bundle_fixture fixture = two_demos(6);
    fixture_values(&fixture, "slow", "observed", "goroutines.wake_latency", latencies,
                   3); /* trials 1, 3, 5 */
    char folder[64];
    for (int i = 0; i < 3; i++) {
        snprintf(folder, sizeof folder, "demos/slow/trial-%03d-observed", 2 * i + 1);
        add_trial(&fixture, NULL, 2 * i + 1, folder, (uint64_t)latencies[i]);
    }
    settle(&fixture);
    char *path = fixture_write(&fixture);
    for (int i = 0; i < 3; i++) {
        snprintf(folder, sizeof folder, "demos/slow/trial-%03d-observed", 2 * i + 1);
        add_trial(NULL, path, 2 * i + 1, folder, (uint64_t)latencies[i]);
    }
    char *page = page_of(&path, 1);
    const char *figure = strstr(page, "id=\"histogram-goroutines.wake_latency\"");
    cr_assert_not_null(figure);
    cr_expect(strstr(figure, ">slow, trial 5</text>"), "%.900s", figure);
    /* one bin, a quarter of an octave around 200 us, holds all */
    cr_expect(strstr(figure, "d=\"M8.0 110H8.0V8.0H452.0V110.0"), "%.900s", figure);
    cr_expect(strstr(figure, ">185 us</text>"), "%.900s", figure);
    free(page);
    fixture_remove(path);
    fixture_free(&fixture);
}
