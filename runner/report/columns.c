#include "runner/report/columns.h"

#include <stdlib.h>
#include <string.h>

#include "runner/report/text.h"

struct columns_row *columns_add(struct columns *columns)
{
    struct columns_row *rows = reallocarray(columns->rows, columns->count + 1, sizeof *rows);
    if (!rows) {
        columns->failed = true;
        memset(&columns->spare, 0, sizeof columns->spare);
        return &columns->spare;
    }
    columns->rows = rows;
    struct columns_row *row = &rows[columns->count++];
    memset(row, 0, sizeof *row);
    return row;
}

void columns_free(struct columns *columns)
{
    free(columns->rows);
    *columns = (struct columns){0};
}

static const char *start_of(enum tone tone)
{
    static const char *const codes[] = {
        [TONE_PLAIN] = "",        [TONE_TITLE] = "\033[1m", [TONE_FAINT] = "\033[2m",
        [TONE_GOOD] = "\033[32m", [TONE_BAD] = "\033[31m",
    };
    return codes[tone];
}

static void print_toned(const char *text, enum tone tone, bool color, FILE *out)
{
    bool toned = color && tone != TONE_PLAIN;
    fprintf(out, "%s%s%s", toned ? start_of(tone) : "", text, toned ? "\033[0m" : "");
}

static void print_row(const struct columns_row *row, const size_t *widths, bool color, FILE *out)
{
    size_t last = 0;
    for (size_t i = 0; i < COLUMNS_CELLS; i++)
        if (row->cells[i][0])
            last = i;
    for (size_t i = 0; i <= last; i++) {
        const char *cell = row->cells[i];
        bool to_the_left = i == 0 || i == COLUMNS_CELLS - 1;
        int pad = (int)(widths[i] > text_width(cell) ? widths[i] - text_width(cell) : 0);
        if (i > 0)
            fputs("  ", out);
        if (!to_the_left)
            fprintf(out, "%*s", pad, "");
        print_toned(cell, i == last ? row->tone : TONE_PLAIN, color, out);
        if (to_the_left && i < last)
            fprintf(out, "%*s", pad, "");
    }
    fputc('\n', out);
}

void columns_print(const struct columns *columns, bool color, FILE *out)
{
    size_t widths[COLUMNS_CELLS] = {0};
    for (size_t i = 0; i < columns->count; i++) {
        for (size_t j = 0; j < COLUMNS_CELLS; j++) {
            size_t width = text_width(columns->rows[i].cells[j]);
            if (width > widths[j] && !columns->rows[i].heading)
                widths[j] = width;
        }
    }
    for (size_t i = 0; i < columns->count; i++)
        print_row(&columns->rows[i], widths, color, out);
}
