#include "runner/compare/causes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/compare/words.h"
#include "runner/metrics/figure.h"

#define CAUSES_TOLD  3
#define LEAST_CHANGE 0.05 /* of a cause; what moved less explains little */

/* A row a pair of effect and cause; +1: more of the cause makes more of the effect. */
static const struct link {
    enum metric_id effect, cause;
    int sign;
} links[] = {
    {METRIC_TIME_WALL, METRIC_CPU_THROTTLED, 1},
    {METRIC_TIME_WALL, METRIC_GO_ALLOC, 1},
    {METRIC_TIME_WALL, METRIC_GO_GC_COUNT, 1},
    {METRIC_TIME_WALL, METRIC_GC_COUNT, 1},
    {METRIC_TIME_WALL, METRIC_GO_GOROUTINES_CREATED, 1},
    {METRIC_TIME_WALL, METRIC_GOROUTINES_CREATED, 1},
    {METRIC_TIME_WALL, METRIC_GOROUTINES_PARKS, 1},
    {METRIC_TIME_WALL, METRIC_SCHED_RUN_QUEUE_LATENCY, 1},
    {METRIC_TIME_WALL, METRIC_GO_SYSCALLS, 1},
    {METRIC_TIME_WALL, METRIC_SYSCALLS, 1},
    {METRIC_TIME_WALL, METRIC_IO_READ, 1},
    {METRIC_TIME_WALL, METRIC_IO_WRITE, 1},
    {METRIC_CPU_TIME, METRIC_GO_ALLOC, 1},
    {METRIC_CPU_TIME, METRIC_GO_GC_COUNT, 1},
    {METRIC_CPU_TIME, METRIC_GC_COUNT, 1},
    {METRIC_CPU_TIME, METRIC_GO_SCHEDULES, 1},
    {METRIC_CPU_TIME, METRIC_GO_GOROUTINES_CREATED, 1},
    {METRIC_CPU_TIME, METRIC_GOROUTINES_CREATED, 1},
    {METRIC_CPU_TIME, METRIC_GOROUTINES_PARKS, 1},
    {METRIC_CPU_TIME, METRIC_GOROUTINES_YIELDS, 1},
    {METRIC_CPU_TIME, METRIC_SCHED_SWITCHES, 1},
    {METRIC_CPU_TIME, METRIC_GO_SYSCALLS, 1},
    {METRIC_CPU_TIME, METRIC_SYSCALLS, 1},
    {METRIC_CPU_TIME, METRIC_TIMERS_MADE, 1},
    {METRIC_WORK_CPU_PER_UNIT, METRIC_GO_ALLOC, 1},
    {METRIC_WORK_CPU_PER_UNIT, METRIC_GO_GC_COUNT, 1},
    {METRIC_WORK_CPU_PER_UNIT, METRIC_GC_COUNT, 1},
    {METRIC_WORK_CPU_PER_UNIT, METRIC_GO_GOROUTINES_CREATED, 1},
    {METRIC_WORK_CPU_PER_UNIT, METRIC_GOROUTINES_CREATED, 1},
    {METRIC_WORK_CPU_PER_UNIT, METRIC_GOROUTINES_PARKS, 1},
    {METRIC_WORK_CPU_PER_UNIT, METRIC_SCHED_SWITCHES, 1},
    {METRIC_WORK_CPU_PER_UNIT, METRIC_GO_SYSCALLS, 1},
    {METRIC_WORK_CPU_PER_UNIT, METRIC_SYSCALLS, 1},
    {METRIC_WORK_CPU_PER_UNIT, METRIC_TIMERS_MADE, 1},
    {METRIC_WINDOW_CPU_TIME, METRIC_GO_ALLOC, 1},
    {METRIC_WINDOW_CPU_TIME, METRIC_GO_GC_COUNT, 1},
    {METRIC_WINDOW_CPU_TIME, METRIC_GC_COUNT, 1},
    {METRIC_WINDOW_CPU_TIME, METRIC_GO_GOROUTINES_CREATED, 1},
    {METRIC_WINDOW_CPU_TIME, METRIC_GOROUTINES_CREATED, 1},
    {METRIC_WINDOW_CPU_TIME, METRIC_SCHED_SWITCHES, 1},
    {METRIC_MEMORY_PEAK, METRIC_GOROUTINES_PEAK, 1},
    {METRIC_MEMORY_PEAK, METRIC_GOROUTINES_LEAKED, 1},
    {METRIC_MEMORY_PEAK, METRIC_GO_HEAP_PEAK, 1},
    {METRIC_MEMORY_PEAK, METRIC_GC_HEAP_GOAL, 1},
    {METRIC_MEMORY_PEAK, METRIC_MEMORY_ANON, 1},
    {METRIC_MEMORY_PEAK, METRIC_MEMORY_FILE, 1},
    {METRIC_MEMORY_PEAK, METRIC_MEMORY_KERNEL, 1},
    {METRIC_MEMORY_PEAK, METRIC_GO_THREADS, 1},
    {METRIC_MEMORY_PEAK, METRIC_SCHED_THREADS_PEAK, 1},
    {METRIC_LOAD_LATENCY_DUE, METRIC_CPU_THROTTLED, 1},
    {METRIC_LOAD_LATENCY_DUE, METRIC_WORK_CPU_PER_UNIT, 1},
    {METRIC_LOAD_LATENCY_DUE, METRIC_GO_ALLOC, 1},
    {METRIC_LOAD_LATENCY_DUE, METRIC_GO_GC_COUNT, 1},
    {METRIC_LOAD_LATENCY_DUE, METRIC_GC_COUNT, 1},
    {METRIC_LOAD_LATENCY_DUE, METRIC_GOROUTINES_WAKE_LATENCY, 1},
    {METRIC_LOAD_LATENCY_DUE, METRIC_SCHED_RUN_QUEUE_LATENCY, 1},
    {METRIC_LOAD_LATENCY_DUE, METRIC_LOAD_CONNECTIONS_MOST, 1},
    {METRIC_LOAD_ERRORS, METRIC_CPU_THROTTLED, 1},
    {METRIC_LOAD_ERRORS, METRIC_WORK_CPU_PER_UNIT, 1},
    {METRIC_LOAD_ERRORS, METRIC_LOAD_CONNECTIONS_MOST, 1},
    {METRIC_LOAD_RATE_ACHIEVED, METRIC_WORK_CPU_PER_UNIT, -1},
    {METRIC_LOAD_RATE_ACHIEVED, METRIC_CPU_THROTTLED, -1},
    {METRIC_LOAD_KNEE_RATE, METRIC_WORK_CPU_PER_UNIT, -1},
    {METRIC_CPU_THROTTLED, METRIC_CPU_TIME, 1},
    {METRIC_GOROUTINES_WAKE_LATENCY, METRIC_SCHED_RUN_QUEUE_LATENCY, 1},
    {METRIC_GOROUTINES_WAKE_LATENCY, METRIC_GOROUTINES_PEAK, 1},
    {METRIC_GOROUTINES_WAKE_LATENCY, METRIC_GC_COUNT, 1},
    {METRIC_SCHED_RUN_QUEUE_LATENCY, METRIC_SCHED_THREADS_PEAK, 1},
};

/* What bare trials know need not be told once more from observed ones. */
static const struct {
    enum metric_id observed, bare;
} twins[] = {
    {METRIC_GC_COUNT, METRIC_GO_GC_COUNT},      {METRIC_GOROUTINES_CREATED, METRIC_GO_GOROUTINES_CREATED},
    {METRIC_SYSCALLS, METRIC_GO_SYSCALLS},      {METRIC_SCHED_THREADS_PEAK, METRIC_GO_THREADS},
    {METRIC_GC_HEAP_GOAL, METRIC_GO_HEAP_PEAK},
};

static bool told_by_twin(const struct pair *pair, enum metric_id metric)
{
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++) {
        const struct row *bare =
            twins[i].observed == metric ? pair_row(pair, twins[i].bare, PART_VALUE) : NULL;
        if (bare && bare->test.kind != EFFECT_NONE)
            return true;
    }
    return false;
}

/* -1: down, 1: up, 0: not sure, or by little. */
static int moved(const struct row *row)
{
    const struct two_samples *test = &row->test;
    if (row->weight <= 0 || !(test->interval.level > 0))
        return 0;
    double same = test->kind == EFFECT_RATIO ? 1 : 0;
    bool small = test->kind == EFFECT_RATIO && fabs(log(test->effect)) < LEAST_CHANGE;
    if (small || (test->interval.low <= same && test->interval.high >= same))
        return 0;
    return test->effect > same ? 1 : -1;
}

/* How far apart the two are, on a scale on which a difference from zero is the farthest. */
static double distance(const struct row *row)
{
    return row->test.kind == EFFECT_RATIO ? fabs(log(row->test.effect)) : INFINITY;
}

struct medians {
    char from[32], until[32];
};

static struct medians medians_of(const struct row *row)
{
    struct medians medians;
    const char *unit = metric_unit_name(metric_info(row->metric)->unit);
    figure_text(stats_median(row->baseline->known, row->baseline->n), unit, medians.from,
                sizeof medians.from);
    figure_text(stats_median(row->self->known, row->self->n), unit, medians.until, sizeof medians.until);
    return medians;
}

/* What rounds to nothing, such as a share of 0.001 where there was none, explains nothing. */
static bool reads_as_change(const struct row *row)
{
    struct medians medians = medians_of(row);
    return words_show_change(row) && strcmp(medians.from, medians.until) != 0;
}

/* "9.1 times as many garbage collections (12 to 110)" */
static void tell_cause(const struct row *row, char *to, size_t size)
{
    char effect[128];
    struct medians medians = medians_of(row);
    words_effect(row, effect, sizeof effect);
    snprintf(to, size, "%s (%s to %s)", effect, medians.from, medians.until);
}

/* The causes that moved as they should, the farthest first; how many. */
static size_t find_causes(const struct pair *pair, const struct row *effect,
                          const struct row *causes[CAUSES_TOLD])
{
    size_t count = 0;
    int way = effect->test.delta > 0 ? 1 : -1;
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        const struct row *cause =
            links[i].effect == effect->metric ? pair_row(pair, links[i].cause, PART_VALUE) : NULL;
        if (!cause || cause->metric == effect->metric || moved(cause) != way * links[i].sign ||
            told_by_twin(pair, cause->metric) || !reads_as_change(cause))
            continue;
        size_t place = count < CAUSES_TOLD ? count++ : CAUSES_TOLD;
        for (; place > 0 && distance(causes[place - 1]) < distance(cause); place--)
            if (place < CAUSES_TOLD)
                causes[place] = causes[place - 1];
        if (place < CAUSES_TOLD)
            causes[place] = cause;
    }
    return count;
}

static json_t *cause_json(const struct row *effect, const struct row *const *causes, size_t count)
{
    char text[1024], figure[96], effect_text[128], one[256];
    json_t *names = json_array();
    words_figure(effect->metric, effect->part, figure, sizeof figure);
    words_effect(effect, effect_text, sizeof effect_text);
    int used = snprintf(text, sizeof text, "%s:", effect_text);
    for (size_t i = 0; i < count; i++) {
        tell_cause(causes[i], one, sizeof one);
        used += snprintf(text + used, sizeof text - (size_t)used, "%s %s", i ? "," : "", one);
        if (used >= (int)sizeof text)
            used = (int)sizeof text - 1;
        json_array_append_new(names, json_string(metric_info(causes[i]->metric)->name));
    }
    const char *part = part_name(effect->part);
    return json_pack("{s:s, s:o, s:s, s:o}", "effect", metric_info(effect->metric)->name, "quantile",
                     part ? json_string(part) : json_null(), "text", text, "metrics", names);
}

json_t *causes_json(const struct pair *pair)
{
    json_t *list = json_array();
    for (size_t i = 0; i < pair->row_count; i++) {
        const struct row *effect = &pair->rows[i];
        const struct row *causes[CAUSES_TOLD];
        size_t count = row_differs(effect) && row_is_main(effect) ? find_causes(pair, effect, causes) : 0;
        if (count)
            json_array_append_new(list, cause_json(effect, causes, count));
    }
    return list;
}
