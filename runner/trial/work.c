#include "runner/trial/work.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "runner/support/fd.h"
#include "runner/trial/capture.h"

double work_number(const char *text, const char *key)
{
    double number = NAN;
    while (*text) {
        size_t length = strcspn(text, "\n");
        json_t *line = *text == '{' ? json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL) : NULL;
        const json_t *value = json_object_get(line, key);
        if (json_is_number(value))
            number = json_number_value(value);
        json_decref(line);
        text += length + (text[length] == '\n');
    }
    return number;
}

/* What the demo says of itself: its own word, and marked as such. */
static double printed_units(const struct work *work)
{
    AUTO_FREE char *text = NULL;
    size_t size;
    if (fd_read_file(work->dir, "stdout", CAPTURE_LIMIT + 1, &text, &size) < 0)
        return NAN;
    return work_number(text, work->unit->key);
}

void work_metrics(const struct work *work, struct metrics *metrics)
{
    static const enum metric_id rows[] = {METRIC_WORK_UNITS, METRIC_WORK_CPU_PER_UNIT, METRIC_WORK_PER_CPU_S};
    const struct metric_value *whole = &metrics->values[METRIC_CPU_TIME];
    double units = 1;
    double cpu = whole->known ? whole->value : NAN;
    const char *reason = NULL;
    if (work->unit->kind == WORK_REQUESTS) {
        units = work->requests;
        cpu = work->window_cpu_ns;
        reason = isnan(units) ? "the load has no valid result" : NULL;
    } else if (work->unit->kind == WORK_STDOUT) {
        units = printed_units(work);
        reason = isnan(units) ? "the demo printed no JSON line with that number" : NULL;
    }
    if (!reason && !(units > 0))
        reason = "no work was done";
    if (!reason && isnan(cpu))
        reason = "the CPU time is not known";
    for (size_t i = 0; reason && i < sizeof rows / sizeof *rows; i++)
        metrics_unknown(metrics, rows[i], reason);
    if (reason)
        return;
    metrics_set(metrics, METRIC_WORK_UNITS, units);
    metrics_set(metrics, METRIC_WORK_CPU_PER_UNIT, cpu / units);
    if (cpu > 0)
        metrics_set(metrics, METRIC_WORK_PER_CPU_S, units / (cpu / 1e9));
    else
        metrics_unknown(metrics, METRIC_WORK_PER_CPU_S, "it took no CPU time that was counted");
    if (work->unit->kind == WORK_STDOUT)
        metrics->values[METRIC_WORK_UNITS].parts = json_pack("{s:s}", "source", "demo");
}
