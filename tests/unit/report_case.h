/*
 * A page of made-up bundles.
 */
#ifndef TESTS_UNIT_REPORT_CASE_H
#define TESTS_UNIT_REPORT_CASE_H

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "runner/report/page/facts.h"
#include "runner/report/page/page.h"
#include "tests/unit/compare_fixture.h"
#include "tests/unit/markup.h"

/* The page of bundles that lie on disk, which is whole markup; freed by the caller. */
static inline char *page_of(char *const *paths, size_t count)
{
    struct report report;
    struct error error = {0};
    size_t size;
    cr_assert_eq(report_read(&report, paths, count, &error), 0, "%s", error.text);
    char *page = page_text(&report, &size);
    report_free(&report);
    cr_assert_not_null(page);
    cr_assert_null(markup_fault(page), "%s", markup_fault(page));
    return page;
}

/* The median, its interval and the number of a sample's values, as a summary has them. */
static inline void settle_sample(json_t *sample)
{
    double values[64];
    size_t known = 0, count = fact_values(sample, values, 64);
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i]))
            values[known++] = values[i];
    struct interval interval = known ? stats_median_interval(values, known, 0.95) : (struct interval){0};
    json_object_set_new(sample, "trials", json_integer((json_int_t)known));
    json_object_set_new(sample, "median", known ? json_real(stats_median(values, known)) : json_null());
    json_object_set_new(sample, "ci",
                        interval.level > 0
                            ? json_pack("[f, f, f]", interval.low, interval.high, interval.level)
                            : json_null());
    if (json_object_get(sample, "p99"))
        settle_sample(json_object_get(sample, "p99"));
}

static inline void settle(const struct bundle_fixture *fixture)
{
    static const char *const roles[] = {"bare", "observed", "aa"};
    const char *name, *metric;
    json_t *demo, *sample;
    json_object_foreach (json_object_get(fixture->summary, "demos"), name, demo)
        for (size_t i = 0; i < 3; i++)
            json_object_foreach (json_object_get(demo, roles[i]), metric, sample)
                settle_sample(sample);
}

static inline char *page_of_fixture(const struct bundle_fixture *fixture)
{
    settle(fixture);
    char *path = fixture_write(fixture);
    char *page = page_of(&path, 1);
    fixture_remove(path);
    return page;
}

/* Two demos, slow (the baseline) and fast, with `trials` bare ones of each. */
static inline struct bundle_fixture two_demos(size_t trials)
{
    double values[40];
    struct bundle_fixture fixture = fixture_make("made-up-1", "slow");
    fixture_spread(values, trials, 2e9, 0.05, 1);
    fixture_values(&fixture, "slow", "bare", "cpu.time", values, trials);
    fixture_spread(values, trials, 1e9, 0.05, 2);
    fixture_values(&fixture, "fast", "bare", "cpu.time", values, trials);
    return fixture;
}

#endif
