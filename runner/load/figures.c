#include "runner/load/figures.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define FULL_SHARE     0.01
#define ACHIEVED_SHARE 0.95
#define KNEE_FACTOR    10

static const char *const slow_kinds[] = {"timeout", "unanswered_at_end", "not_sent"};

static uint64_t count_of(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));
    return value > 0 ? (uint64_t)value : 0;
}

static double number_or_nan(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static void count_errors(const json_t *kinds, uint64_t *all, uint64_t *slow)
{
    const char *kind;
    json_t *count;
    json_object_foreach ((json_t *)kinds, kind, count) {
        *all += (uint64_t)json_integer_value(count);
        for (size_t i = 0; i < sizeof slow_kinds / sizeof *slow_kinds; i++)
            if (strcmp(kind, slow_kinds[i]) == 0)
                *slow += (uint64_t)json_integer_value(count);
    }
}

/* What the whole window and a step have alike. */
static void read_counts(const json_t *part, struct load_figures *figures)
{
    const json_t *requests = json_object_get(part, "requests");
    figures->due = count_of(requests, "due");
    figures->ok = count_of(requests, "ok");
    figures->waited = count_of(requests, "waited_for_connection");
    figures->pool_full = count_of(requests, "found_pool_full");
    figures->connections_most = count_of(json_object_get(part, "connections"), "most");
    figures->achieved_per_s = number_or_nan(part, "achieved_rate_per_s");
    figures->kinds = json_object_get(part, "errors");
    count_errors(figures->kinds, &figures->errors, &figures->slow_errors);
}

static const char *overload(const struct load_figures *figures)
{
    if (figures->slow_errors)
        return "requests without an answer in time";
    if ((double)figures->pool_full > FULL_SHARE * (double)figures->due)
        return "requests that found every connection of the pool busy";
    if (figures->achieved_per_s < ACHIEVED_SHARE * figures->asked_per_s)
        return "fewer answers a second than requests";
    return NULL;
}

static int find_knee(const json_t *steps, struct load_figures *figures)
{
    double first = NAN;
    bool holding = true;
    figures->knee_per_s = NAN;
    figures->steps = json_array_size(steps);
    for (size_t i = 0; i < figures->steps; i++) {
        const json_t *part = json_array_get(steps, i);
        struct load_figures step = {.asked_per_s = number_or_nan(part, "rate_per_s")};
        read_counts(part, &step);
        int result = histogram_from_json(&step.latency_due, json_object_get(part, "latency_due"));
        if (result < 0)
            return result;
        double p99 = step.latency_due.count ? (double)histogram_quantile(&step.latency_due, 0.99) : INFINITY;
        histogram_free(&step.latency_due);
        if (i == 0)
            first = p99;
        holding = holding && !overload(&step) && p99 <= KNEE_FACTOR * first;
        if (holding || i == 0)
            figures->held_errors += step.errors - step.slow_errors;
        figures->steps_held += holding;
        if (holding && figures->steps > 1)
            figures->knee_per_s = step.asked_per_s;
    }
    return 0;
}

int load_figures_read(const json_t *result, struct load_figures *figures)
{
    const struct {
        const char *key;
        struct histogram *histogram;
    } histograms[] = {{"latency_due", &figures->latency_due},
                      {"latency_sent", &figures->latency_sent},
                      {"send_lag", &figures->send_lag}};
    *figures = (struct load_figures){.asked_per_s = NAN, .achieved_per_s = NAN, .knee_per_s = NAN};
    if (json_integer_value(json_object_get(result, "schema")) != 1 ||
        !json_is_object(json_object_get(result, "requests")))
        return -EINVAL;
    read_counts(result, figures);
    figures->asked_per_s = number_or_nan(result, "asked_rate_per_s");
    figures->cut = json_is_true(json_object_get(result, "cut"));
    const json_t *bytes = json_object_get(result, "bytes");
    figures->bytes_written = count_of(bytes, "written");
    figures->bytes_read = count_of(bytes, "read");
    for (size_t i = 0; i < sizeof histograms / sizeof *histograms; i++) {
        int read = histogram_from_json(histograms[i].histogram, json_object_get(result, histograms[i].key));
        if (read < 0)
            return read;
    }
    return find_knee(json_object_get(result, "steps"), figures);
}

void load_figures_free(struct load_figures *figures)
{
    histogram_free(&figures->latency_due);
    histogram_free(&figures->latency_sent);
    histogram_free(&figures->send_lag);
}

struct load_judgement load_figures_judge(const struct load_figures *figures)
{
    struct load_judgement judgement = {0};
    judgement.invalid =
        figures->send_lag.count > 0 && histogram_quantile(&figures->send_lag, 0.99) > FIGURES_SEND_LAG_NS;
    bool several = figures->steps > 1;
    judgement.errors = several ? figures->held_errors > 0 : figures->errors > figures->slow_errors;
    if (!several)
        judgement.why_overloaded = overload(figures);
    judgement.overloaded = judgement.why_overloaded != NULL;
    return judgement;
}
