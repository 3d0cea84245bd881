#include "runner/report/page/figures.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runner/report/page/heatmap_svg.h"
#include "runner/report/page/radars.h"
#include "runner/report/page/shown_trials.h"
#include "runner/report/page/svg.h"
#include "runner/store/files.h"

#define NAME_SIZE 128

struct figures {
    const struct report *report;
    int dir, result;
    FILE *names;
    struct error *error;
};

/* A figure is written to memory first, for not all of them can be drawn. */
struct drawing {
    char *text;
    size_t size;
    FILE *out;
};

static bool begin(struct figures *figures, struct drawing *drawing)
{
    *drawing = (struct drawing){0};
    drawing->out = open_memstream(&drawing->text, &drawing->size);
    if (!drawing->out)
        figures->result = error_set(figures->error, ERROR_INTERNAL, ENOMEM, "draw a figure");
    return drawing->out != NULL;
}

/* Writes what was drawn as a file; nothing where `drawn` is false. */
static void end(struct figures *figures, struct drawing *drawing, bool drawn, const char *name)
{
    char *file = NULL;
    size_t size = 0;
    bool whole = fclose(drawing->out) == 0;
    FILE *out = whole && drawn ? open_memstream(&file, &size) : NULL;
    if (out)
        svg_file(out, drawing->text);
    if (drawn && (!out || fclose(out) != 0))
        figures->result = error_set(figures->error, ERROR_INTERNAL, ENOMEM, "draw %s", name);
    else if (drawn)
        figures->result = file_write(figures->dir, name, file, size, figures->error);
    if (drawn && figures->result == 0)
        fprintf(figures->names, "%s\n", name);
    free(file);
    free(drawing->text);
}

/* A demo's name is a stranger's: letters, digits, "-" and "_" of it are kept. */
static void name_heatmap(const struct report *report, const struct shown_trial *shown, char name[NAME_SIZE])
{
    char demo[64];
    size_t used = 0;
    for (const char *at = shown->demo; *at && used + 1 < sizeof demo; at++)
        demo[used++] = isalnum((unsigned char)*at) || *at == '-' ? *at : '_';
    demo[used] = 0;
    if (report->count > 1)
        snprintf(name, NAME_SIZE, "heatmap-%zu-%s-%u.svg", shown->bundle + 1, demo, shown->trial.number);
    else
        snprintf(name, NAME_SIZE, "heatmap-%s-%u.svg", demo, shown->trial.number);
}

static void write_heatmap(void *context, const struct shown_trial *shown)
{
    struct figures *figures = context;
    struct drawing drawing;
    char name[NAME_SIZE], title[256];
    if (figures->result < 0 || !shown->heatmap || !begin(figures, &drawing))
        return;
    name_heatmap(figures->report, shown, name);
    snprintf(title, sizeof title, "%.160s, trial %u, over time", shown->demo, shown->trial.number);
    end(figures, &drawing, heatmap_svg(drawing.out, "heatmap", title, shown->heatmap), name);
}

int figures_write(const struct report *report, int dir, FILE *names, struct error *error)
{
    struct figures figures = {report, dir, 0, names, error};
    struct drawing drawing;
    char name[NAME_SIZE];
    if (begin(&figures, &drawing))
        end(&figures, &drawing, demo_radar_figure(drawing.out, report), "radar-demos.svg");
    for (size_t i = 0; i < report->count && figures.result == 0; i++) {
        if (!begin(&figures, &drawing))
            break;
        snprintf(name, sizeof name, report->count > 1 ? "radar-health-%zu.svg" : "radar-health.svg", i + 1);
        end(&figures, &drawing, health_radar_figure(drawing.out, report, i), name);
    }
    shown_trials_visit(report, write_heatmap, &figures);
    return figures.result;
}
