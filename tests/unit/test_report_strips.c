#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "runner/report/page/strips.h"
#include "tests/unit/report_case.h"

static char drawn[20000];

static const char *draw(const double *values, size_t count, struct interval interval)
{
    static const double trials[] = {2, 4, 7, NAN};
    const struct strip_line line = {.name = "demo",
                                    .values = values,
                                    .trials = trials,
                                    .count = count,
                                    .median = stats_median(values, count),
                                    .interval = interval};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    strip_svg(out, "strip", "a metric", "ns", &line, 1);
    fclose(out);
    snprintf(drawn, sizeof drawn, "%s", text);
    free(text);
    cr_assert_null(markup_fault(drawn), "%s", markup_fault(drawn));
    return drawn;
}

Test(report_strips, every_trial_is_a_mark_that_tells_its_number_and_value)
{
    const double values[] = {1e6, 3e6, 4e6, 2e6};
    const char *svg = draw(values, 4, (struct interval){1e6, 4e6, 0.95});
    cr_expect_eq(markup_count(svg, "<circle"), 4);
    cr_expect(strstr(svg, "<title>7: 4.00 ms</title>"), "%s", svg);
    cr_expect(strstr(svg, "<title>2.00 ms</title>"), "a number that is not told is left out");
    cr_expect(strstr(svg, "class=\"median\""));
    cr_expect(strstr(svg, "class=\"band s0\""));
    cr_expect_null(strstr(svg, "orders of magnitude"));
    cr_expect(strstr(svg, ">0 ns</text>"), "lengths start at zero");
}

Test(report_strips, values_far_apart_get_orders_of_magnitude_and_say_so)
{
    const double values[] = {1e3, 1e6, 1e9};
    const char *svg = draw(values, 3, (struct interval){NAN, NAN, 0});
    cr_expect(strstr(svg, "orders of magnitude"));
    cr_expect(strstr(svg, "cx=\"180\""), "the middle one stands in the middle: %s", svg);
    cr_expect_null(strstr(svg, "class=\"band"), "no interval, no band");
}

Test(report_strips, metrics_that_never_differ_stand_in_a_table)
{
    struct bundle_fixture fixture = two_demos(6);
    double zeros[6] = {0};
    fixture_values(&fixture, "slow", "bare", "cpu.throttled", zeros, 6);
    fixture_values(&fixture, "fast", "bare", "cpu.throttled", zeros, 6);
    char *page = page_of_fixture(&fixture);
    const char *table = strstr(page, "Alike in every trial</caption>");
    cr_assert(strstr(table, "<th scope=\"row\"><code>cpu.throttled</code></th><td>0 ns</td>"));
    cr_assert_null(strstr(page, "id=\"spread-cpu.throttled\""));
    cr_assert(strstr(page, "id=\"spread-cpu.time\""));
    free(page);
    fixture_free(&fixture);
}

Test(report_strips, a_metric_that_is_not_known_says_why)
{
    struct bundle_fixture fixture = two_demos(6);
    double unknown[] = {NAN, NAN};
    fixture_values(&fixture, "slow", "observed", "preempt.latency", unknown, 2);
    json_t *observed =
        json_object_get(json_object_get(json_object_get(fixture.summary, "demos"), "slow"), "observed");
    json_object_set_new(json_object_get(observed, "preempt.latency"), "reason",
                        json_string("recorded with `go: full` only"));
    char *page = page_of_fixture(&fixture);
    cr_assert(strstr(page, "<code>preempt.latency</code></th><td>recorded with `go: full` only</td>"));
    free(page);
    fixture_free(&fixture);
}
