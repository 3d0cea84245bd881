#include "runner/summary/summary.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/summary/trials.h"

struct summary *summary_create(const char *experiment, const char *baseline)
{
    struct summary *summary = calloc(1, sizeof *summary);
    if (!summary)
        return NULL;
    summary->experiment = strdup(experiment);
    summary->baseline = strdup(baseline);
    if (summary->experiment && summary->baseline)
        return summary;
    summary_free(summary);
    return NULL;
}

void summary_free(struct summary *summary)
{
    if (!summary)
        return;
    for (size_t i = 0; i < summary->demo_count; i++) {
        for (size_t j = 0; j < summary->demos[i].count; j++) {
            free(summary->demos[i].trials[j].verdict);
            json_decref(summary->demos[i].trials[j].findings);
            json_decref(summary->demos[i].trials[j].not_looked_for);
        }
        free(summary->demos[i].trials);
        free(summary->demos[i].name);
    }
    free(summary->demos);
    free(summary->experiment);
    free(summary->baseline);
    free(summary);
}

static struct kept_demo *want_demo(struct summary *summary, const char *name)
{
    for (size_t i = 0; i < summary->demo_count; i++)
        if (strcmp(summary->demos[i].name, name) == 0)
            return &summary->demos[i];
    struct kept_demo *demos = reallocarray(summary->demos, summary->demo_count + 1, sizeof *demos);
    if (!demos)
        return NULL;
    summary->demos = demos;
    char *copy = strdup(name);
    if (!copy)
        return NULL;
    demos[summary->demo_count] = (struct kept_demo){.name = copy};
    return &demos[summary->demo_count++];
}

/* Fills all but the verdict. */
static void keep(const struct summary_trial *trial, struct kept_trial *kept)
{
    *kept = (struct kept_trial){
        .role = trial->role,
        .number = trial->number,
        .expected = trial->expected,
        .load_invalid = trial->load_invalid,
        .findings = json_incref(trial->findings),
        .not_looked_for = json_incref(trial->not_looked_for),
        .event_count = trial->event_count,
        .event_bytes = trial->event_bytes,
        .duration_ns = trial->duration_ns,
    };
    for (size_t i = 0; i < METRIC_ID_COUNT; i++) {
        const struct metric_value *value = &trial->metrics->values[i];
        bool spread = value->known && !trial->load_invalid && value->histogram.count > 0;
        kept->values[i] = (struct kept_value){
            .known = value->known && !trial->load_invalid,
            .lossy = value->lossy,
            .value = value->value,
            .p99 = spread ? (double)histogram_quantile(&value->histogram, 0.99) : NAN,
            .lost = value->lost,
            .reason = value->known && trial->load_invalid ? "load_invalid" : value->reason,
        };
    }
    for (size_t i = 0; bounds_at(i) && !trial->load_invalid; i++) {
        struct breach breach = {0};
        enum bound_state state = bound_judge(bounds_at(i), trial->metrics, &breach);
        kept->bounds[i] = (struct kept_bound){state, breach.lossy, breach.value, breach.limit};
    }
}

int summary_add_trial(struct summary *summary, const struct summary_trial *trial)
{
    if (trial->role == ROLE_WARMUP)
        return 0;
    struct kept_demo *demo = want_demo(summary, trial->demo);
    if (!demo)
        return -ENOMEM;
    struct kept_trial *trials = reallocarray(demo->trials, demo->count + 1, sizeof *trials);
    if (!trials)
        return -ENOMEM;
    demo->trials = trials;
    char *verdict = strdup(trial->verdict);
    if (!verdict)
        return -ENOMEM;
    size_t place = demo->count++;
    for (; place > 0 && trials[place - 1].number > trial->number; place--)
        trials[place] = trials[place - 1];
    keep(trial, &trials[place]);
    trials[place].verdict = verdict;
    return 0;
}
