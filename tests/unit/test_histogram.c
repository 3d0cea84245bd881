#include "runner/support/histogram.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

static void add_all(struct histogram *histogram, const uint64_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(histogram_add(histogram, values[i]), 0);
}

Test(histogram, an_empty_one_has_no_figures)
{
    struct histogram histogram = {0};
    cr_assert_eq(histogram_quantile(&histogram, 0.5), 0);
    cr_assert_eq(histogram_mean(&histogram), 0);
    json_t *json = histogram_json(&histogram);
    cr_assert(json_is_null(json_object_get(json, "min")));
    cr_assert(json_is_null(json_object_get(json, "p99")));
    cr_assert_eq(json_integer_value(json_object_get(json, "n")), 0);
    cr_assert_eq(json_array_size(json_object_get(json, "buckets")), 0);
    json_decref(json);
    histogram_free(&histogram);
}

Test(histogram, values_below_128_are_exact)
{
    struct histogram histogram = {0};
    for (uint64_t value = 0; value < 128; value++)
        cr_assert_eq(histogram_add(&histogram, value), 0);
    for (uint64_t value = 0; value < 128; value++)
        cr_assert_eq(histogram_quantile(&histogram, (double)(value + 1) / 128), value);
    histogram_free(&histogram);
}

Test(histogram, a_quantile_is_at_most_a_128th_above_the_value)
{
    uint64_t value = 1;
    for (unsigned i = 0; i < 2000; i++) {
        value = value * 6364136223846793005u + 1442695040888963407u;
        uint64_t sample = value >> (i % 64);
        struct histogram histogram = {0};
        add_all(&histogram, (uint64_t[]){0, sample, UINT64_MAX}, 3);
        uint64_t found = histogram_quantile(&histogram, 0.5);
        cr_assert_geq(found, sample);
        cr_assert_leq(found - sample, sample / 128, "%lu for %lu", found, sample);
        histogram_free(&histogram);
    }
}

Test(histogram, quantiles_lie_between_the_exact_minimum_and_maximum)
{
    struct histogram histogram = {0};
    add_all(&histogram, (uint64_t[]){1000001, 1000002, 1000003}, 3);
    cr_assert_eq(histogram_quantile(&histogram, 0), 1000003, "all in one bucket, clamped to the maximum");
    cr_assert_eq(histogram_quantile(&histogram, 1), 1000003);
    cr_assert_eq(histogram.min, 1000001);
    cr_assert_float_eq(histogram_mean(&histogram), 1000002, 1e-6);
    histogram_free(&histogram);
}

Test(histogram, the_largest_value_has_its_bucket)
{
    struct histogram histogram = {0};
    add_all(&histogram, (uint64_t[]){UINT64_MAX, UINT64_MAX - 1, (uint64_t)1 << 63}, 3);
    cr_assert_eq(histogram_quantile(&histogram, 1), UINT64_MAX);
    json_t *json = histogram_json(&histogram);
    json_t *buckets = json_object_get(json, "buckets");
    cr_assert_eq(json_array_size(buckets), 2);
    cr_assert_eq(json_integer_value(json_array_get(json_array_get(buckets, 1), 0)), 58 * 128 - 1);
    json_decref(json);
    histogram_free(&histogram);
}

Test(histogram, a_merge_equals_adding_all_values_to_one)
{
    struct histogram a = {0};
    struct histogram b = {0};
    struct histogram both = {0};
    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t value = i * i * i;
        cr_assert_eq(histogram_add(i % 3 ? &a : &b, value), 0);
        cr_assert_eq(histogram_add(&both, value), 0);
    }
    cr_assert_eq(histogram_merge(&a, &b), 0);
    json_t *merged = histogram_json(&a);
    json_t *whole = histogram_json(&both);
    cr_assert(json_equal(merged, whole));
    json_decref(merged);
    json_decref(whole);
    histogram_free(&a);
    histogram_free(&b);
    histogram_free(&both);
}

Test(histogram, merging_into_an_empty_one_takes_minimum_and_maximum)
{
    struct histogram from = {0};
    struct histogram into = {0};
    add_all(&from, (uint64_t[]){500, 700}, 2);
    cr_assert_eq(histogram_merge(&into, &from), 0);
    cr_assert_eq(into.min, 500);
    cr_assert_eq(into.max, 700);
    struct histogram nothing = {0};
    cr_assert_eq(histogram_merge(&into, &nothing), 0);
    cr_assert_eq(into.min, 500, "an empty one changes nothing");
    histogram_free(&from);
    histogram_free(&into);
}

Test(histogram, json_counts_add_up_and_stand_at_the_bucket_of_the_formula)
{
    struct histogram histogram = {0};
    add_all(&histogram, (uint64_t[]){5, 5, 128, 129, 256, 257}, 6);
    json_t *json = histogram_json(&histogram);
    json_t *buckets = json_object_get(json, "buckets");
    static const int want[][2] = {{5, 2}, {128, 1}, {129, 1}, {256, 2}};
    cr_assert_eq(json_array_size(buckets), 4);
    for (size_t i = 0; i < 4; i++) {
        json_t *pair = json_array_get(buckets, i);
        cr_assert_eq(json_integer_value(json_array_get(pair, 0)), want[i][0]);
        cr_assert_eq(json_integer_value(json_array_get(pair, 1)), want[i][1]);
    }
    cr_assert_eq(json_integer_value(json_object_get(json, "per_octave")), 128);
    json_decref(json);
    histogram_free(&histogram);
}

Test(histogram, it_is_usable_again_after_being_freed)
{
    struct histogram histogram = {0};
    add_all(&histogram, (uint64_t[]){1, 1000000}, 2);
    histogram_free(&histogram);
    cr_assert_eq(histogram.count, 0);
    add_all(&histogram, (uint64_t[]){77}, 1);
    cr_assert_eq(histogram_quantile(&histogram, 0.5), 77);
    histogram_free(&histogram);
}

Test(histogram, its_json_gives_the_same_histogram_back)
{
    static const uint64_t sets[][5] = {{0, 1, 127, 128, 129},
                                       {5, 5, 5, 5, 5},
                                       {1000001, 1000002, 77, 1u << 31, 3},
                                       {UINT64_MAX, INT64_MAX, (uint64_t)INT64_MAX + 1, 1, 2}};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        struct histogram histogram = {0}, back;
        add_all(&histogram, sets[i], i == 0 ? 5 : 4);
        json_t *json = histogram_json(&histogram);
        cr_assert_eq(histogram_from_json(&back, json), 0);
        json_t *again = histogram_json(&back);
        cr_assert(json_equal(json, again), "%s\n%s", json_dumps(json, 0), json_dumps(again, 0));
        cr_assert_eq(back.count, histogram.count);
        json_decref(json);
        json_decref(again);
        histogram_free(&back);
        histogram_free(&histogram);
    }
}

Test(histogram, an_empty_one_is_read_back_empty)
{
    struct histogram histogram = {0}, back;
    json_t *json = histogram_json(&histogram);
    cr_assert_eq(histogram_from_json(&back, json), 0);
    cr_assert_eq(back.count, 0);
    json_decref(json);
}

Test(histogram, json_that_no_histogram_gives_is_refused)
{
#define FIGURES(n, min, max, mean, buckets)                                                                  \
    "{\"n\":" n ",\"min\":" min ",\"max\":" max ",\"mean\":" mean ",\"buckets\":" buckets                    \
    ",\"per_octave\":128}"
    static const char *const texts[] = {
        "null",
        "[]",
        "{}",
        "{\"n\":1,\"min\":5,\"max\":5,\"mean\":5,\"buckets\":[[5,1]]}",
        "{\"n\":1,\"min\":5,\"max\":5,\"mean\":5,\"buckets\":[[5,1]],\"per_octave\":64}",
        FIGURES("2", "5", "5", "5", "[[5,1]]"),
        FIGURES("-1", "5", "5", "5", "[[5,1]]"),
        FIGURES("1", "5", "5", "5", "{}"),
        FIGURES("1", "5", "5", "5", "[5]"),
        FIGURES("1", "5", "5", "5", "[[5,1,1]]"),
        FIGURES("1", "5", "5", "5", "[[5,1.0]]"),
        FIGURES("1", "5", "5", "5", "[[-5,1]]"),
        FIGURES("1", "5", "5", "5", "[[7424,1]]"),
        FIGURES("0", "5", "5", "5", "[[5,0]]"),
        FIGURES("2", "5", "5", "5", "[[5,1],[5,1]]"),
        FIGURES("2", "4", "5", "4.5", "[[5,1],[4,1]]"),
        FIGURES("1", "4", "5", "5", "[[5,1]]"),
        FIGURES("1", "5", "6", "5", "[[5,1]]"),
        FIGURES("1", "null", "5", "5", "[[5,1]]"),
        FIGURES("1", "5", "5", "7", "[[5,1]]"),
        FIGURES("1", "5", "5", "\"5\"", "[[5,1]]"),
        FIGURES("0", "5", "5", "5", "[]"),
        FIGURES("4", "1", "2", "1", "[[1,9223372036854775807],[2,9223372036854775807],[3,6]]"),
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct histogram histogram;
        json_t *json = json_loads(texts[i], JSON_DECODE_ANY, NULL);
        cr_assert_not_null(json, "%s", texts[i]);
        cr_assert_eq(histogram_from_json(&histogram, json), -EINVAL, "%s", texts[i]);
        cr_assert_eq(histogram.count, 0);
        json_decref(json);
    }
}
