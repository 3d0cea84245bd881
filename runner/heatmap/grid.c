#include "runner/heatmap/grid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* 1.024 us: a program that lives for 2 ms is as finely divided as any. */
#define FIRST_SHIFT 10

void axis_begin(struct time_axis *axis, uint64_t start)
{
    *axis = (struct time_axis){.begun = true, .start = start, .shift = FIRST_SHIFT};
}

static uint64_t since_start(const struct time_axis *axis, uint64_t time)
{
    return time > axis->start ? time - axis->start : 0;
}

bool axis_has(const struct time_axis *axis, uint64_t time)
{
    return since_start(axis, time) >> axis->shift < GRID_COLUMNS;
}

void axis_double(struct time_axis *axis)
{
    axis->shift++;
    axis->columns = (axis->columns + 1) / 2;
}

uint32_t axis_column(struct time_axis *axis, uint64_t time)
{
    uint32_t column = (uint32_t)(since_start(axis, time) >> axis->shift);
    if (column >= axis->columns)
        axis->columns = column + 1;
    return column;
}

int grid_open(struct grid *grid, uint32_t rows)
{
    *grid = (struct grid){0};
    /* The kernel gives the zeroed pages when they are touched. */
    grid->cells = calloc((size_t)rows * GRID_COLUMNS, sizeof *grid->cells);
    return grid->cells ? 0 : -ENOMEM;
}

void grid_close(struct grid *grid)
{
    free(grid->cells);
    *grid = (struct grid){0};
}

static uint64_t *cells_of(const struct grid *grid, uint32_t row)
{
    return grid->cells + (size_t)row * GRID_COLUMNS;
}

void grid_halve(struct grid *grid)
{
    for (uint32_t row = 0; row < GRID_ROWS_MAX; row++) {
        if (!grid->used[row])
            continue;
        uint64_t *cells = cells_of(grid, row);
        for (size_t i = 0; i < GRID_COLUMNS / 2; i++)
            cells[i] = cells[2 * i] + cells[2 * i + 1];
        memset(cells + GRID_COLUMNS / 2, 0, GRID_COLUMNS / 2 * sizeof *cells);
    }
}

void grid_count(struct grid *grid, struct time_axis *axis, uint32_t row, uint64_t time)
{
    grid->used[row] = true;
    cells_of(grid, row)[axis_column(axis, time)]++;
}

void grid_spread(struct grid *grid, struct time_axis *axis, uint32_t row, uint64_t start, uint64_t end)
{
    uint64_t *cells = cells_of(grid, row);
    uint32_t first = (uint32_t)(since_start(axis, start) >> axis->shift);
    uint32_t last = axis_column(axis, end - 1);
    grid->used[row] = true;
    for (uint32_t column = first; column < last; column++) {
        uint64_t edge = axis->start + ((uint64_t)(column + 1) << axis->shift);
        cells[column] += edge - start;
        start = edge;
    }
    cells[last] += end - start;
}

uint64_t grid_row_sum(const struct grid *grid, uint32_t row)
{
    uint64_t sum = 0;
    for (size_t i = 0; grid->used[row] && i < GRID_COLUMNS; i++)
        sum += cells_of(grid, row)[i];
    return sum;
}

/* JSON's integers are signed here: what is larger is shown as the largest one rather than as a run of zeros.
 */
static json_t *cell_json(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

json_t *grid_row_json(const struct grid *grid, uint32_t row)
{
    const uint64_t *cells = cells_of(grid, row);
    json_t *list = json_array();
    json_int_t zeros = 0;
    for (size_t i = 0; grid->used[row] && i < GRID_COLUMNS; i++) {
        if (cells[i] == 0) {
            zeros++;
            continue;
        }
        if (zeros)
            json_array_append_new(list, json_integer(-zeros));
        zeros = 0;
        json_array_append_new(list, cell_json(cells[i]));
    }
    return list;
}
