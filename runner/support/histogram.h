/*
 * Log-linear histogram of non-negative 64-bit values: 128 buckets an octave, so each is at most 1/128 (0.8%)
 * wide; values below 128 are exact. Bucket bounds follow from the index, so that counts can be stored
 * sparsely. After HdrHistogram (Tene); octaves are allocated when first used.
 */
#ifndef RUNNER_SUPPORT_HISTOGRAM_H
#define RUNNER_SUPPORT_HISTOGRAM_H

#include <jansson.h>
#include <stdint.h>

struct histogram {
    uint64_t count, min, max; /* min and max exact; undefined while count is 0 */
    double sum;
    uint64_t *octaves[58];
};

void histogram_free(struct histogram *histogram);               /* leaves it empty and usable */
int histogram_add(struct histogram *histogram, uint64_t value); /* 0 or -ENOMEM */
int histogram_merge(struct histogram *into, const struct histogram *from);
/* The smallest bucket's upper bound below which a share `q` (0..1) of the values lies; clamped to min..max.
 */
uint64_t histogram_quantile(const struct histogram *histogram, double q);
double histogram_mean(const struct histogram *histogram);
/* {"n", "min", "max", "mean", "p50", "p90", "p99", "p999", "buckets": [[index, count], ...], "per_octave":
 * 128} */
json_t *histogram_json(const struct histogram *histogram);
/* The inverse: fills an empty histogram. -EINVAL: no histogram could have given this JSON (the counts do not
   add up, min, max or mean lie where no value is ...); -ENOMEM. On failure the histogram is empty. */
int histogram_from_json(struct histogram *histogram, const json_t *json);

#endif
