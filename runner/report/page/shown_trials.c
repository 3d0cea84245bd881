#include "runner/report/page/shown_trials.h"

#include <stdlib.h>

#include "runner/report/page/html.h"
#include "runner/support/fd.h"

static json_int_t longest_wait(const json_t *heatmap)
{
    const json_t *longest = json_object_get(json_object_get(heatmap, "run_queue"), "longest");
    return json_integer_value(json_object_get(longest, "to_ns")) -
           json_integer_value(json_object_get(longest, "from_ns"));
}

static void choose(struct shown_trial *shown)
{
    AUTO_FREE struct source_trial *trials = source_trials(shown->source, shown->demo, "observed", &shown->of);
    for (size_t i = 0; i < shown->of; i++) {
        json_t *heatmap = source_trial_json(shown->source, &trials[i], "heatmap.json");
        if (i == 0 ||
            (heatmap && (!shown->heatmap || longest_wait(heatmap) > longest_wait(shown->heatmap)))) {
            json_decref(shown->heatmap);
            shown->trial = trials[i];
            shown->heatmap = heatmap;
        } else {
            json_decref(heatmap);
        }
    }
}

void shown_trials_visit(const struct report *report,
                        void (*visit)(void *context, const struct shown_trial *shown), void *context)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct source *source = &report->sources[i];
        size_t place = 0;
        const char *name;
        json_t *demo;
        json_object_foreach (json_object_get(source->summary, "demos"), name, demo) {
            struct shown_trial shown = {.source = source, .demo = name, .bundle = i, .place = place++};
            choose(&shown);
            visit(context, &shown);
            json_decref(shown.heatmap);
        }
    }
}

struct headed {
    FILE *out;
    const struct report *report;
    void (*write)(FILE *out, const struct report *report, const struct shown_trial *shown);
};

static void write_headed(void *context, const struct shown_trial *shown)
{
    const struct headed *headed = context;
    html_put(headed->out, headed->report->count > 1 ? "<h3>%s (%s)</h3>\n" : "<h3>%s</h3>\n", shown->demo,
             source_name(shown->source));
    headed->write(headed->out, headed->report, shown);
}

void shown_trials_each(FILE *out, const struct report *report,
                       void (*write)(FILE *out, const struct report *report, const struct shown_trial *shown))
{
    struct headed headed = {out, report, write};
    shown_trials_visit(report, write_headed, &headed);
}

void shown_trial_block(const struct shown_trial *shown, const char *kind, char *id, size_t size)
{
    snprintf(id, size, "%s-%zu-%zu-%u", kind, shown->bundle, shown->place, shown->trial.number);
}
