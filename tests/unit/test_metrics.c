#include "runner/metrics/metrics.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Test(metrics, every_id_has_its_row_in_order)
{
    for (unsigned id = 0; id < METRIC_ID_COUNT; id++) {
        const struct metric_info *info = metric_info((enum metric_id)id);
        cr_assert_eq(info->id, id, "row %u is that of %s", id, info->name);
        cr_assert_eq(metric_by_name(info->name), info, "the name %s is taken twice", info->name);
        cr_assert(strlen(info->meaning) > 5);
    }
    cr_assert_null(metric_info(METRIC_ID_COUNT));
    cr_assert_null(metric_by_name("no.such"));
}

Test(metrics, only_rows_with_a_value_or_a_reason_are_written)
{
    struct metrics metrics = {0};
    metrics_set(&metrics, METRIC_CPU_TIME, 1500000);
    metrics_set(&metrics, METRIC_CPU_THROTTLED_PERIODS_RATIO, 0.25);
    metrics_unknown(&metrics, METRIC_IO_READ, "no io controller");
    json_t *json = metrics_json(&metrics);
    cr_assert_eq(json_object_size(json), 3);
    json_t *cpu = json_object_get(json, "cpu.time");
    cr_assert_str_eq(json_string_value(json_object_get(cpu, "unit")), "ns");
    cr_assert(json_is_integer(json_object_get(cpu, "value")), "a whole number has no decimal point");
    cr_assert_eq(json_integer_value(json_object_get(cpu, "value")), 1500000);
    cr_assert_null(json_object_get(cpu, "lossy"));
    json_t *io = json_object_get(json, "io.read");
    cr_assert(json_is_null(json_object_get(io, "value")));
    cr_assert_str_eq(json_string_value(json_object_get(io, "reason")), "no io controller");
    json_decref(json);
    metrics_free(&metrics);
}

Test(metrics, a_distribution_carries_its_histogram_and_its_parts)
{
    struct metrics metrics = {0};
    struct metric_value *value = &metrics.values[METRIC_GC_STW_TIME];
    for (uint64_t i = 1; i <= 100; i++)
        cr_assert_eq(histogram_add(&value->histogram, i), 0);
    metrics_set(&metrics, METRIC_GC_STW_TIME, 50);
    value->lossy = true;
    value->lost = 7;
    value->parts = json_pack("{s: i}", "sweep termination", 3);
    json_t *json = metrics_json(&metrics);
    json_t *stw = json_object_get(json, "gc.stw_time");
    cr_assert_eq(json_integer_value(json_object_get(json_object_get(stw, "histogram"), "n")), 100);
    cr_assert(json_is_true(json_object_get(stw, "lossy")));
    cr_assert_eq(json_integer_value(json_object_get(stw, "lost")), 7);
    cr_assert_eq(json_integer_value(json_object_get(json_object_get(stw, "parts"), "sweep termination")), 3);
    json_decref(json);
    metrics_free(&metrics);
    cr_assert_null(value->parts);
    cr_assert_eq(value->histogram.count, 0);
}

Test(metrics, a_value_that_is_not_finite_is_unknown)
{
    struct metrics metrics = {0};
    metrics_set(&metrics, METRIC_TIME_WALL, NAN);
    cr_assert_not(metrics.values[METRIC_TIME_WALL].known);
    json_t *json = metrics_json(&metrics);
    cr_assert(json_is_null(json_object_get(json_object_get(json, "time.wall"), "value")));
    cr_assert_not_null(json_object_get(json_object_get(json, "time.wall"), "reason"));
    json_decref(json);
}

Test(metrics, the_reference_has_a_line_a_metric)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    metrics_print_reference(out);
    fclose(out);
    unsigned lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    cr_assert_eq(lines, METRIC_ID_COUNT + 1);
    cr_assert_not_null(strstr(text, "goroutines.wake_latency"));
    free(text);
}
