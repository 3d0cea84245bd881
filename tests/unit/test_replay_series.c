#include "runner/replay/series.h"

#include <criterion/criterion.h>

#define US 1000u

static const uint64_t none[SERIES_COUNTS];

static double at(const json_t *object, const char *key, const char *inner, size_t i)
{
    const json_t *array = json_object_get(object, key);
    if (inner)
        array = json_object_get(array, inner);
    return json_number_value(json_array_get(array, i));
}

static double sum_of(const json_t *array)
{
    double sum = 0;
    for (size_t i = 0; i < json_array_size(array); i++)
        sum += json_number_value(json_array_get(array, i));
    return sum;
}

Test(replay_series, counts_and_levels_stand_in_their_bins)
{
    struct series series = {0};
    uint64_t totals[SERIES_COUNTS] = {0};
    series_start(&series, 1000);
    totals[SERIES_CREATED] = 3;
    series_level(&series, SERIES_ALIVE, 3, 1000 + 50 * US);
    series_advance(&series, 1000 + 150 * US, totals); /* into the second bin of 100 us */
    totals[SERIES_CREATED] = 4;
    series_level(&series, SERIES_ALIVE, 4, 1000 + 150 * US);
    series_level(&series, SERIES_ALIVE, 1, 1000 + 160 * US);
    series_advance(&series, 1000 + 250 * US, totals);
    json_t *json = series_json(&series, 1000 + 250 * US, totals, true, true);
    cr_assert_eq(json_integer_value(json_object_get(json, "bin_ns")), 100000);
    cr_assert_eq(json_integer_value(json_object_get(json, "length_ns")), 250000);
    cr_assert_eq(json_array_size(json_object_get(json, "created")), 3);
    cr_assert_eq(at(json, "created", NULL, 0), 3);
    cr_assert_eq(at(json, "created", NULL, 1), 1);
    cr_assert_eq(at(json, "created", NULL, 2), 0);
    cr_assert_eq(at(json, "alive", "mean", 0), 1.5);
    cr_assert_eq(at(json, "alive", "most", 0), 3);
    cr_assert_eq(at(json, "alive", "mean", 1), 3 * 0.5 + 4 * 0.1 + 1 * 0.4);
    cr_assert_eq(at(json, "alive", "most", 1), 4);
    cr_assert_eq(at(json, "alive", "mean", 2), 1);
    cr_assert_eq(at(json, "alive", "most", 2), 1);
    json_decref(json);
}

/* One thing each 10 us for 100 s: the bins become wider, nothing gets lost. */
Test(replay_series, bins_double_and_keep_their_sums)
{
    struct series series = {0};
    uint64_t totals[SERIES_COUNTS] = {0};
    uint64_t now = 5;
    series_start(&series, now);
    for (unsigned i = 0; i < 10000000; i++) {
        now += 10 * US;
        if (series_is_due(&series, now))
            series_advance(&series, now, totals);
        totals[SERIES_PARKED]++;
        series_level(&series, SERIES_RUNNABLE, i % 2, now);
    }
    series_advance(&series, now, totals);
    json_t *json = series_json(&series, now, totals, true, true);
    size_t bins = json_array_size(json_object_get(json, "parked"));
    cr_assert_gt(bins, 100);
    cr_assert_leq(bins, SERIES_BINS);
    cr_assert_eq(sum_of(json_object_get(json, "parked")), 1e7);
    double width = json_number_value(json_object_get(json, "bin_ns"));
    cr_assert_eq(width, 100000.0 * 8192, "100 s in 200 bins: %f", width);
    for (size_t i = 0; i + 1 < bins; i++) {
        cr_assert_float_eq(at(json, "parked", NULL, i), width / 10000, 1.1);
        cr_assert_float_eq(at(json, "runnable", "mean", i), 0.5, 0.001);
        cr_assert_eq(at(json, "runnable", "most", i), 1);
    }
    json_decref(json);
}

Test(replay_series, a_long_silence_is_many_empty_bins)
{
    struct series series = {0};
    uint64_t totals[SERIES_COUNTS] = {[SERIES_EXITED] = 2};
    series_start(&series, 1);
    series_level(&series, SERIES_RUNNING_THREADS, 2, 1);
    series_advance(&series, 3600ull * 1000000000, totals);
    totals[SERIES_EXITED] = 3;
    json_t *json = series_json(&series, 3600ull * 1000000000, totals, true, true);
    cr_assert_eq(at(json, "exited", NULL, 0), 2);
    cr_assert_eq(sum_of(json_object_get(json, "exited")), 3);
    cr_assert_eq(at(json, "running_threads", "mean", 50), 2);
    json_decref(json);
}

/* goroutines.parks takes a park back that turned out to be none, maybe in a later bin. */
Test(replay_series, what_is_taken_back_is_taken_from_an_earlier_bin)
{
    struct series series = {0};
    uint64_t totals[SERIES_COUNTS] = {[SERIES_PARKED] = 5};
    series_start(&series, 1);
    series_advance(&series, 150 * US, totals);
    totals[SERIES_PARKED] = 4;
    series_advance(&series, 250 * US, totals);
    totals[SERIES_PARKED] = 6;
    json_t *json = series_json(&series, 260 * US, totals, true, true);
    cr_assert_eq(at(json, "parked", NULL, 0), 4);
    cr_assert_eq(at(json, "parked", NULL, 1), 0);
    cr_assert_eq(at(json, "parked", NULL, 2), 2);
    json_decref(json);
}

Test(replay_series, the_start_forgets_what_was_before_but_not_the_levels)
{
    struct series series = {0};
    series_advance(&series, 1000, none);
    series_level(&series, SERIES_ALIVE, 7, 2000);
    series_start(&series, 50000);
    json_t *json = series_json(&series, 60000, none, true, true);
    cr_assert_eq(json_array_size(json_object_get(json, "created")), 1);
    cr_assert_eq(at(json, "alive", "mean", 0), 7);
    json_decref(json);
}

Test(replay_series, time_may_go_to_its_end)
{
    struct series series = {0};
    series_start(&series, 1);
    series_level(&series, SERIES_ALIVE, 1, 1);
    series_advance(&series, UINT64_MAX - 1, none);
    series_advance(&series, UINT64_MAX, none);
    json_t *json = series_json(&series, UINT64_MAX, none, true, true);
    cr_assert_leq(json_array_size(json_object_get(json, "created")), SERIES_BINS);
    cr_assert_eq(at(json, "alive", "mean", 10), 1);
    json_decref(json);
}

Test(replay_series, what_was_not_observed_is_null)
{
    struct series series = {0};
    json_t *nothing = series_json(&series, 100, none, true, true);
    cr_assert(json_is_null(nothing));
    series_start(&series, 10);
    json_t *json = series_json(&series, 100, none, false, true);
    cr_assert(json_is_null(json_object_get(json, "created")));
    cr_assert(json_is_null(json_object_get(json, "alive")));
    cr_assert(json_is_object(json_object_get(json, "running_threads")));
    json_decref(nothing);
    json_decref(json);
}
