#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "runner/report/page/demo_radar.h"
#include "runner/report/page/dimensions.h"
#include "runner/report/page/health_radar.h"
#include "runner/report/page/radars.h"
#include "runner/report/page/svg.h"
#include "tests/unit/report_case.h"

static const struct dimension falling = {"falling", "ratio", 0.2, 0, SCALE_LINEAR, "less is better", NULL};
static const struct dimension lasting = {"lasting", "ns", 1e9, 1e3, SCALE_LOG, "shorter is better", NULL};

Test(report_radar, a_value_is_mapped_between_declared_bounds_and_clamped)
{
    cr_expect_float_eq(dimension_score(&falling, 0), 100, 1e-9);
    cr_expect_float_eq(dimension_score(&falling, 0.05), 75, 1e-9);
    cr_expect_float_eq(dimension_score(&falling, 7), 0, 1e-9);
    cr_expect_float_eq(dimension_score(&lasting, 1e6), 50, 1e-9, "half of the way in orders of magnitude");
    cr_expect_float_eq(dimension_score(&lasting, 0), 100, 1e-9, "nothing is no more than the least bound");
    cr_expect(isnan(dimension_score(&lasting, NAN)), "not measured is neither 0 nor 100");
}

Test(report_radar, what_was_not_measured_takes_no_part)
{
    struct radar radar = {
        .axes = {{"one", 18, "", {{&falling, 0, NULL}, {&lasting, NAN, "not asked for"}}, 2},
                 {"two", 12, "", {{&falling, 0.1, NULL}}, 1},
                 {"three", 70, "", {{&falling, NAN, "not asked for"}}, 1}},
        .count = 3};
    cr_expect_float_eq(axis_score(&radar.axes[0]), 100, 1e-9);
    cr_expect(isnan(axis_score(&radar.axes[2])));
    cr_expect_float_eq(radar_score(&radar), (18 * 100 + 12 * 50) / 30.0, 1e-9, "the weights are rescaled");
}

/* A bundle whose observation had some faults. */
static struct bundle_fixture watched(void)
{
    double values[] = {1e6, 2e6, 3e6, 4e6, 5e6, 6e6};
    struct bundle_fixture fixture = two_demos(6);
    fixture_values(&fixture, "slow", "observed", "goroutines.wake_latency", values, 6);
    fixture_set(fixture.experiment, "health",
                json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "timed_ns", 7071068,
                          "timed_hits", 10000, "programs_loaded", 9, "programs_failed", 1, "programs_jited",
                          9, "verifier_ns", 50000000, "sites_wanted", 4, "sites_attached", 3, "events", 995,
                          "lost_events", 5, "samples", 0, "lost_samples", 0));
    return fixture;
}

Test(report_radar, health_comes_from_the_bundle)
{
    static const struct {
        const char *name;
        double score, value;
    } expected[] = {
        {"kprobe_latency", 50, 707.1068},    {"uprobe_coverage", 50, 0.75},  {"program_load_fail", 50, 0.1},
        {"bpf_verifier_time", 100, 5e7},     {"xdp_redirect_err", NAN, NAN}, {"ringbuf_full_rate", NAN, NAN},
        {"tracepoint_drop_rate", 50, .005},  {"perf_buffer_loss", NAN, NAN}, {"map_lookup_miss", NAN, NAN},
        {"stack_trace_depth_avg", NAN, NAN}, {"jit_enabled", 100, 1},        {"tc_attach_success", NAN, NAN}};
    struct bundle_fixture fixture = watched();
    struct source source = {.dir = -1, .experiment = fixture.experiment, .summary = fixture.summary};
    struct radar radar;
    settle(&fixture);
    cr_assert(health_radar(&source, &radar));
    for (size_t i = 0; i < 12; i++) {
        const struct measure *measure = &radar.axes[i / 2].measures[i % 2];
        double score = dimension_score(measure->dimension, measure->value);
        cr_expect_str_eq(measure->dimension->name, expected[i].name);
        cr_expect_eq(isnan(score), isnan(expected[i].score), "%s", expected[i].name);
        if (isnan(score))
            continue;
        cr_expect_float_eq(score, expected[i].score, 0.01, "%s", expected[i].name);
        cr_expect_float_eq(measure->value, expected[i].value, 1e-9);
    }
    /* insight 50, robustness 75, completeness 50, readiness 100; sensitivity and fidelity are missing */
    cr_expect_float_eq(radar_score(&radar), (18 * 50 + 15 * 75 + 20 * 50 + 15 * 100) / 68.0, 0.01);
    char *page = page_of_fixture(&fixture);
    cr_expect(strstr(page, "sensitivity (not measured)"));
    free(page);
    fixture_free(&fixture);
}

static double score_of(const struct radar *radar, const char *axis)
{
    for (size_t i = 0; i < radar->count; i++)
        if (strcmp(radar->axes[i].name, axis) == 0)
            return axis_score(&radar->axes[i]);
    return NAN;
}

Test(report_radar, a_demo_is_judged_by_what_it_did)
{
    double created[] = {1000, 1000, 1000}, leaked[] = {50, 50, 50}, wakes[] = {1e6, 1e6, 1e6},
           tails[] = {1e6, 1e6, 1e6};
    struct bundle_fixture fixture = two_demos(6);
    fixture_values(&fixture, "slow", "observed", "goroutines.created", created, 3);
    fixture_values(&fixture, "slow", "observed", "goroutines.leaked", leaked, 3);
    fixture_values(&fixture, "slow", "observed", "goroutines.wake_latency", wakes, 3);
    fixture_p99(&fixture, "slow", "observed", "goroutines.wake_latency", tails, 3);
    settle(&fixture);
    json_t *demo = json_object_get(json_object_get(fixture.summary, "demos"), "slow");
    json_object_set_new(demo, "unexpected", json_integer(3));
    json_object_set_new(demo, "findings", json_pack("[{s:s}]", "severity", "serious"));
    struct source source = {.dir = -1, .experiment = fixture.experiment, .summary = fixture.summary};
    struct radar radar;
    demo_radar(&source, "slow", demo, &radar);
    cr_expect_float_eq(score_of(&radar, "blocking"), 50, 0.01, "5%% never woke, of a worst of 10%%");
    cr_expect_float_eq(score_of(&radar, "responsiveness"), 50, 0.01,
                       "1 ms lies half way from 10 us to 100 ms");
    cr_expect_float_eq(score_of(&radar, "correctness"), 50 * (1 - 3 / 9.0), 0.01,
                       "3 of 9 trials, a serious finding");
    cr_expect(isnan(score_of(&radar, "memory")), "nothing is known of it");
    fixture_free(&fixture);
}

Test(report_radar, all_fills_come_before_the_points_and_let_the_pointer_through)
{
    struct bundle_fixture fixture = watched();
    char *page = page_of_fixture(&fixture);
    const char *figure = strstr(page, "id=\"radar-demos\"");
    const char *mark = strstr(figure, "class=\"mark"), *last_fill = NULL;
    for (const char *at = figure; (at = strstr(at, "class=\"fill")) && at < strstr(figure, "</svg>"); at++)
        last_fill = at;
    cr_assert(mark && last_fill && last_fill < mark);
    cr_assert_eq(strncmp(strchr(last_fill, ' ') + 5, "pointer-events=\"none\"", 21), 0, "%.80s", last_fill);
    cr_assert(strstr(mark, "tabindex=\"0\""));
    free(page);
    fixture_free(&fixture);
}

Test(report_radar, a_bundle_without_observation_has_no_health)
{
    struct bundle_fixture fixture = two_demos(6);
    char *page = page_of_fixture(&fixture);
    cr_assert(strstr(page, "Not shown: nothing was observed."));
    free(page);
    fixture_free(&fixture);
}

Test(report_radar, a_figure_can_be_a_file_of_its_own)
{
    struct bundle_fixture fixture = watched();
    char *path = fixture_write(&fixture), *figure = NULL, *file = NULL;
    size_t size;
    struct report report;
    struct error error = {0};
    cr_assert_eq(report_read(&report, &path, 1, &error), 0);
    FILE *out = open_memstream(&figure, &size);
    cr_assert(demo_radar_figure(out, &report));
    fclose(out);
    out = open_memstream(&file, &size);
    svg_file(out, figure);
    fclose(out);
    cr_assert_eq(strncmp(file, "<?xml", 5), 0);
    cr_assert(strstr(file, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"figure\""));
    cr_assert(strstr(file, "<style>svg.figure"));
    cr_assert_null(strstr(file, "&nbsp;"), "XML knows no such name");
    free(figure);
    free(file);
    report_free(&report);
    fixture_remove(path);
    fixture_free(&fixture);
}
