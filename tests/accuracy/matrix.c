#include "tests/accuracy/matrix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEXT 160

static size_t cell_count(const struct matrix *matrix)
{
    return matrix->row_count * matrix->versions->count * matrix->linkings->count * matrix->procs->count;
}

int matrix_open(struct matrix *matrix, const bool *chosen, const struct axis *versions,
                const struct axis *linkings, const struct axis *procs)
{
    *matrix = (struct matrix){.versions = versions, .linkings = linkings, .procs = procs};
    matrix->rows = calloc(program_count * fact_count, sizeof *matrix->rows);
    for (size_t i = 0; matrix->rows && i < program_count; i++)
        for (size_t j = 0; chosen[i] && j < fact_count; j++)
            if (fact_of(&facts[j], &programs[i]))
                matrix->rows[matrix->row_count++] = (struct row){&programs[i], &facts[j]};
    matrix->cells = calloc(cell_count(matrix) + 1, sizeof *matrix->cells);
    if (matrix->rows && matrix->cells)
        return 0;
    matrix_close(matrix);
    return -ENOMEM;
}

void matrix_close(struct matrix *matrix)
{
    free(matrix->rows);
    free(matrix->cells);
    *matrix = (struct matrix){0};
}

struct cell *matrix_cell(const struct matrix *matrix, size_t row, size_t version, size_t linking,
                         size_t procs)
{
    size_t index = (row * matrix->versions->count + version) * matrix->linkings->count + linking;
    return &matrix->cells[index * matrix->procs->count + procs];
}

static void cell_text(const struct cell *cell, char *text, size_t size)
{
    switch (cell->verdict) {
    case VERDICT_NONE:
        snprintf(text, size, "-");
        break;
    case VERDICT_OK:
        snprintf(text, size, "ok");
        break;
    case VERDICT_LOSSY:
        snprintf(text, size, "lossy %.0f/%.0f", cell->seen, cell->truth);
        break;
    case VERDICT_MISS:
        snprintf(text, size, "MISS %.0f/%.0f", cell->seen, cell->truth);
        break;
    case VERDICT_UNKNOWN:
        snprintf(text, size, "MISS %s", cell->note);
        break;
    }
}

/* All values of GOMAXPROCS in one text: one word where they agree. */
static void join_procs(const struct matrix *matrix, size_t row, size_t version, size_t linking, char *text,
                       size_t size)
{
    char first[TEXT], next[TEXT];
    bool alike = true;
    size_t count = matrix->rows[row].program->language == LANGUAGE_C ? 1 : matrix->procs->count;
    cell_text(matrix_cell(matrix, row, version, linking, 0), first, sizeof first);
    for (size_t p = 1; p < count; p++) {
        cell_text(matrix_cell(matrix, row, version, linking, p), next, sizeof next);
        alike &= strcmp(first, next) == 0;
    }
    snprintf(text, size, "%s", alike ? first : "");
    for (size_t p = 0, used = 0; !alike && p < matrix->procs->count && used < size; p++) {
        cell_text(matrix_cell(matrix, row, version, linking, p), next, sizeof next);
        used += (size_t)snprintf(text + used, size - used, "%sP%s %s", p ? ", " : "",
                                 matrix->procs->values[p], next);
    }
}

static int most(int a, size_t b)
{
    return a > (int)b ? a : (int)b;
}

static void row_text(const struct row *row, char *text, size_t size)
{
    snprintf(text, size, "%s: %s", row->program->mode, row->fact->name);
}

/* A table has the versions and programs of one language. */
static bool has_column(const struct matrix *matrix, size_t version, enum language language)
{
    return (strcmp(matrix->versions->values[version], VERSION_C) == 0) == (language == LANGUAGE_C);
}

static void print_row(const struct matrix *matrix, size_t row, size_t linking, const int *widths, FILE *out)
{
    char text[AXIS_MAX * TEXT];
    for (size_t v = 0; v < matrix->versions->count; v++) {
        if (!has_column(matrix, v, matrix->rows[row].program->language))
            continue;
        join_procs(matrix, row, v, linking, text, sizeof text);
        fprintf(out, "  %-*s", widths[v], text);
    }
}

static void print_table(const struct matrix *matrix, size_t linking, enum language language, FILE *out)
{
    char text[AXIS_MAX * TEXT];
    int first = 8, widths[AXIS_MAX];
    for (size_t v = 0; v < matrix->versions->count; v++)
        widths[v] = most(4, strlen(matrix->versions->values[v]));
    for (size_t row = 0; row < matrix->row_count; row++) {
        if (matrix->rows[row].program->language != language)
            continue;
        row_text(&matrix->rows[row], text, sizeof text);
        first = most(first, strlen(text));
        for (size_t v = 0; v < matrix->versions->count; v++) {
            join_procs(matrix, row, v, linking, text, sizeof text);
            widths[v] = most(widths[v], strlen(text));
        }
    }
    fprintf(out, "\n%-*s", first, language == LANGUAGE_C ? "" : matrix->linkings->values[linking]);
    for (size_t v = 0; v < matrix->versions->count; v++)
        if (has_column(matrix, v, language))
            fprintf(out, "  %-*s", widths[v], matrix->versions->values[v]);
    for (size_t row = 0; row < matrix->row_count; row++) {
        if (matrix->rows[row].program->language != language)
            continue;
        row_text(&matrix->rows[row], text, sizeof text);
        fprintf(out, "\n%-*s", first, text);
        print_row(matrix, row, linking, widths, out);
    }
    fputc('\n', out);
}

static bool has_table(const struct matrix *matrix, enum language language)
{
    bool rows = false, columns = false;
    for (size_t row = 0; row < matrix->row_count; row++)
        rows |= matrix->rows[row].program->language == language;
    for (size_t v = 0; v < matrix->versions->count; v++)
        columns |= has_column(matrix, v, language);
    return rows && columns;
}

static size_t count_in_row(const struct matrix *matrix, size_t row, enum verdict verdict, const char **note)
{
    size_t each = cell_count(matrix) / matrix->row_count, count = 0;
    for (size_t i = 0; i < each; i++) {
        const struct cell *cell = &matrix->cells[row * each + i];
        count += cell->verdict == verdict;
        if (cell->verdict == verdict && note && cell->note[0])
            *note = cell->note;
    }
    return count;
}

static void print_notes(const struct matrix *matrix, FILE *out)
{
    char text[TEXT];
    fputs("\n", out);
    for (size_t row = 0; row < matrix->row_count; row++) {
        const struct fact *fact = matrix->rows[row].fact;
        const char *note = NULL;
        row_text(&matrix->rows[row], text, sizeof text);
        count_in_row(matrix, row, VERDICT_NONE, &note);
        if (note)
            fprintf(out, "- %s: %s\n", text, note);
        if (fact->tolerance &&
            count_in_row(matrix, row, VERDICT_NONE, NULL) < cell_count(matrix) / matrix->row_count)
            fprintf(out, "~ %s: not exact: %s\n", text, fact->tolerance);
    }
}

void matrix_print(const struct matrix *matrix, FILE *out)
{
    for (size_t linking = 0; has_table(matrix, LANGUAGE_GO) && linking < matrix->linkings->count; linking++)
        print_table(matrix, linking, LANGUAGE_GO, out);
    if (has_table(matrix, LANGUAGE_C))
        print_table(matrix, 0, LANGUAGE_C, out);
    print_notes(matrix, out);
}

size_t matrix_count(const struct matrix *matrix, enum verdict verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < cell_count(matrix); i++)
        count += matrix->cells[i].verdict == verdict;
    return count;
}

size_t matrix_tap(const struct matrix *matrix, FILE *out, size_t *tested)
{
    size_t failed = 0;
    *tested = 0;
    for (size_t row = 0; row < matrix->row_count; row++) {
        char name[TEXT];
        size_t bad =
            count_in_row(matrix, row, VERDICT_MISS, NULL) + count_in_row(matrix, row, VERDICT_UNKNOWN, NULL);
        size_t good =
            count_in_row(matrix, row, VERDICT_OK, NULL) + count_in_row(matrix, row, VERDICT_LOSSY, NULL);
        if (bad + good == 0)
            continue;
        row_text(&matrix->rows[row], name, sizeof name);
        for (char *c = name; *c; c++)
            *c = *c == ' ' || *c == ':' || *c == ',' ? '_' : *c;
        if (out)
            fprintf(out, "%sok - accuracy_matrix::%s\n", bad ? "not " : "", name);
        failed += bad > 0;
        *tested += 1;
    }
    return failed;
}
