/*
 * Rows of counts over time in memory that is fixed when they are opened.
 *
 * All grids of a heat map share one time axis: GRID_COLUMNS columns of 2^shift ns each. Where a time lies
 * beyond the last column, each column takes in its neighbour and the columns become twice as wide, until
 * there is room; sums stay exact. So at least half of the columns are in use, but for the shortest spans.
 */
#ifndef RUNNER_HEATMAP_GRID_H
#define RUNNER_HEATMAP_GRID_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define GRID_COLUMNS  2048
#define GRID_ROWS_MAX 256

struct time_axis {
    bool begun;
    uint64_t start;   /* ns; where the first column begins. What is earlier counts in that column */
    uint32_t columns; /* up to the last one that was asked for */
    uint8_t shift;    /* a column is 1 << shift ns wide */
};

void axis_begin(struct time_axis *axis, uint64_t start);
bool axis_has(const struct time_axis *axis, uint64_t time);
/* Twice as wide: every grid on this axis must be halved then. */
void axis_double(struct time_axis *axis);
/* Column of a time that has one; it counts as used from then on. */
uint32_t axis_column(struct time_axis *axis, uint64_t time);

struct grid {
    uint64_t *cells; /* by row; untouched rows take no memory */
    bool used[GRID_ROWS_MAX];
};

/* 0 or -ENOMEM. `rows`: at most GRID_ROWS_MAX. */
int grid_open(struct grid *grid, uint32_t rows);
void grid_close(struct grid *grid);
/* The columns have become twice as wide. */
void grid_halve(struct grid *grid);
/* One more at a time that has a column. */
void grid_count(struct grid *grid, struct time_axis *axis, uint32_t row, uint64_t time);
/* Splits [start, end), which is not empty and whose last instant has a column, over the columns that it
   crosses. */
void grid_spread(struct grid *grid, struct time_axis *axis, uint32_t row, uint64_t start, uint64_t end);
uint64_t grid_row_sum(const struct grid *grid, uint32_t row);
/* The cells from the first column on; a negative number -n stands for n cells of 0, and zeros at the end are
   left out. */
json_t *grid_row_json(const struct grid *grid, uint32_t row);

#endif
