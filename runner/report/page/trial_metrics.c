#include "runner/report/page/trial_metrics.h"

#include <math.h>

#include "runner/report/page/facts.h"

static void read_value(const json_t *row, const struct metric_info *info, struct metrics *metrics)
{
    double value = fact_number(row, "value");
    struct metric_value *known = &metrics->values[info->id];
    if (isnan(value))
        return;
    if (info->distribution && histogram_from_json(&known->histogram, json_object_get(row, "histogram")) < 0)
        return;
    known->known = true;
    known->value = value;
    known->lossy = json_is_true(json_object_get(row, "lossy"));
}

void trial_metrics_read(const struct source *source, const struct source_trial *trial,
                        struct metrics *metrics)
{
    *metrics = (struct metrics){0};
    json_t *record = source_trial_json(source, trial, "trial.json");
    const json_t *rows = json_object_get(record, "metrics");
    for (unsigned id = 0; id < METRIC_ID_COUNT; id++) {
        const struct metric_info *info = metric_info((enum metric_id)id);
        read_value(json_object_get(rows, info->name), info, metrics);
    }
    json_decref(record);
}
