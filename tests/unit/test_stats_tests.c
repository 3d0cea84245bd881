#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "runner/stats/inference.h"
#include "runner/stats/rank_test.h"

#define NEAR(got, want, within)                                                                              \
    cr_assert(fabs((got) - (want)) <= (within), "%.15g is not within %g of %.15g", (double)(got),            \
              (double)(within), (double)(want))
#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct rank_test mann_whitney(const double *x, size_t nx, const double *y, size_t ny)
{
    struct rank_test test;
    cr_assert_eq(stats_mann_whitney(x, nx, y, ny, &test), 0);
    cr_assert(test.exact);
    return test;
}

/* Hollander & Wolfe, table 4.1. */
Test(rank_test, agrees_with_hollander_and_wolfe)
{
    const double x[] = {.80, .83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, .73, 1.46};
    const double y[] = {1.15, .88, .90, .74, 1.21};
    struct rank_test test = mann_whitney(x, COUNT(x), y, COUNT(y));
    NEAR(test.u, 35, 0);
    NEAR(test.p, .254412254412, 1e-12);
    NEAR(test.delta, .4, 1e-15);
    test = mann_whitney(y, COUNT(y), x, COUNT(x));
    NEAR(test.u, 15, 0);
    NEAR(test.p, .254412254412, 1e-12);
    NEAR(test.delta, -.4, 1e-15);
}

Test(rank_test, agrees_with_scipy_on_small_samples)
{
    const double males[] = {19, 22, 16, 29, 24};
    const double females[] = {20, 11, 17, 12};
    struct rank_test test = mann_whitney(males, COUNT(males), females, COUNT(females));
    NEAR(test.u, 17, 0);
    NEAR(test.p, 1.0 / 9, 1e-12);
}

Test(rank_test, two_samples_of_ten_without_ties)
{
    const double x[] = {10.2, 10.9, 11.1, 10.4, 10.7, 10.5, 11.3, 10.8, 10.6, 11.0};
    const double y[] = {11.2, 11.9, 10.95, 11.4, 12.1, 11.7, 11.05, 12.0, 11.6, 11.8};
    struct rank_test test = mann_whitney(x, COUNT(x), y, COUNT(y));
    NEAR(test.u, 6, 0);
    NEAR(test.p, .000324752646734, 1e-14);
    NEAR(test.delta, -.88, 1e-15);
}

Test(rank_test, ties_are_counted_exactly)
{
    const double x[] = {1, 2, 2, 3, 4, 4, 5};
    const double y[] = {2, 3, 4, 5, 5, 6, 7, 7};
    struct rank_test test = mann_whitney(x, COUNT(x), y, COUNT(y));
    NEAR(test.u, 11.5, 0);
    NEAR(test.p, 376.0 / 6435, 1e-14);
    NEAR(test.delta, -.589285714, 1e-9);
}

Test(rank_test, thirty_against_thirty)
{
    double x[30], y[30];
    for (int i = 0; i < 30; i++) {
        x[i] = i;
        y[i] = i + .5;
    }
    struct rank_test test = mann_whitney(x, 30, y, 30);
    NEAR(test.u, 435, 0);
    NEAR(test.p, .831500482872, 1e-12);
}

/* Every arrangement, counted one by one: the definition itself. */
static double brute_force(const double *pooled, size_t n, size_t nx, double u)
{
    double far = 0, all = 0, middle = (double)(nx * (n - nx)) / 2;
    for (unsigned set = 0; set < 1u << n; set++) {
        if ((size_t)__builtin_popcount(set) != nx)
            continue;
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                if ((set >> i & 1) && !(set >> j & 1))
                    sum += pooled[i] > pooled[j] ? 1 : pooled[i] == pooled[j] ? .5 : 0;
        all++;
        far += fabs(sum - middle) >= fabs(u - middle) - 1e-9;
    }
    return far / all;
}

Test(rank_test, agrees_with_the_definition_on_random_samples)
{
    srand(7);
    for (int round = 0; round < 200; round++) {
        double pooled[12];
        size_t nx = 1 + (size_t)rand() % 6, ny = 1 + (size_t)rand() % 6;
        for (size_t i = 0; i < nx + ny; i++)
            pooled[i] = rand() % (round % 2 ? 5 : 1000);
        struct rank_test test = mann_whitney(pooled, nx, pooled + nx, ny);
        NEAR(test.p, brute_force(pooled, nx + ny, nx, test.u), 1e-12);
    }
}

Test(rank_test, samples_that_are_none_are_refused)
{
    const double x[] = {1, 2, NAN};
    struct rank_test test;
    cr_assert_eq(stats_mann_whitney(x, 0, x, 2, &test), -EINVAL);
    cr_assert_eq(stats_mann_whitney(x, 3, x, 2, &test), -EINVAL);
    const double alike[] = {5, 5, 5};
    cr_assert_eq(stats_mann_whitney(alike, 3, alike, 3, &test), 0);
    NEAR(test.p, 1, 1e-15);
    NEAR(test.delta, 0, 0);
}

Test(rank_test, large_samples_are_approximated_and_say_so)
{
    static double x[500], y[500];
    srand(3);
    for (int i = 0; i < 500; i++) {
        x[i] = rand() % 1000;
        y[i] = rand() % 1000 + 100;
    }
    struct rank_test test;
    cr_assert_eq(stats_mann_whitney(x, 500, y, 500, &test), 0);
    cr_assert_not(test.exact);
    cr_assert(test.p > 0 && test.p < 1e-3, "%g", test.p);
    cr_assert_eq(stats_mann_whitney(x, 500, x, 500, &test), 0);
    NEAR(test.p, 1, 1e-9);
}

/* R's airquality: Ozone by Month, without the missing ones. */
Test(rank_test, kruskal_and_wallis_on_airquality)
{
    static const double ozone[] = {
        41,  36, 12, 18, 28, 23, 19,  8,  7,  16,  11, 14,  18,  14, 34, 6,  30, 11, 1,  11,  4,  32,  23, 45,
        115, 37, 29, 71, 39, 23, 21,  37, 20, 12,  13, 135, 49,  32, 64, 40, 77, 97, 97, 85,  10, 27,  7,  48,
        35,  61, 79, 63, 16, 80, 108, 20, 52, 82,  50, 64,  59,  39, 9,  16, 78, 35, 66, 122, 89, 110, 44, 28,
        65,  22, 59, 23, 31, 44, 21,  9,  45, 168, 73, 76,  118, 84, 85, 96, 78, 73, 91, 47,  32, 20,  23, 21,
        24,  44, 21, 28, 9,  13, 46,  18, 13, 24,  16, 13,  23,  36, 7,  14, 30, 14, 18, 20};
    static const size_t months[] = {26, 9, 26, 26, 29};
    double h, p;
    cr_assert_eq(COUNT(ozone), 116);
    cr_assert_eq(stats_kruskal_wallis(ozone, months, 5, &h, &p), 0);
    NEAR(h, 29.2665763061, 1e-9);
    NEAR(p, 6.900714119e-06, 1e-14);
    const double alike[] = {1, 1, 1};
    cr_assert_eq(stats_kruskal_wallis(alike, (const size_t[]){1, 2}, 2, &h, &p), -EINVAL);
    cr_assert_eq(stats_kruskal_wallis(ozone, months, 1, &h, &p), -EINVAL);
}

Test(rank_test, drift_is_the_correlation_with_the_order)
{
    NEAR(stats_drift((const double[]){1, 2, 3, 5, 8}, 5), 1, 1e-15);
    NEAR(stats_drift((const double[]){8, 5, 3, 2, 1}, 5), -1, 1e-15);
    NEAR(stats_drift((const double[]){1, 3, 2, 4}, 4), .8, 1e-15);
    cr_assert(isnan(stats_drift((const double[]){1, 1, 1}, 3)));
    cr_assert(isnan(stats_drift((const double[]){1, 2}, 2)));
}

Test(inference, holm_keeps_the_order_of_its_arguments)
{
    double p[] = {.01, .04, .03, .005};
    stats_holm(p, 4);
    NEAR(p[0], .03, 1e-15);
    NEAR(p[1], .06, 1e-15);
    NEAR(p[2], .06, 1e-15);
    NEAR(p[3], .02, 1e-15);
    double some[] = {.6, NAN, .5, .5};
    stats_holm(some, 4);
    NEAR(some[0], 1, 0);
    cr_assert(isnan(some[1]));
    stats_holm(NULL, 0);
}

Test(inference, few_trials_can_show_little)
{
    NEAR(stats_smallest_p(5, 5), 2.0 / 252, 1e-15);
    cr_assert_gt(stats_smallest_p(5, 5) * 12, .05);
    cr_assert_lt(stats_smallest_p(6, 6) * 12, .05);
    NEAR(stats_smallest_p(0, 3), 1, 0);
    cr_assert(isinf(stats_detectable_effect(5, 5, .05 / 12)));
    cr_assert(isinf(stats_detectable_effect(0, 5, .05)));
}

/* Reference values of a simulation by another program. */
Test(inference, the_effect_that_can_be_found)
{
    static const struct {
        size_t n;
        double tests, effect;
    } known[] = {{5, 1, 2.3},  {8, 1, 1.55},  {10, 1, 1.43},  {15, 1, 1.11}, {20, 1, .93},
                 {30, 1, .75}, {8, 12, 2.36}, {10, 12, 1.95}, {20, 12, 1.28}};
    for (size_t i = 0; i < COUNT(known); i++) {
        double effect = stats_detectable_effect(known[i].n, known[i].n, .05 / known[i].tests);
        cr_expect(fabs(effect / known[i].effect - 1) < .06, "n = %zu, %g tests: %g, not %g", known[i].n,
                  known[i].tests, effect, known[i].effect);
    }
    double large = stats_detectable_effect(200, 200, .05);
    cr_expect(large > .25 && large < .31, "%g", large);
}

Test(inference, what_is_unlike_its_siblings)
{
    const double values[] = {10, 11, 10.5, 9.8, 30, 10.2};
    cr_assert(stats_is_outlier(values, 6, 4));
    cr_assert_not(stats_is_outlier(values, 6, 1));
    const double alike[] = {7, 7, 7, 8};
    cr_assert(stats_is_outlier(alike, 4, 3));
    cr_assert_not(stats_is_outlier(alike, 4, 0));
    cr_assert_not(stats_is_outlier(values, 3, 2));
}
