#include "runner/support/histogram.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Octave 0 holds 0..127 exactly; octave k >= 1 holds 128 << (k - 1) up to (128 << k) - 1 in steps of
   1 << (k - 1). A bucket's index is octave * 128 + place, so that it rises with the value. */
enum { PER_OCTAVE = 128, PER_OCTAVE_BITS = 7, OCTAVES = 58 };
_Static_assert(sizeof((struct histogram){0}.octaves) / sizeof(uint64_t *) == OCTAVES,
               "one octave for each leading bit of a 64-bit value");

static unsigned octave_of(uint64_t value)
{
    return value < PER_OCTAVE ? 0 : 64u - PER_OCTAVE_BITS - (unsigned)__builtin_clzll(value);
}

static unsigned place_of(uint64_t value, unsigned octave)
{
    return octave ? (unsigned)(value >> (octave - 1)) & (PER_OCTAVE - 1) : (unsigned)value;
}

/* The largest value that the bucket holds. */
static uint64_t upper_bound(unsigned octave, unsigned place)
{
    if (octave == 0)
        return place;
    uint64_t low = (uint64_t)(PER_OCTAVE + place) << (octave - 1);
    return low + (((uint64_t)1 << (octave - 1)) - 1);
}

static int want_octave(struct histogram *histogram, unsigned octave)
{
    if (!histogram->octaves[octave])
        histogram->octaves[octave] = calloc(PER_OCTAVE, sizeof(uint64_t));
    return histogram->octaves[octave] ? 0 : -ENOMEM;
}

void histogram_free(struct histogram *histogram)
{
    for (unsigned i = 0; i < OCTAVES; i++)
        free(histogram->octaves[i]);
    *histogram = (struct histogram){0};
}

static void widen(struct histogram *histogram, uint64_t min, uint64_t max)
{
    if (histogram->count == 0 || min < histogram->min)
        histogram->min = min;
    if (histogram->count == 0 || max > histogram->max)
        histogram->max = max;
}

int histogram_add(struct histogram *histogram, uint64_t value)
{
    unsigned octave = octave_of(value);
    int result = want_octave(histogram, octave);
    if (result < 0)
        return result;
    histogram->octaves[octave][place_of(value, octave)]++;
    widen(histogram, value, value);
    histogram->count++;
    histogram->sum += (double)value;
    return 0;
}

int histogram_merge(struct histogram *into, const struct histogram *from)
{
    if (from->count == 0)
        return 0;
    /* All memory first: a failure leaves `into` as it was. */
    for (unsigned octave = 0; octave < OCTAVES; octave++)
        if (from->octaves[octave] && want_octave(into, octave) < 0)
            return -ENOMEM;
    for (unsigned octave = 0; octave < OCTAVES; octave++)
        for (unsigned place = 0; from->octaves[octave] && place < PER_OCTAVE; place++)
            into->octaves[octave][place] += from->octaves[octave][place];
    widen(into, from->min, from->max);
    into->count += from->count;
    into->sum += from->sum;
    return 0;
}

static uint64_t clamp(uint64_t value, uint64_t min, uint64_t max)
{
    return value < min ? min : value > max ? max : value;
}

uint64_t histogram_quantile(const struct histogram *histogram, double q)
{
    if (histogram->count == 0)
        return 0;
    double wanted = ceil(q * (double)histogram->count);
    uint64_t rank = wanted < 1 ? 1 : (uint64_t)wanted;
    uint64_t seen = 0;
    for (unsigned octave = 0; octave < OCTAVES; octave++) {
        for (unsigned place = 0; histogram->octaves[octave] && place < PER_OCTAVE; place++) {
            seen += histogram->octaves[octave][place];
            if (seen >= rank)
                return clamp(upper_bound(octave, place), histogram->min, histogram->max);
        }
    }
    return histogram->max;
}

double histogram_mean(const struct histogram *histogram)
{
    return histogram->count ? histogram->sum / (double)histogram->count : 0;
}

static json_t *buckets_json(const struct histogram *histogram)
{
    json_t *buckets = json_array();
    for (unsigned octave = 0; buckets && octave < OCTAVES; octave++) {
        for (unsigned place = 0; histogram->octaves[octave] && place < PER_OCTAVE; place++) {
            uint64_t count = histogram->octaves[octave][place];
            if (count == 0)
                continue;
            json_t *pair = json_pack("[I, I]", (json_int_t)octave * PER_OCTAVE + place, (json_int_t)count);
            if (json_array_append_new(buckets, pair) < 0) {
                json_decref(buckets);
                return NULL;
            }
        }
    }
    return buckets;
}

/* JSON's integers are signed here: what is larger is shown as the largest one rather than as a negative. */
static json_t *integer(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

/* A figure of an empty histogram is not known: null, never 0. */
static json_t *figure(const struct histogram *histogram, uint64_t value)
{
    return histogram->count ? integer(value) : json_null();
}

json_t *histogram_json(const struct histogram *histogram)
{
    static const struct {
        const char *name;
        double q;
    } quantiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};

    json_t *json = json_object();
    int failed = json_object_set_new(json, "n", integer(histogram->count));
    failed |= json_object_set_new(json, "min", figure(histogram, histogram->min));
    failed |= json_object_set_new(json, "max", figure(histogram, histogram->max));
    failed |= json_object_set_new(json, "mean",
                                  histogram->count ? json_real(histogram_mean(histogram)) : json_null());
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++)
        failed |= json_object_set_new(json, quantiles[i].name,
                                      figure(histogram, histogram_quantile(histogram, quantiles[i].q)));
    failed |= json_object_set_new(json, "buckets", buckets_json(histogram));
    failed |= json_object_set_new(json, "per_octave", json_integer(PER_OCTAVE));
    if (failed) {
        json_decref(json);
        return NULL;
    }
    return json;
}

/* --- reading it back -------------------------------------------------------------------------- */

static uint64_t saturated(uint64_t value)
{
    return value > INT64_MAX ? INT64_MAX : value;
}

static bool read_integer(const json_t *json, uint64_t *value)
{
    if (!json_is_integer(json) || json_integer_value(json) < 0)
        return false;
    *value = (uint64_t)json_integer_value(json);
    return true;
}

/* The values' bounds, as far as the buckets tell. */
struct bounds {
    uint64_t first_low, first_high, last_low, last_high;
};

static int read_buckets(struct histogram *histogram, const json_t *buckets, struct bounds *bounds)
{
    int64_t before = -1;
    for (size_t i = 0; i < json_array_size(buckets); i++) {
        const json_t *pair = json_array_get(buckets, i);
        uint64_t index, count;
        if (json_array_size(pair) != 2 || !read_integer(json_array_get(pair, 0), &index) ||
            !read_integer(json_array_get(pair, 1), &count) || count == 0 || (int64_t)index <= before ||
            index >= OCTAVES * PER_OCTAVE ||
            __builtin_add_overflow(histogram->count, count, &histogram->count))
            return -EINVAL;
        unsigned octave = (unsigned)index / PER_OCTAVE;
        unsigned place = (unsigned)index % PER_OCTAVE;
        if (want_octave(histogram, octave) < 0)
            return -ENOMEM;
        histogram->octaves[octave][place] = count;
        bounds->last_low = octave ? (uint64_t)(PER_OCTAVE + place) << (octave - 1) : place;
        bounds->last_high = upper_bound(octave, place);
        if (before < 0) {
            bounds->first_low = bounds->last_low;
            bounds->first_high = bounds->last_high;
        }
        before = (int64_t)index;
    }
    return 0;
}

static bool within(uint64_t value, uint64_t low, uint64_t high)
{
    return value >= saturated(low) && value <= saturated(high);
}

static int read_figures(struct histogram *histogram, const json_t *json, const struct bounds *bounds)
{
    const json_t *min = json_object_get(json, "min");
    const json_t *max = json_object_get(json, "max");
    const json_t *mean = json_object_get(json, "mean");
    if (histogram->count == 0)
        return json_is_null(min) && json_is_null(max) && json_is_null(mean) ? 0 : -EINVAL;
    if (!read_integer(min, &histogram->min) || !read_integer(max, &histogram->max) || !json_is_number(mean) ||
        !within(histogram->min, bounds->first_low, bounds->first_high) ||
        !within(histogram->max, bounds->last_low, bounds->last_high) || histogram->min > histogram->max)
        return -EINVAL;
    /* The sum was rounded at each addition: the mean may lie a little outside. */
    double value = json_number_value(mean);
    double slack = 1e-6 * (double)bounds->last_high;
    if (!(value >= (double)histogram->min - slack && value <= (double)bounds->last_high + slack))
        return -EINVAL;
    histogram->sum = value * (double)histogram->count;
    return 0;
}

int histogram_from_json(struct histogram *histogram, const json_t *json)
{
    const json_t *buckets = json_object_get(json, "buckets");
    uint64_t count, per_octave;
    struct bounds bounds = {0};
    *histogram = (struct histogram){0};
    if (!read_integer(json_object_get(json, "n"), &count) || !json_is_array(buckets) ||
        !read_integer(json_object_get(json, "per_octave"), &per_octave) || per_octave != PER_OCTAVE)
        return -EINVAL;
    int result = read_buckets(histogram, buckets, &bounds);
    if (result == 0)
        result = histogram->count == count ? read_figures(histogram, json, &bounds) : -EINVAL;
    if (result < 0)
        histogram_free(histogram);
    return result;
}
