#include "runner/heatmap/grid.h"

#include <criterion/criterion.h>

#include "heatmap_cells.h"

#define BIN 1024

static struct time_axis axis;
static struct grid grid;

static void set_up(void)
{
    axis_begin(&axis, 5000);
    cr_assert_eq(grid_open(&grid, 4), 0);
}

static void tear_down(void)
{
    grid_close(&grid);
}

TestSuite(heatmap_grid, .init = set_up, .fini = tear_down);

static void expect_cells(uint32_t row, const uint64_t *wanted, size_t count)
{
    static uint64_t cells[CELLS_MAX];
    json_t *json = grid_row_json(&grid, row);
    cr_assert(cells_read(json, cells));
    for (size_t i = 0; i < CELLS_MAX; i++)
        cr_assert_eq(cells[i], i < count ? wanted[i] : 0, "column %zu holds %llu", i,
                     (unsigned long long)cells[i]);
    json_decref(json);
}

Test(heatmap_grid, an_interval_is_split_at_the_edges_of_columns)
{
    grid_spread(&grid, &axis, 0, 5000 + 1000, 5000 + 2 * BIN + 30);
    expect_cells(0, (uint64_t[]){24, BIN, 30}, 3);
    cr_assert_eq(axis.columns, 3);
    grid_spread(&grid, &axis, 0, 5000 + BIN, 5000 + 2 * BIN); /* up to an edge: nothing behind it */
    grid_spread(&grid, &axis, 0, 5000, 5001);
    expect_cells(0, (uint64_t[]){25, 2 * BIN, 30}, 3);
    cr_assert_eq(grid_row_sum(&grid, 0), 25 + 2 * BIN + 30);
    cr_assert_eq(grid_row_sum(&grid, 1), 0);
}

Test(heatmap_grid, an_interval_that_ends_at_an_edge_needs_no_further_column)
{
    grid_spread(&grid, &axis, 0, 5000 + 100, 5000 + BIN);
    cr_assert_eq(axis.columns, 1);
    grid_spread(&grid, &axis, 0, 5000 + (GRID_COLUMNS - 1) * BIN, 5000 + GRID_COLUMNS * BIN);
    cr_assert_eq(axis.columns, GRID_COLUMNS);
    cr_assert_eq(grid_row_sum(&grid, 0), BIN - 100 + BIN);
}

Test(heatmap_grid, what_is_earlier_than_the_axis_counts_in_its_first_column)
{
    grid_spread(&grid, &axis, 2, 100, 300);
    grid_spread(&grid, &axis, 2, 4000, 5000 + BIN + 7);
    grid_count(&grid, &axis, 3, 17);
    expect_cells(2, (uint64_t[]){200 + 1000 + BIN, 7}, 2);
    expect_cells(3, (uint64_t[]){1}, 1);
}

Test(heatmap_grid, columns_that_double_take_in_their_neighbours)
{
    uint64_t wanted[CELLS_MAX] = {0};
    for (uint64_t i = 0; i < GRID_COLUMNS; i++) {
        grid_spread(&grid, &axis, 0, 5000 + i * BIN, 5000 + i * BIN + 1 + i % 1000);
        grid_count(&grid, &axis, 1, 5000 + i * BIN);
        wanted[i / 2] += 1 + i % 1000;
    }
    uint64_t before = grid_row_sum(&grid, 0);
    cr_assert(axis_has(&axis, 5000 + GRID_COLUMNS * BIN - 1));
    cr_assert_not(axis_has(&axis, 5000 + GRID_COLUMNS * BIN));
    axis_double(&axis);
    grid_halve(&grid);
    cr_assert(axis_has(&axis, 5000 + GRID_COLUMNS * BIN));
    cr_assert_eq(axis.columns, GRID_COLUMNS / 2);
    expect_cells(0, wanted, GRID_COLUMNS / 2);
    cr_assert_eq(grid_row_sum(&grid, 0), before);
    cr_assert_eq(grid_row_sum(&grid, 1), GRID_COLUMNS);
    cr_assert_not(grid.used[2]);
}

Test(heatmap_grid, an_axis_reaches_to_the_end_of_all_times)
{
    axis_begin(&axis, 0);
    unsigned doublings = 0;
    for (; !axis_has(&axis, UINT64_MAX); doublings++) {
        axis_double(&axis);
        grid_halve(&grid);
    }
    cr_assert_eq(doublings, 43);
    grid_spread(&grid, &axis, 0, 0, UINT64_MAX);
    cr_assert_eq(axis.columns, GRID_COLUMNS);
    cr_assert_eq(grid_row_sum(&grid, 0), UINT64_MAX);
}

Test(heatmap_grid, runs_of_zeros_are_one_number)
{
    grid_count(&grid, &axis, 0, 5000 + 3 * BIN);
    grid_count(&grid, &axis, 0, 5000 + 10 * BIN);
    grid_count(&grid, &axis, 0, 5000 + 10 * BIN);
    grid_count(&grid, &axis, 0, 5000 + 11 * BIN);
    json_t *json = grid_row_json(&grid, 0);
    char *text = json_dumps(json, JSON_COMPACT);
    cr_assert_str_eq(text, "[-3,1,-6,2,1]");
    free(text);
    json_decref(json);
}
