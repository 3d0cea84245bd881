#include "runner/replay/series.h"

#include <math.h>

#include "runner/metrics/metrics.h"

#define FIRST_WIDTH 100000u /* ns; a demo of 20 ms fills all bins */

void series_start(struct series *series, uint64_t now)
{
    uint64_t values[SERIES_LEVELS];
    for (unsigned i = 0; i < SERIES_LEVELS; i++)
        values[i] = series->levels[i].now;
    *series = (struct series){.start = now, .width = FIRST_WIDTH, .bin_end = now + FIRST_WIDTH};
    for (unsigned i = 0; i < SERIES_LEVELS; i++)
        series->levels[i] = (struct series_value){.now = values[i], .since = now, .most = values[i]};
}

/* Two bins become one. */
static void widen(struct series *series)
{
    for (unsigned i = 0; i < SERIES_BINS / 2; i++) {
        for (unsigned c = 0; c < SERIES_COUNTS; c++)
            series->counts[c][i] = series->counts[c][2 * i + 1];
        for (unsigned l = 0; l < SERIES_LEVELS; l++) {
            uint64_t first = series->mosts[l][2 * i];
            uint64_t second = series->mosts[l][2 * i + 1];
            series->sums[l][i] = series->sums[l][2 * i] + series->sums[l][2 * i + 1];
            series->mosts[l][i] = first > second ? first : second;
        }
    }
    series->width *= 2;
    series->bin = SERIES_BINS / 2;
}

static double sum_until(const struct series_value *level, uint64_t end)
{
    return (double)(level->sum + (unsigned __int128)level->now * (end - level->since));
}

static void close_bin(struct series *series, const uint64_t totals[SERIES_COUNTS])
{
    for (unsigned c = 0; c < SERIES_COUNTS; c++)
        series->counts[c][series->bin] = totals[c];
    for (unsigned l = 0; l < SERIES_LEVELS; l++) {
        struct series_value *level = &series->levels[l];
        series->sums[l][series->bin] = sum_until(level, series->bin_end);
        series->mosts[l][series->bin] = level->most;
        *level = (struct series_value){.now = level->now, .since = series->bin_end, .most = level->now};
    }
    if (++series->bin == SERIES_BINS)
        widen(series);
    /* No bin ends behind the end of time: the last one takes what is left. */
    if (__builtin_mul_overflow(series->width, series->bin + 1, &series->bin_end) ||
        __builtin_add_overflow(series->bin_end, series->start, &series->bin_end))
        series->bin_end = UINT64_MAX;
}

void series_advance(struct series *series, uint64_t now, const uint64_t totals[SERIES_COUNTS])
{
    if (series->start == 0)
        series_start(series, now);
    while (now >= series->bin_end && series->bin_end < UINT64_MAX)
        close_bin(series, totals);
}

static json_t *counts_json(const struct series *series, unsigned count, uint64_t total)
{
    /* An undone park takes one from the totals; the end has the last word, so that the sum is right. */
    uint64_t totals[SERIES_BINS + 1];
    totals[series->bin] = total;
    for (unsigned i = series->bin; i-- > 0;)
        totals[i] = series->counts[count][i] < totals[i + 1] ? series->counts[count][i] : totals[i + 1];
    json_t *array = json_array();
    for (unsigned i = 0; i <= series->bin; i++)
        json_array_append_new(array, metric_number((double)(totals[i] - (i ? totals[i - 1] : 0))));
    return array;
}

static json_t *level_json(const struct series *series, unsigned which, uint64_t end)
{
    const struct series_value *level = &series->levels[which];
    uint64_t last = end - (series->start + series->bin * series->width);
    json_t *means = json_array();
    json_t *mosts = json_array();
    for (unsigned i = 0; i <= series->bin; i++) {
        bool open = i == series->bin;
        double sum = open ? sum_until(level, end) : series->sums[which][i];
        double length = (double)(open ? last : series->width);
        double mean = length > 0 ? sum / length : (double)level->now;
        json_array_append_new(means, metric_number(round(mean * 1000) / 1000));
        json_array_append_new(mosts, metric_number((double)(open ? level->most : series->mosts[which][i])));
    }
    return json_pack("{s: o, s: o}", "mean", means, "most", mosts);
}

json_t *series_json(const struct series *series, uint64_t end, const uint64_t totals[SERIES_COUNTS],
                    bool goroutines, bool threads)
{
    static const char *const counts[] = {[SERIES_CREATED] = "created",
                                         [SERIES_PARKED] = "parked",
                                         [SERIES_READIED] = "readied",
                                         [SERIES_EXITED] = "exited"};
    static const struct {
        const char *name;
        bool kernel;
    } levels[] = {[SERIES_ALIVE] = {"alive", false},
                  [SERIES_RUNNABLE] = {"runnable", false},
                  [SERIES_RUNNING_THREADS] = {"running_threads", true}};
    if (series->start == 0 || end < series->start)
        return json_null();
    json_t *object = json_object();
    json_object_set_new(object, "bin_ns", metric_number((double)series->width));
    json_object_set_new(object, "length_ns", metric_number((double)(end - series->start)));
    for (unsigned i = 0; i < SERIES_COUNTS; i++)
        json_object_set_new(object, counts[i], goroutines ? counts_json(series, i, totals[i]) : json_null());
    for (unsigned i = 0; i < SERIES_LEVELS; i++)
        json_object_set_new(object, levels[i].name,
                            (levels[i].kernel ? threads : goroutines) ? level_json(series, i, end)
                                                                      : json_null());
    return object;
}
