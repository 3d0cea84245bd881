/*
 * The verdicts of all facts in all combinations, as tables and as a run of tests.
 */
#ifndef TESTS_ACCURACY_MATRIX_H
#define TESTS_ACCURACY_MATRIX_H

#include <stdio.h>

#include "tests/accuracy/judge.h"

#define AXIS_MAX 32 /* values of version, linking, GOMAXPROCS, or names of programs */

/* The values of one axis, in the order of the columns. */
struct axis {
    const char *values[AXIS_MAX];
    size_t count;
};

struct cell {
    enum verdict verdict;
    double seen, truth;
    char note[96]; /* VERDICT_NONE: why there is nothing, unless that goes without saying; VERDICT_UNKNOWN:
                      what is missing */
};

struct matrix {
    const struct axis *versions, *linkings, *procs;
    struct row {
        const struct program *program;
        const struct fact *fact;
    } * rows;
    size_t row_count;
    struct cell *cells;
};

/* 0 or -ENOMEM. Rows of the programs whose `chosen` is set. */
int matrix_open(struct matrix *matrix, const bool *chosen, const struct axis *versions,
                const struct axis *linkings, const struct axis *procs);
void matrix_close(struct matrix *matrix);
struct cell *matrix_cell(const struct matrix *matrix, size_t row, size_t version, size_t linking,
                         size_t procs);

/* One table a linking: a row a fact, a column a version; a cell that is not the same for each GOMAXPROCS
   names it. Below, the reasons for what is not there. */
void matrix_print(const struct matrix *matrix, FILE *out);
size_t matrix_count(const struct matrix *matrix, enum verdict verdict);
/* One test a row, for scripts/check-results; a row that was nowhere to be had is left out. Returns how many
   failed; `tested`: how many there are. */
size_t matrix_tap(const struct matrix *matrix, FILE *out, size_t *tested);

#endif
