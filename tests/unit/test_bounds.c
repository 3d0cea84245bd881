#include "runner/metrics/bounds.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void values(struct metrics *metrics, enum metric_id id, uint64_t value, unsigned count)
{
    struct histogram histogram = metrics->values[id].histogram;
    metrics->values[id].histogram = (struct histogram){0};
    for (unsigned i = 0; i < count; i++)
        cr_assert_eq(histogram_add(&histogram, value), 0);
    metrics_set_distribution(metrics, id, &histogram, "nothing");
}

/* How many are broken, and which. */
static size_t bounds_broken(const struct metrics *metrics, struct breach breaches[BOUNDS_MOST])
{
    size_t count = 0;
    for (size_t i = 0; bounds_at(i); i++) {
        struct breach found;
        if (bound_judge(bounds_at(i), metrics, &found) == BOUND_BROKEN)
            breaches[count++] = found;
    }
    return count;
}

Test(bounds, what_is_not_known_breaks_none)
{
    struct metrics metrics = {0};
    struct breach breaches[BOUNDS_MOST];
    cr_assert_eq(bounds_broken(&metrics, breaches), 0);
    for (unsigned id = 0; id < METRIC_ID_COUNT; id++)
        metrics_unknown(&metrics, (enum metric_id)id, "the probes were off");
    cr_assert_eq(bounds_broken(&metrics, breaches), 0);
}

Test(bounds, a_quantile_is_held_against_its_limit)
{
    struct metrics metrics = {0};
    struct breach breaches[BOUNDS_MOST];
    values(&metrics, METRIC_GOROUTINES_WAKE_LATENCY, 100000, 990);
    values(&metrics, METRIC_GOROUTINES_WAKE_LATENCY, 900000, 9);
    cr_assert_eq(bounds_broken(&metrics, breaches), 0, "p99 is below it");
    values(&metrics, METRIC_GOROUTINES_WAKE_LATENCY, 900000, 2);
    metrics.values[METRIC_GOROUTINES_WAKE_LATENCY].lossy = true;
    cr_assert_eq(bounds_broken(&metrics, breaches), 1);
    cr_assert_eq(breaches[0].bound->metric, METRIC_GOROUTINES_WAKE_LATENCY);
    cr_assert_eq(breaches[0].limit, 500000);
    cr_assert_geq(breaches[0].value, 900000 * 0.99);
    cr_assert(breaches[0].lossy);
    metrics_free(&metrics);
}

Test(bounds, a_limit_may_grow_with_the_ps)
{
    struct metrics metrics = {0};
    struct breach breaches[BOUNDS_MOST];
    values(&metrics, METRIC_PREEMPT_LATENCY, 15000000, 10);
    cr_assert_eq(bounds_broken(&metrics, breaches), 0, "their number is not known");
    metrics_set(&metrics, METRIC_PROC_COUNT, 2);
    cr_assert_eq(bounds_broken(&metrics, breaches), 0);
    metrics_set(&metrics, METRIC_PROC_COUNT, 1);
    cr_assert_eq(bounds_broken(&metrics, breaches), 1);
    cr_assert_eq(breaches[0].limit, 10e6);
    metrics_free(&metrics);
}

Test(bounds, some_are_to_be_exceeded)
{
    struct metrics metrics = {0};
    struct breach breaches[BOUNDS_MOST];
    values(&metrics, METRIC_PROC_BIND_TIME, 2000000, 10);
    cr_assert_eq(bounds_broken(&metrics, breaches), 0);
    values(&metrics, METRIC_PROC_BIND_TIME, 20000, 11);
    cr_assert_eq(bounds_broken(&metrics, breaches), 1);
    cr_assert(breaches[0].bound->above);
    metrics_free(&metrics);
}

Test(bounds, the_collectors_share_decides_how_far_sysmon_may_drift)
{
    struct metrics metrics = {0};
    struct breach breaches[BOUNDS_MOST];
    static const struct {
        double gc, drift;
        size_t broken;
    } cases[] = {{0, 0.04, 0}, {0, 0.06, 1}, {0.09, 0.06, 1}, {0.3, 0.06, 0}, {0.3, 0.16, 1}, {1, 0.16, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        metrics_set(&metrics, METRIC_SYSMON_SLEEP, 10e6);
        metrics_set(&metrics, METRIC_GC_CPU_RATIO, cases[i].gc);
        metrics_set(&metrics, METRIC_SYSMON_DRIFT, cases[i].drift);
        cr_expect_eq(bounds_broken(&metrics, breaches), cases[i].broken, "case %zu", i);
        metrics_set(&metrics, METRIC_SYSMON_SLEEP, 20e3);
        cr_expect_eq(bounds_broken(&metrics, breaches), 0, "its sleeps are too short to judge");
    }
}

Test(bounds, each_is_printed_with_its_metric)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    bounds_print_reference(out);
    fclose(out);
    size_t count = 0;
    for (; bounds_at(count); count++)
        cr_assert_not_null(strstr(text, bounds_at(count)->text));
    cr_assert_geq(count, 5);
    cr_assert_not_null(strstr(text, "preempt.latency"));
    free(text);
}
