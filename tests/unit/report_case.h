/*
 * A page of made-up bundles.
 */
#ifndef TESTS_UNIT_REPORT_CASE_H
#define TESTS_UNIT_REPORT_CASE_H

#include <criterion/criterion.h>
#include <stdlib.h>

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

static inline char *page_of_fixture(const struct bundle_fixture *fixture)
{
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
