#include "runner/stats/rank.h"
#include "runner/stats/stats.h"

#include <criterion/criterion.h>
#include <math.h>

#define NEAR(got, want, within)                                                                              \
    cr_assert(fabs((got) - (want)) <= (within), "%.15g is not within %g of %.15g", (double)(got),            \
              (double)(within), (double)(want))
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The reference rows are shifts; as exponents they become ratios whose logarithms are those shifts. */
static double shift_of(const double *x, size_t nx, const double *y, size_t ny, double level,
                       struct interval *interval)
{
    double ex[64];
    double ey[64];
    for (size_t i = 0; i < nx; i++)
        ex[i] = exp(x[i]);
    for (size_t i = 0; i < ny; i++)
        ey[i] = exp(y[i]);
    double shift = log(stats_ratio(ex, nx, ey, ny, level, interval));
    interval->low = log(interval->low);
    interval->high = log(interval->high);
    return shift;
}

/* Hollander & Wolfe, table 4.1: permeability constants of human chorioamnion. */
Test(stats, the_ratio_agrees_with_hollander_and_wolfe)
{
    const double x[] = {.80, .83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, .73, 1.46};
    const double y[] = {1.15, .88, .90, .74, 1.21};
    struct interval interval;
    NEAR(shift_of(x, COUNT(x), y, COUNT(y), 0.95, &interval), .305, 1e-9);
    NEAR(interval.low, -.15, 1e-9);
    NEAR(interval.high, .76, 1e-9);
    NEAR(interval.level, 1 - 2 * rank_sum_below(10, 5, 8), 1e-12);
    cr_assert_geq(interval.level, 0.95);
}

Test(stats, the_shift_agrees_with_hollander_and_wolfe)
{
    const double x[] = {.80, .83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, .73, 1.46};
    const double y[] = {1.15, .88, .90, .74, 1.21};
    struct interval interval;
    NEAR(stats_shift(x, COUNT(x), y, COUNT(y), 0.95, &interval), .305, 1e-12);
    NEAR(interval.low, -.15, 1e-12);
    NEAR(interval.high, .76, 1e-12);
    const double infinite[] = {1, INFINITY};
    cr_assert(isnan(stats_shift(infinite, 2, x, 2, 0.95, NULL)));
}

Test(stats, the_ratio_of_two_samples_of_ten_has_the_reference_interval)
{
    const double x[] = {10.2, 10.9, 11.1, 10.4, 10.7, 10.5, 11.3, 10.8, 10.6, 11.0};
    const double y[] = {11.2, 11.9, 10.95, 11.4, 12.1, 11.7, 11.05, 12.0, 11.6, 11.8};
    struct interval interval;
    NEAR(shift_of(x, COUNT(x), y, COUNT(y), 0.95, &interval), -.8, 1e-9);
    NEAR(interval.low, -1.20, 1e-9);
    NEAR(interval.high, -.45, 1e-9);
}

/* p values of compare.md's untied rows, two-sided: 2 P(U <= u). */
Test(stats, the_rank_sum_distribution_is_exact)
{
    NEAR(2 * rank_sum_below(10, 5, 15), .254412254412, 1e-12);    /* W = 35: U = 50 - 35 */
    NEAR(2 * rank_sum_below(5, 4, 3), .111111111111, 1e-11);      /* U = 17: 20 - 17 */
    NEAR(2 * rank_sum_below(10, 10, 6), .000324752646734, 1e-14); /* W = 6 */
    NEAR(2 * rank_sum_below(30, 30, 435), .831500482872, 1e-11);  /* n = 30 */
    NEAR(rank_sum_below(5, 5, 0), 1 / 252.0, 1e-15);              /* 1 / C(10, 5) */
    NEAR(rank_sum_below(7, 9, 63), 1, 0);
}

Test(stats, the_rank_sum_distribution_does_not_depend_on_the_order_of_the_samples)
{
    for (size_t u = 0; u < 40; u++)
        NEAR(rank_sum_below(5, 8, u), rank_sum_below(8, 5, u), 1e-14);
}

Test(stats, the_normal_interval_stands_close_to_the_exact_one)
{
    double exact;
    double normal;
    size_t at_limit = rank_sum_interval(100, 100, 0.95, &exact);
    size_t beyond = rank_sum_interval(100, 101, 0.95, &normal);
    cr_assert(beyond > at_limit && beyond < at_limit + 100, "%zu, %zu", at_limit, beyond);
    NEAR(normal, exact, 1e-3);
}

Test(stats, a_ratio_of_samples_that_are_too_small_has_no_interval)
{
    const double x[] = {2, 4, 8};
    const double y[] = {1, 2, 4};
    struct interval interval;
    NEAR(stats_ratio(x, 3, y, 3, 0.95, &interval), 2, 1e-12);
    cr_assert_eq(interval.level, 0);
    NEAR(interval.low, 0.5, 1e-12);
    NEAR(interval.high, 8, 1e-12);
}

Test(stats, a_ratio_needs_positive_values)
{
    const double x[] = {1, 0};
    const double y[] = {1, 2};
    const double infinite[] = {1, INFINITY};
    struct interval interval;
    cr_assert(isnan(stats_ratio(x, 2, y, 2, 0.95, &interval)));
    cr_assert(isnan(stats_ratio(y, 2, x, 2, 0.95, &interval)));
    cr_assert(isnan(stats_ratio(y, 2, infinite, 2, 0.95, NULL)));
    cr_assert(isnan(stats_ratio(x, 0, y, 2, 0.95, &interval)));
    cr_assert(isnan(interval.low));
}

Test(stats, quantiles_are_of_type_7)
{
    const double values[] = {4, 1, 10, 3, 2};
    NEAR(stats_quantile(values, 5, .25), 2, 1e-12);
    NEAR(stats_quantile(values, 5, .5), 3, 1e-12);
    NEAR(stats_quantile(values, 5, .9), 7.6, 1e-12);
    NEAR(stats_quantile(values, 5, 0), 1, 0);
    NEAR(stats_quantile(values, 5, 1), 10, 0);
    cr_assert(isnan(stats_quantile(values, 0, .5)));
    cr_assert_eq(values[0], 4, "the caller's values keep their order");
}

Test(stats, the_median_absolute_deviation_is_scaled_to_the_normal)
{
    const double values[] = {1, 2, 3, 4, 100};
    NEAR(stats_mad(values, 5), 1.4826, 1e-12);
}

/* Coverages: 1 - 2 P(Bin(n, 1/2) < k). */
Test(stats, the_median_interval_comes_from_order_statistics)
{
    const double values[] = {9, 3, 7, 1, 8, 2, 10, 4, 6, 5};
    struct interval six = stats_median_interval(values, 6, 0.95);
    NEAR(six.low, 1, 0);
    NEAR(six.high, 9, 0);
    NEAR(six.level, 1 - 2.0 / 64, 1e-12);
    struct interval ten = stats_median_interval(values, 10, 0.95);
    NEAR(ten.low, 2, 0);
    NEAR(ten.high, 9, 0);
    NEAR(ten.level, 1 - 2 * 11.0 / 1024, 1e-12);
}

Test(stats, five_values_have_no_median_interval_at_95_percent)
{
    const double values[] = {3, 1, 5, 2, 4};
    struct interval interval = stats_median_interval(values, 5, 0.95);
    cr_assert_eq(interval.level, 0);
    NEAR(interval.low, 1, 0);
    NEAR(interval.high, 5, 0);
    NEAR(stats_median_interval(values, 5, 0.90).level, 1 - 2.0 / 32, 1e-12);
}

Test(stats, thousands_of_values_do_not_underflow)
{
    static double values[5000];
    for (size_t i = 0; i < COUNT(values); i++)
        values[i] = (double)i;
    struct interval interval = stats_median_interval(values, COUNT(values), 0.95);
    cr_assert(interval.level >= 0.95 && interval.level < 0.96, "%g", interval.level);
    cr_assert(interval.low > 2400 && interval.high < 2600);
}
