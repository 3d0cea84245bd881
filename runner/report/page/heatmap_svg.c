#include "runner/report/page/heatmap_svg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/metrics/figure.h"
#include "runner/report/page/facts.h"
#include "runner/report/page/html.h"
#include "runner/report/page/svg.h"
#include "runner/support/fd.h"

#define COLUMNS_MOST 240  /* drawn */
#define CELLS_MOST   4096 /* read; a file has at most 2048 */
#define ROWS_MOST    300
#define LEFT         70.0
#define WIDTH        600.0
#define CPU_HEIGHT   12.0
#define WAIT_HEIGHT  6.0
#define LEVELS       5
#define GAP          34.0

/* What is drawn of a row: a value from 0 to 1 in each column. */
struct row {
    double values[COLUMNS_MOST];
    char label[48];
    double y, height;
};

struct map {
    struct row *rows;
    size_t count;
    size_t columns, shrunk; /* drawn; how many of the file each of them stands for */
    double bin_ns;
};

/* The largest of the cells that a column stands for. "-n" are n zeros. */
static void read_cells(const struct map *map, const json_t *cells, struct row *row)
{
    size_t index, at = 0;
    const json_t *cell;
    json_array_foreach (cells, index, cell) {
        json_int_t value = json_integer_value(cell);
        if (value < 0) {
            at += value < -CELLS_MOST ? CELLS_MOST : (size_t)-value;
            continue;
        }
        size_t column = at++ / map->shrunk;
        if (column >= map->columns)
            return;
        row->values[column] = fmax(row->values[column], (double)value);
    }
}

static struct row *next_row(struct map *map)
{
    struct row *row = map->count < ROWS_MOST ? &map->rows[map->count] : NULL;
    if (row) {
        *row = (struct row){0};
        map->count++;
    }
    return row;
}

/* Each column's share of the CPU. Returns where the panel ends. */
static double read_cpus(struct map *map, const json_t *heatmap, double y)
{
    size_t index;
    const json_t *cpu;
    json_array_foreach (json_object_get(json_object_get(heatmap, "on_cpu"), "rows"), index, cpu) {
        struct row *row = next_row(map);
        if (!row)
            break;
        read_cells(map, json_object_get(cpu, "ns"), row);
        for (size_t i = 0; i < map->columns; i++)
            row->values[i] /= map->bin_ns;
        snprintf(row->label, sizeof row->label, "CPU %lld",
                 (long long)json_integer_value(json_object_get(cpu, "cpu")));
        row->height = CPU_HEIGHT;
        row->y = y;
        y += CPU_HEIGHT + 2;
    }
    return y;
}

/* Waits are told in four steps to a factor of two; each step is a line, the longest wait on top. */
static double step_of(const json_t *wait)
{
    return floor(4 * log2(fmax(fact_number(wait, "from_ns"), 1)));
}

static double most_waits(const struct map *map, size_t first)
{
    double most = 0;
    for (size_t i = first; i < map->count; i++)
        for (size_t j = 0; j < map->columns; j++)
            most = fmax(most, map->rows[i].values[j]);
    return most;
}

static double read_waits(struct map *map, const json_t *heatmap, double y)
{
    const json_t *waits = json_object_get(json_object_get(heatmap, "run_queue"), "rows"), *wait;
    size_t index, first = map->count;
    double top = -1, bottom = 256;
    json_array_foreach (waits, index, wait) {
        top = fmax(top, step_of(wait));
        bottom = fmin(bottom, step_of(wait));
    }
    json_array_foreach (waits, index, wait) {
        struct row *row = next_row(map);
        if (!row)
            break;
        read_cells(map, json_object_get(wait, "waits"), row);
        figure_text(fact_number(wait, "from_ns"), "ns", row->label, sizeof row->label);
        row->height = WAIT_HEIGHT;
        row->y = y + (top - step_of(wait)) * WAIT_HEIGHT;
    }
    double most = most_waits(map, first);
    for (size_t i = first; i < map->count; i++) {
        bool named = fmod((map->rows[i].y - y) / WAIT_HEIGHT, 4) < 0.5;
        if (!named)
            map->rows[i].label[0] = 0;
        for (size_t j = 0; j < map->columns && most > 0; j++)
            map->rows[i].values[j] = log1p(map->rows[i].values[j]) / log1p(most);
    }
    return top < bottom ? y : y + (top - bottom + 1) * WAIT_HEIGHT;
}

static int level_of(double value)
{
    return value > 0 ? (int)fmin(ceil(value * LEVELS), LEVELS) : 0;
}

/* Neighbours of one level are one stroke. */
static void draw_row(FILE *out, const struct map *map, const struct row *row, int level)
{
    double width = WIDTH / (double)map->columns;
    for (size_t i = 0; i < map->columns; i++) {
        size_t from = i;
        while (i < map->columns && level_of(row->values[i]) == level)
            i++;
        if (i > from)
            html_put(out, "M%.1f %.1fh%.1f", LEFT + width * (double)from, row->y + row->height / 2,
                     width * (double)(i - from));
    }
}

static void draw_rows(FILE *out, const struct map *map, double height)
{
    for (int level = 1; level <= LEVELS; level++) {
        html_put(out, "<path class=\"heat h%d\" stroke-width=\"%.0f\" d=\"M0 0", level, height);
        for (size_t i = 0; i < map->count; i++)
            if (map->rows[i].height == height)
                draw_row(out, map, &map->rows[i], level);
        fputs("\"/>\n", out);
    }
    for (size_t i = 0; i < map->count; i++)
        if (map->rows[i].height == height && map->rows[i].label[0])
            html_put(out, "<text class=\"tick end\" x=\"%.0f\" y=\"%.1f\">%s</text>\n", LEFT - 6,
                     map->rows[i].y + height / 2 + 3.5, map->rows[i].label);
}

static void draw(FILE *out, const struct map *map, const char *id, const char *title, double cpus,
                 double waits)
{
    char end[48], bin[48];
    figure_text(map->bin_ns * (double)(map->columns * map->shrunk), "ns", end, sizeof end);
    figure_text(map->bin_ns, "ns", bin, sizeof bin);
    svg_begin(out, id, title, LEFT + WIDTH + 10, waits + 40);
    html_put(out, "<text x=\"%.0f\" y=\"14\">%s</text>\n", LEFT, title);
    html_put(out, "<text class=\"tick\" x=\"%.0f\" y=\"30\">share of each CPU that the trial had</text>\n",
             LEFT);
    draw_rows(out, map, CPU_HEIGHT);
    html_put(
        out,
        "<text class=\"tick\" x=\"%.0f\" y=\"%.0f\">threads that got a CPU after waiting so long</text>\n",
        LEFT, cpus + GAP - 18);
    draw_rows(out, map, WAIT_HEIGHT);
    html_put(out, "<text class=\"tick\" x=\"%.0f\" y=\"%.0f\">0</text>\n", LEFT, waits + 14);
    html_put(out, "<text class=\"tick end\" x=\"%.0f\" y=\"%.0f\">%s</text>\n", LEFT + WIDTH, waits + 14,
             end);
    if (map->shrunk > 1)
        html_put(
            out,
            "<text class=\"tick\" x=\"%.0f\" y=\"%.0f\">each column is the largest of %zu of %s</text>\n",
            LEFT, waits + 30, map->shrunk, bin);
    svg_end(out);
}

bool heatmap_svg(FILE *out, const char *id, const char *title, const json_t *heatmap)
{
    double columns = fact_number(heatmap, "columns"), bin = fact_number(heatmap, "bin_ns");
    if (!(columns >= 1 && columns <= CELLS_MOST && bin >= 1)) /* nor NAN */
        return false;
    struct map map = {.rows = calloc(ROWS_MOST, sizeof *map.rows), .bin_ns = bin};
    if (!map.rows)
        return false;
    map.shrunk = ((size_t)columns + COLUMNS_MOST - 1) / COLUMNS_MOST;
    map.columns = ((size_t)columns + map.shrunk - 1) / map.shrunk;
    double cpus = read_cpus(&map, heatmap, 36), waits = read_waits(&map, heatmap, cpus + GAP - 12);
    if (map.count)
        draw(out, &map, id, title, cpus, waits);
    free(map.rows);
    return map.count > 0;
}
