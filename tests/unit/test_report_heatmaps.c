/* What the page's script gets of heatmap.json. */
#include <criterion/criterion.h>

#include "runner/report/page/heatmaps.h"

static json_int_t cell(const json_t *block, size_t index)
{
    const json_t *rows = json_object_get(json_object_get(block, "on_cpu"), "rows");
    return json_integer_value(json_array_get(json_object_get(json_array_get(rows, 0), "shares"), index));
}

Test(report_heatmaps, cells_are_thousandths_and_nothing_vanishes)
{
    json_t *heatmap =
        json_loads("{\"bin_ns\": 100000, \"columns\": 9, \"end_ns\": 1, \"marks\": [],"
                   "\"on_cpu\": {\"sum_ns\": 1, \"rows\": [{\"cpu\": 3, \"ns\": [1, -4, 50000, 100000,"
                   "100049]}]}, \"run_queue\": {\"rows\": [{\"from_ns\": 4, \"waits\": [-2, 7]}]}}",
                   0, NULL);
    json_t *block = heatmaps_block(heatmap);
    static const json_int_t wanted[] = {1, -4, 500, 1000, 1000};
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(cell(block, i), wanted[i], "cell %zu", i);
    const json_t *row = json_array_get(json_object_get(json_object_get(block, "on_cpu"), "rows"), 0);
    cr_expect_eq(json_integer_value(json_object_get(row, "cpu")), 3);
    cr_expect_null(json_object_get(row, "ns"));
    cr_expect_eq(json_integer_value(json_object_get(json_object_get(block, "on_cpu"), "full")), 1000);
    cr_expect(json_equal(json_object_get(block, "run_queue"), json_object_get(heatmap, "run_queue")));
    const json_t *kept = json_array_get(json_object_get(json_object_get(heatmap, "on_cpu"), "rows"), 0);
    cr_expect_not_null(json_object_get(kept, "ns"), "heatmap.json itself is as it was");
    json_decref(block);
    json_decref(heatmap);
}
