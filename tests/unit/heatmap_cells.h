/* Reads the rows of a heatmap.json as its header describes them. */
#ifndef TESTS_UNIT_HEATMAP_CELLS_H
#define TESTS_UNIT_HEATMAP_CELLS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define CELLS_MAX 2048

/* False where the row is no list of cells within that many columns. */
static inline bool cells_read(const json_t *row, uint64_t cells[CELLS_MAX])
{
    memset(cells, 0, CELLS_MAX * sizeof *cells);
    json_int_t column = 0;
    bool zero = true;
    for (size_t i = 0; i < json_array_size(row); i++) {
        json_int_t value = json_integer_value(json_array_get(row, i));
        if (column >= CELLS_MAX || value == 0)
            return false;
        zero = value < 0;
        if (zero)
            column -= value;
        else
            cells[column++] = (uint64_t)value;
    }
    return json_is_array(row) && (json_array_size(row) == 0 || !zero);
}

static inline const json_t *heatmap_rows(const json_t *heatmap, const char *map)
{
    return json_object_get(json_object_get(heatmap, map), "rows");
}

/* Sum of all cells of "on_cpu", "run_queue" or "throttled"; UINT64_MAX where a row cannot be read. */
static inline uint64_t heatmap_sum(const json_t *heatmap, const char *map)
{
    static uint64_t cells[CELLS_MAX];
    const json_t *rows = heatmap_rows(heatmap, map);
    uint64_t sum = 0;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const json_t *list = json_object_get(row, "ns");
        if (!cells_read(list ? list : json_object_get(row, "waits"), cells))
            return UINT64_MAX;
        for (size_t column = 0; column < CELLS_MAX; column++)
            sum += cells[column];
    }
    return sum;
}

static inline json_int_t heatmap_number(const json_t *heatmap, const char *map, const char *key)
{
    return json_integer_value(json_object_get(json_object_get(heatmap, map), key));
}

#endif
