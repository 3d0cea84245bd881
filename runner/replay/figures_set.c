#include "runner/replay/figures_set.h"

const char figures_no_sched[] = "the kernel probes were off";
const char figures_no_sample[] = "it did not happen";
const char figures_no_lifetime[] = "the demo's life was too short to tell a rate";

void figures_set_all(struct metrics *metrics, const struct figure *figures, size_t count)
{
    for (size_t i = 0; i < count; i++)
        metrics_set(metrics, figures[i].id, (double)figures[i].value);
}

void figures_set_rates(struct metrics *metrics, const struct figure *figures, size_t count, double seconds)
{
    for (size_t i = 0; i < count; i++) {
        if (seconds > 0)
            metrics_set(metrics, figures[i].id, (double)figures[i].value / seconds);
        else
            metrics_unknown(metrics, figures[i].id, figures_no_lifetime);
    }
}

void figures_set_distributions(struct metrics *metrics, const struct distribution *distributions,
                               size_t count)
{
    for (size_t i = 0; i < count; i++)
        metrics_set_distribution(metrics, distributions[i].id, distributions[i].histogram, figures_no_sample);
}

void figures_unknown(struct metrics *metrics, enum metric_id first, enum metric_id last, const char *reason)
{
    for (unsigned id = first; id <= (unsigned)last; id++)
        metrics_unknown(metrics, (enum metric_id)id, reason);
}

void figures_set_parts(struct metrics *metrics, enum metric_id id, json_t *parts)
{
    json_decref(metrics->values[id].parts);
    metrics->values[id].parts = parts;
}

json_t *figures_parts(const struct part *parts, size_t count)
{
    json_t *object = json_object();
    for (size_t i = 0; i < count; i++)
        json_object_set_new(object, parts[i].name, metric_number(parts[i].value));
    return object;
}

json_t *figures_by_reason(const struct histogram *histograms, uint32_t count,
                          const struct reason_names *names,
                          void (*name_of)(const struct reason_names *, uint32_t, char[REASON_NAME_SIZE]))
{
    json_t *parts = json_object();
    char name[REASON_NAME_SIZE];
    for (uint32_t reason = 0; reason < count; reason++) {
        if (histograms[reason].count == 0)
            continue;
        name_of(names, reason, name);
        json_object_set_new(parts, name, histogram_json(&histograms[reason]));
    }
    return parts;
}
