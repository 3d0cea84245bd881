#include "runner/manifest/diagnostics.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "runner/manifest/utf8.h"
#include "runner/support/fd.h"

/* Characters of a line that are shown before the caret at most, and in all. */
#define SHOWN_BEFORE 60
#define SHOWN        100

void diagnostics_add(struct diagnostics *diagnostics, struct place place, const char *format, ...)
{
    if (diagnostics->count == DIAGNOSTICS_MAX) {
        diagnostics->dropped++;
        return;
    }
    if (!diagnostics->items)
        diagnostics->items = calloc(DIAGNOSTICS_MAX, sizeof *diagnostics->items);
    if (!diagnostics->items) {
        diagnostics->no_memory = true;
        return;
    }
    struct diagnostic *item = &diagnostics->items[diagnostics->count++];
    item->place = place;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(item->text, sizeof item->text, format, arguments);
    va_end(arguments);
}

/* Stable for equal places: entries keep the order in which they were found. */
static void sort_by_place(struct diagnostics *diagnostics)
{
    for (size_t i = 1; i < diagnostics->count; i++) {
        struct diagnostic moved = diagnostics->items[i];
        size_t to = i;
        for (; to > 0; to--) {
            const struct place *before = &diagnostics->items[to - 1].place;
            if (before->line < moved.place.line ||
                (before->line == moved.place.line && before->column <= moved.place.column))
                break;
            diagnostics->items[to] = diagnostics->items[to - 1];
        }
        diagnostics->items[to] = moved;
    }
}

/* A cursor over the lines of the source; the breaks are those of libyaml that diagnostics can meet. */
struct lines {
    const char *at, *end;
    size_t line;
};

static const char *line_end(const char *at, const char *end)
{
    while (at < end && *at != '\n' && *at != '\r')
        at++;
    return at;
}

static void move_to_line(struct lines *lines, size_t line)
{
    while (lines->line < line && lines->at < lines->end) {
        const char *at = line_end(lines->at, lines->end);
        if (at < lines->end)
            at += at[0] == '\r' && at + 1 < lines->end && at[1] == '\n' ? 2 : 1;
        lines->at = at;
        lines->line++;
    }
}

static void print_line(const char *at, const char *end, struct place place, FILE *out)
{
    size_t column = place.column ? place.column - 1 : 0;
    size_t from = column > SHOWN_BEFORE ? column - SHOWN_BEFORE : 0;
    size_t indent = from ? 3 : 0;
    size_t marked = 0;
    char piece[16];
    size_t columns;
    fputs(from ? "    ..." : "    ", out);
    for (size_t i = 0; at < end && i < from + SHOWN; i++) {
        at += utf8_show(at, end, piece, &columns);
        if (i < from)
            continue;
        fputs(piece, out);
        if (i < column)
            indent += columns;
        else if (i < column + place.length)
            marked += columns;
    }
    fprintf(out, "%s\n    %*s^", at < end ? "..." : "", (int)indent, "");
    for (size_t i = 1; i < marked; i++)
        fputc('~', out);
    fputc('\n', out);
}

static void print_item(const struct diagnostics *diagnostics, const struct diagnostic *item,
                       struct lines *lines, FILE *out)
{
    struct quote path;
    fprintf(out, "%s:%zu:%zu: error: %s\n", quote(&path, diagnostics->path, strlen(diagnostics->path)),
            item->place.line, item->place.column, item->text);
    move_to_line(lines, item->place.line);
    print_line(lines->at, line_end(lines->at, lines->end), item->place, out);
}

static struct lines lines_of(const struct diagnostics *diagnostics)
{
    const char *source = diagnostics->source ? diagnostics->source : "";
    return (struct lines){.at = source, .end = source + diagnostics->size, .line = 1};
}

void diagnostics_print(struct diagnostics *diagnostics, FILE *out)
{
    struct lines lines = lines_of(diagnostics);
    sort_by_place(diagnostics);
    for (size_t i = 0; i < diagnostics->count; i++)
        print_item(diagnostics, &diagnostics->items[i], &lines, out);
    if (diagnostics->dropped)
        fprintf(out, "... and %zu more errors; %d are shown\n", diagnostics->dropped, DIAGNOSTICS_MAX);
}

void diagnostics_text(struct diagnostics *diagnostics, char *text, size_t size)
{
    struct lines lines = lines_of(diagnostics);
    size_t used = 0;
    size_t i = 0;
    sort_by_place(diagnostics);
    text[0] = 0;
    for (; i < diagnostics->count; i++) {
        AUTO_FREE char *piece = NULL;
        size_t length = 0;
        FILE *memory = open_memstream(&piece, &length);
        if (!memory)
            break;
        print_item(diagnostics, &diagnostics->items[i], &lines, memory);
        if (fclose(memory) != 0 || used + length + sizeof "... and 00000000000000000000 more errors" > size)
            break;
        memcpy(text + used, piece, length + 1);
        used += length;
    }
    size_t missing = diagnostics->count - i + diagnostics->dropped;
    if (missing)
        snprintf(text + used, size - used, "... and %zu more errors", missing);
    else if (used)
        text[used - 1] = 0;
}

void diagnostics_list(struct diagnostics *diagnostics, json_t *list)
{
    struct quote path;
    const char *shown = quote(&path, diagnostics->path, strlen(diagnostics->path));
    sort_by_place(diagnostics);
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *item = &diagnostics->items[i];
        json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:s}", "file", shown, "line",
                                              (json_int_t)item->place.line, "column",
                                              (json_int_t)item->place.column, "message", item->text));
    }
}

void diagnostics_free(struct diagnostics *diagnostics)
{
    free(diagnostics->items);
    diagnostics->items = NULL;
    diagnostics->count = 0;
}
