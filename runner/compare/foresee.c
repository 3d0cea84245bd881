#include "runner/compare/foresee.h"

#include <math.h>
#include <string.h>

#include "runner/compare/compare.h"
#include "runner/compare/words.h"
#include "runner/stats/inference.h"

#define ALPHA (1 - COMPARE_LEVEL)

/* Groups of metrics that are there only where the manifest asks for them. */
static bool planned(const struct experiment *experiment, const struct metric_info *info)
{
    const struct {
        const char *prefix;
        bool there;
    } groups[] = {
        {"load.", experiment->load.kind == LOAD_HTTP}, {"window.", experiment->load.kind != LOAD_NONE},
        {"work.", experiment->load.kind != LOAD_NONE}, {"net.", experiment->probes.net},
        {"sched.", experiment->probes.sched},          {"goroutines.", experiment->probes.go >= GO_CORE},
        {"gc.", experiment->probes.go >= GO_CORE},     {"go.", experiment->probes.go >= GO_COUNTERS},
        {"timers.", experiment->probes.go == GO_FULL}, {"syscalls", experiment->probes.go == GO_FULL},
    };
    const struct trial_counts *trials = &experiment->trials;
    if ((info->trials == METRIC_BARE ? trials->bare : trials->observed) == 0)
        return false;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (strncmp(info->name, groups[i].prefix, strlen(groups[i].prefix)) == 0)
            return groups[i].there;
    return true;
}

/* Figures of the family, and their weights, as compare.h has them. */
struct family {
    unsigned tests;
    double weights;
};

static struct family family_of(const struct experiment *experiment)
{
    struct family family = {0};
    for (unsigned id = 0; id < METRIC_ID_COUNT; id++) {
        const struct metric_info *info = metric_info((enum metric_id)id);
        unsigned rows = !planned(experiment, info) ? 0 : info->distribution ? 2 : 1;
        rows *= (unsigned)(experiment->demo_count - 1);
        family.tests += rows;
        family.weights += rows * (info->headline ? HEADLINE_WEIGHT : 1.0);
    }
    return family;
}

/* Standard deviation of the logarithms within the demos, pooled; NAN: it cannot be told. */
static double spread_in(const struct measured *former, enum metric_id id)
{
    double squares = 0, freedom = 0;
    for (size_t i = 0; i < former->demo_count; i++) {
        const struct sample *sample = measured_sample(&former->demos[i], id, PART_VALUE);
        double mean = 0;
        bool positive = sample->n > 1;
        for (unsigned j = 0; j < sample->n; j++) {
            positive &= sample->known[j] > 0;
            mean += positive ? log(sample->known[j]) / sample->n : 0;
        }
        for (unsigned j = 0; positive && j < sample->n; j++)
            squares += (log(sample->known[j]) - mean) * (log(sample->known[j]) - mean);
        freedom += positive ? sample->n - 1 : 0;
    }
    return freedom > 0 ? sqrt(squares / freedom) : NAN;
}

/* "from 12% on" */
static void print_least(double shift, double spread, FILE *out)
{
    char least[24], varies[24];
    words_percent(exp(shift * spread) - 1, least, sizeof least);
    words_percent(spread, varies, sizeof varies);
    fprintf(out, "differences from %s on, where trials of a demo vary by %s", least, varies);
}

static void print_role(const struct experiment *experiment, const struct measured *former,
                       const struct family *family, enum metric_trials role, FILE *out)
{
    unsigned n = role == METRIC_BARE ? experiment->trials.bare : experiment->trials.observed;
    const char *name = role == METRIC_BARE ? "bare" : "observed";
    double alpha = ALPHA * HEADLINE_WEIGHT / family->weights;
    double shift = n ? stats_detectable_effect(n, n, alpha) : NAN;
    bool any = false;
    if (!n)
        return;
    if (!isfinite(shift)) {
        unsigned needed = n;
        while (needed < 1000 && stats_smallest_p(needed, needed) > alpha)
            needed++;
        fprintf(out, "  %s, %u trials a demo: too few to show any difference; %u could\n", name, n, needed);
        return;
    }
    for (unsigned id = 0; former && id < METRIC_ID_COUNT; id++) {
        const struct metric_info *info = metric_info((enum metric_id)id);
        double spread = info->trials == role && info->headline ? spread_in(former, info->id) : NAN;
        if (!planned(experiment, info) || !(spread > 0))
            continue;
        fprintf(out, "  %s, %u trials a demo: %s: ", name, n, info->name);
        print_least(shift, spread, out);
        fprintf(out, " (measured in %s)\n", former->label);
        any = true;
    }
    if (any)
        return;
    fprintf(out, "  %s, %u trials a demo: ", name, n);
    print_least(shift, FORESEE_SPREAD, out);
    fputs(" (assumed)\n", out);
}

/* A gate asks for an interval at a level that so few trials may not give. */
static void print_gate(const struct experiment *experiment, const struct gate *gate, double level, FILE *out)
{
    char text[256];
    unsigned n = !gate->metric                                  ? 0
                 : metric_info(gate->id)->trials == METRIC_BARE ? experiment->trials.bare
                                                                : experiment->trials.observed;
    unsigned needed = 1;
    if (gate->against)
        while (needed < 1000 && stats_smallest_p(needed, needed) > 1 - level)
            needed++;
    else if (gate->metric && gate->of == GATE_OF_MEDIAN)
        while (2 * exp2(-(double)needed) > 1 - level)
            needed++;
    gate_text(gate, text, sizeof text);
    if (gate->metric && n < needed)
        fprintf(out, "  gate %s: can never be decided with %u trials; it takes %u\n", text, n, needed);
}

void foresee_print(const struct experiment *experiment, const struct measured *former, FILE *out)
{
    struct family family = family_of(experiment);
    size_t asked = 0;
    for (size_t i = 0; i < experiment->gate_count; i++) {
        const struct gate *gate = &experiment->gates[i];
        asked += gate->demo ? 1 : experiment->demo_count - (gate->against ? 1 : 0);
    }
    if (family.tests) {
        fprintf(out,
                "what it can show (in 4 of 5 such experiments; up to %u figures tested together at 5%%):\n",
                family.tests);
        print_role(experiment, former, &family, METRIC_BARE, out);
        print_role(experiment, former, &family, METRIC_OBSERVED, out);
    }
    for (size_t i = 0; i < experiment->gate_count; i++)
        print_gate(experiment, &experiment->gates[i], 1 - ALPHA / (double)asked, out);
}
