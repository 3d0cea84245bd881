#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/stats/inference.h"
#include "runner/stats/rank.h"
#include "runner/stats/select.h"
#include "runner/stats/two_samples.h"
#include "tests/unit/two_samples_cases.h"

#define NEAR(got, want, within)                                                                              \
    cr_assert(fabs((got) - (want)) <= (within), "%.15g is not within %g of %.15g", (double)(got),            \
              (double)(within), (double)(want))
#define COUNT(array) (sizeof(array) / sizeof *(array))

Test(two_samples, agrees_with_brute_force_on_random_samples)
{
    struct rank_tables *tables = rank_tables_create();
    for (int again = 0; again < 2; again++) /* worked out, then kept */
        for (size_t i = 0; i < COUNT(two_samples_cases); i++) {
            const struct two_samples_case *c = &two_samples_cases[i];
            struct two_samples got;
            cr_assert_eq(two_samples_compare(tables, c->x, c->nx, c->y, c->ny, 0.95, &got), 0);
            NEAR(got.p, c->p, 1e-12);
            NEAR(got.delta, c->delta, 1e-12);
            cr_assert_eq(got.kind, c->kind, "case %zu", i);
            NEAR(got.effect, c->effect, 1e-9);
            NEAR(got.interval.level, c->level, 1e-12);
            NEAR(got.interval.low, c->low, 1e-9);
            NEAR(got.interval.high, c->high, 1e-9);
        }
    rank_tables_free(tables);
}

Test(two_samples, agrees_with_the_functions_that_keep_nothing)
{
    const double x[] = {10.2, 10.9, 11.1, 10.4, 10.7, 10.5, 11.3, 10.8, 10.6, 11.0};
    const double y[] = {11.2, 11.9, 10.95, 11.4, 12.1, 11.7, 11.05, 12.0, 11.6, 11.8};
    struct rank_tables *tables = rank_tables_create();
    struct two_samples got;
    struct interval interval;
    for (double level = 0.5; level < 0.999; level += 0.05) { /* more levels than are kept */
        cr_assert_eq(two_samples_compare(tables, x, COUNT(x), y, COUNT(y), level, &got), 0);
        NEAR(got.p, .000324752646734, 1e-14);
        NEAR(got.effect, stats_ratio(x, COUNT(x), y, COUNT(y), level, &interval), 1e-12);
        NEAR(got.interval.low, interval.low, 1e-12);
        NEAR(got.interval.high, interval.high, 1e-12);
        NEAR(got.interval.level, interval.level, 1e-12);
    }
    NEAR(two_samples_detectable(tables, 10, 10, .05), stats_detectable_effect(10, 10, .05), 0);
    NEAR(two_samples_detectable(tables, 10, 10, .05), stats_detectable_effect(10, 10, .05), 0);
    rank_tables_free(tables);
}

Test(two_samples, knows_what_is_no_test)
{
    const double five[] = {5, 5, 5, 5}, six[] = {6, 6, 6, 6}, zero[] = {0, 0, 0}, bad[] = {1, NAN, 2};
    struct rank_tables *tables = rank_tables_create();
    struct two_samples got;
    cr_assert_eq(two_samples_compare(tables, five, 4, five, 3, 0.95, &got), 0);
    cr_assert(got.constant);
    NEAR(got.p, 1, 0);
    NEAR(got.effect, 1, 0);
    cr_assert_eq(two_samples_compare(tables, five, 4, six, 4, 0.95, &got), 0);
    cr_assert_not(got.constant);
    NEAR(got.p, 2.0 / 70, 1e-15);
    NEAR(got.delta, -1, 0);
    cr_assert_eq(two_samples_compare(tables, zero, 3, zero, 3, 0.95, &got), 0);
    cr_assert_eq(got.kind, EFFECT_DIFFERENCE);
    NEAR(got.effect, 0, 0);
    cr_assert_eq(two_samples_compare(tables, five, 4, NULL, 0, 0.95, &got), 0);
    cr_assert_eq(got.kind, EFFECT_NONE);
    cr_assert(isnan(got.p));
    cr_assert_eq(two_samples_compare(tables, five, 1, six, 1, 0.95, &got), 0);
    NEAR(got.p, 1, 0);
    NEAR(got.effect, 5.0 / 6, 1e-15);
    cr_assert_eq(got.interval.level, 0);
    cr_assert(isnan(got.spread));
    cr_assert_lt(two_samples_compare(tables, bad, 3, six, 3, 0.95, &got), 0);
    rank_tables_free(tables);
}

Test(two_samples, spread_is_that_of_the_scale_of_the_effect)
{
    const double x[] = {exp(1), exp(2), exp(3)}, y[] = {exp(1), exp(1), exp(1)}, z[] = {-1, 0, 1};
    struct rank_tables *tables = rank_tables_create();
    struct two_samples got;
    cr_assert_eq(two_samples_compare(tables, x, 3, y, 3, 0.9, &got), 0);
    NEAR(got.spread, sqrt(2.0 / 4), 1e-12);
    cr_assert_eq(two_samples_compare(tables, z, 3, z, 3, 0.9, &got), 0);
    NEAR(got.spread, 1, 1e-12);
    rank_tables_free(tables);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

Test(two_samples, a_ratio_that_is_no_number_is_a_difference)
{
    const double tiny[] = {1e-300, 2e-300, 3e-300, 4e-300, 5e-300, 6e-300};
    const double huge[] = {1e300, 2e300, 3e300, 4e300, 5e300, 6e300};
    const double small[] = {1, 2, 3, 4, 5, 6};
    struct rank_tables *tables = rank_tables_create();
    struct two_samples got;
    for (int turned = 0; turned < 2; turned++) {
        cr_assert_eq(
            two_samples_compare(tables, turned ? tiny : huge, 6, turned ? huge : tiny, 6, 0.95, &got), 0);
        cr_expect_eq(got.kind, EFFECT_DIFFERENCE);
        cr_expect(isfinite(got.effect) && isfinite(got.interval.low) && isfinite(got.interval.high));
        cr_expect_eq(got.delta, turned ? -1 : 1);
    }
    cr_assert_eq(two_samples_compare(tables, huge, 6, small, 6, 0.95, &got), 0);
    cr_expect_eq(got.kind, EFFECT_RATIO);
    rank_tables_free(tables);
}

Test(select, finds_what_sorting_finds)
{
    srand48(7);
    for (size_t n = 1; n <= 130; n += 1 + n / 9) {
        double values[130], sorted[130], work[130];
        for (size_t i = 0; i < n; i++)
            sorted[i] = values[i] = n % 2 ? drand48() : (double)(lrand48() % 7);
        qsort(sorted, n, sizeof *sorted, by_value);
        for (size_t k = 0; k < n; k++) {
            memcpy(work, values, sizeof work);
            cr_assert_eq(select_nth(work, n, k), sorted[k]);
            for (size_t i = 0; i < n; i++)
                cr_assert(i < k ? work[i] <= work[k] : work[i] >= work[k]);
            /* What is sorted, or partly so, is the usual input. */
            memcpy(work, sorted, sizeof work);
            cr_assert_eq(select_nth(work, n, k), sorted[k]);
        }
        memcpy(work, values, sizeof work);
        NEAR(select_median(work, n), stats_median(values, n), 1e-15);
        memcpy(work, values, sizeof work);
        select_sort(work, n);
        cr_assert_arr_eq(work, sorted, n * sizeof *work);
    }
}

Test(rank, the_table_is_the_distribution)
{
    double *table = rank_sum_table(6, 9);
    for (size_t u = 0; u <= 27; u++)
        NEAR(table[u], rank_sum_below(6, 9, u), 1e-15);
    free(table);
    cr_assert_null(rank_sum_table(1000, 1000));
}

Test(holm, weights_share_the_level_out)
{
    double even[] = {.01, .04, .03, .005}, same[] = {.01, .04, .03, .005};
    const double twos[] = {2, 2, 2, 2};
    stats_holm(even, 4);
    stats_holm_weighted(same, twos, 4);
    for (size_t i = 0; i < 4; i++)
        NEAR(even[i], same[i], 1e-15);
    /* One of weight 8 among eight of weight 1: corrected by 16/8, the others by 16 at first. */
    double p[] = {.02, .001, NAN, .5};
    const double weights[] = {8, 1, 100, 7};
    stats_holm_weighted(p, weights, 4);
    NEAR(p[1], .016, 1e-15);         /* .001 / 1 is the smallest: 16 / 1 */
    NEAR(p[0], .02 * 15 / 8, 1e-15); /* then .02 / 8 = .0025 */
    cr_assert(isnan(p[2]));
    NEAR(p[3], .5, 1e-15);
}

Test(outliers, all_at_once_are_those_one_by_one)
{
    const double values[] = {1, 1.1, .9, 1.05, 7, .95, 1.02}, alike[] = {3, 3, 3, 3, 3.1},
                 few[] = {1, 2, 900};
    bool flags[7];
    cr_assert_eq(stats_outliers(values, 7, flags), 1);
    for (size_t i = 0; i < 7; i++)
        cr_assert_eq(flags[i], stats_is_outlier(values, 7, i));
    cr_assert(flags[4]);
    cr_assert_eq(stats_outliers(alike, 5, flags), 1);
    cr_assert_eq(stats_outliers(few, 3, flags), 0);
    cr_assert_eq(stats_outliers(NULL, 0, flags), 0);
}
