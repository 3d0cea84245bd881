/*
 * Rows of cells that are printed in columns: the first to the left, the rest to the right, by display width.
 */
#ifndef RUNNER_REPORT_COLUMNS_H
#define RUNNER_REPORT_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define COLUMNS_CELLS     5
#define COLUMNS_CELL_SIZE 96

enum tone { TONE_PLAIN, TONE_TITLE, TONE_FAINT, TONE_GOOD, TONE_BAD };

struct columns_row {
    char cells[COLUMNS_CELLS][COLUMNS_CELL_SIZE];
    enum tone tone; /* of the last cell that holds text; of the whole row for a heading */
    bool heading;   /* only the first cell, and it does not widen its column */
};

struct columns {
    struct columns_row *rows;
    size_t count;
    bool failed;              /* memory was short: rows are missing */
    struct columns_row spare; /* what a row is written to then */
};

/* A new, empty row, valid until the next call; never NULL: where memory is short `failed` is set. */
struct columns_row *columns_add(struct columns *columns);
/* The last cell of a row stands to the left: it is a remark. */
void columns_print(const struct columns *columns, bool color, FILE *out);
void columns_free(struct columns *columns);

#endif
