#include "runner/compare/words.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/metrics/figure.h"

struct forms {
    const char *less, *more, *times;
};
static const struct forms amount = {"less", "more", "times as much"};
static const struct forms number = {"fewer", "more", "times as many"};
static const struct forms length = {"shorter", "longer", "times as long"};
static const struct forms height = {"lower", "higher", "times as high"};

/* Figures with a name in words, in the order in which a headline speaks of them. `decides`: whether a demo is
   better; the others are only told. */
static const struct noun {
    enum metric_id id;
    enum part part;
    const char *name;
    const struct forms *forms;
    bool decides;
} nouns[] = {
    {METRIC_LOAD_ERRORS, PART_VALUE, "failed requests", &number, true},
    {METRIC_LOAD_LATENCY_DUE, PART_P99, "latency at p99", &length, true},
    {METRIC_LOAD_LATENCY_DUE, PART_VALUE, "latency at the median", &length, true},
    {METRIC_LOAD_KNEE_RATE, PART_VALUE, "highest rate that held", &height, true},
    {METRIC_LOAD_RATE_ACHIEVED, PART_VALUE, "rate of right answers", &height, true},
    {METRIC_TIME_WALL, PART_VALUE, "wall time", &amount, true},
    {METRIC_CPU_TIME, PART_VALUE, "CPU time", &amount, true},
    {METRIC_WORK_CPU_PER_UNIT, PART_VALUE, "CPU time a unit of work", &amount, true},
    {METRIC_WINDOW_CPU_TIME, PART_VALUE, "CPU time under load", &amount, true},
    {METRIC_MEMORY_PEAK, PART_VALUE, "memory at its peak", &amount, true},
    {METRIC_GOROUTINES_LEAKED, PART_VALUE, "leaked goroutines", &number, true},
    {METRIC_CPU_THROTTLED, PART_VALUE, "throttled time", &amount, false},
    {METRIC_GOROUTINES_WAKE_LATENCY, PART_P99, "goroutine wake latency at p99", &length, false},
    {METRIC_GOROUTINES_WAKE_LATENCY, PART_VALUE, "goroutine wake latency", &length, false},
    {METRIC_SCHED_RUN_QUEUE_LATENCY, PART_P99, "run-queue latency at p99", &length, false},
    {METRIC_SCHED_RUN_QUEUE_LATENCY, PART_VALUE, "run-queue latency", &length, false},
    {METRIC_GC_COUNT, PART_VALUE, "garbage collections", &number, false},
    {METRIC_GOROUTINES_CREATED, PART_VALUE, "goroutines", &number, false},
    {METRIC_GOROUTINES_PEAK, PART_VALUE, "goroutines at the peak", &number, false},
    {METRIC_GOROUTINES_ALIVE_AT_END, PART_VALUE, "goroutines at the end", &number, false},
    {METRIC_GOROUTINES_PARKS, PART_VALUE, "parks of goroutines", &number, false},
    {METRIC_GOROUTINES_YIELDS, PART_VALUE, "yields of goroutines", &number, false},
    {METRIC_GC_HEAP_GOAL, PART_VALUE, "heap goal", &height, false},
    {METRIC_GC_CYCLE_TIME, PART_VALUE, "collection cycles", &length, false},
    {METRIC_GC_STW_TIME, PART_VALUE, "pauses of the world", &length, false},
    {METRIC_SCHED_SWITCHES, PART_VALUE, "context switches", &number, false},
    {METRIC_SCHED_MIGRATIONS, PART_VALUE, "migrations between CPUs", &number, false},
    {METRIC_SCHED_THREADS_PEAK, PART_VALUE, "threads at the peak", &number, false},
    {METRIC_SCHED_OFF_CPU, PART_VALUE, "time off the CPU", &amount, false},
    {METRIC_SYSCALLS, PART_VALUE, "system calls", &number, false},
    {METRIC_TIMERS_MADE, PART_VALUE, "timers", &number, false},
    {METRIC_MEMORY_ANON, PART_VALUE, "heap and stacks", &amount, false},
    {METRIC_MEMORY_FILE, PART_VALUE, "page cache", &amount, false},
    {METRIC_MEMORY_KERNEL, PART_VALUE, "kernel memory", &amount, false},
    {METRIC_LOAD_CONNECTIONS_MOST, PART_VALUE, "connections at once", &number, false},
    {METRIC_TIME_USER, PART_VALUE, "time in user mode", &amount, false},
    {METRIC_TIME_SYSTEM, PART_VALUE, "time in the kernel", &amount, false},
    {METRIC_GO_GC_COUNT, PART_VALUE, "garbage collections", &number, false},
    {METRIC_GO_PAUSE_TOTAL, PART_VALUE, "time in pauses of the world", &amount, false},
    {METRIC_GO_ALLOC, PART_VALUE, "allocated memory", &amount, false},
    {METRIC_GO_HEAP_PEAK, PART_VALUE, "heap at its peak", &amount, false},
    {METRIC_GO_GOROUTINES_CREATED, PART_VALUE, "goroutines", &number, false},
    {METRIC_GO_THREADS, PART_VALUE, "threads", &number, false},
    {METRIC_GO_SCHEDULES, PART_VALUE, "goroutine switches", &number, false},
    {METRIC_GO_SYSCALLS, PART_VALUE, "system calls", &number, false},
    {METRIC_IO_READ, PART_VALUE, "bytes read", &number, false},
    {METRIC_IO_WRITE, PART_VALUE, "bytes written", &number, false},
};
#define NOUNS (sizeof nouns / sizeof *nouns)

static const struct noun *noun_of(enum metric_id metric, enum part part)
{
    for (size_t i = 0; i < NOUNS; i++)
        if (nouns[i].id == metric && nouns[i].part == part)
            return &nouns[i];
    return NULL;
}

void words_figure(enum metric_id metric, enum part part, char *to, size_t size)
{
    const struct noun *noun = noun_of(metric, part);
    if (noun)
        snprintf(to, size, "%s", noun->name);
    else
        snprintf(to, size, "%s%s", metric_info(metric)->name, part == PART_P99 ? " at p99" : "");
}

static const struct forms *forms_of(const struct row *row)
{
    const struct noun *noun = noun_of(row->metric, row->part);
    if (noun)
        return noun->forms;
    switch (metric_info(row->metric)->unit) {
    case UNIT_COUNT:
        return &number;
    case UNIT_RATIO:
    case UNIT_PER_S:
        return &height;
    case UNIT_NS:
    case UNIT_BYTES:
        break;
    }
    return &amount;
}

void words_percent(double share, char *to, size_t size)
{
    double percent = fabs(share) * 100;
    int places = percent < 0.995 ? 2 : percent < 9.95 ? 1 : 0;
    while (percent > 99 && percent < 100 && places < 4 &&
           round(percent * pow(10, places)) >= 100 * pow(10, places))
        places++; /* a trace is left: that is not all */
    if (percent < 1e9)
        snprintf(to, size, "%.*f%%", places, percent);
    else
        snprintf(to, size, "%.1e%%", percent);
}

/* Beyond twofold "times" reads better than a percentage. */
static bool in_times(double ratio)
{
    return ratio >= 2;
}

/* "2.3", "23", "2.3e+12" */
static void times_text(double ratio, char *to, size_t size)
{
    if (ratio < 1e9)
        snprintf(to, size, "%.*f", ratio < 9.95 ? 1 : 0, ratio);
    else
        snprintf(to, size, "%.1e", ratio);
}

bool words_show_change(const struct row *row)
{
    char effect[48], none[48];
    const char *unit = metric_unit_name(metric_info(row->metric)->unit);
    if (row->test.kind == EFFECT_NONE)
        return false;
    if (row->test.kind == EFFECT_RATIO) {
        words_percent(row->test.effect - 1, effect, sizeof effect);
        words_percent(0, none, sizeof none);
    } else {
        figure_text(fabs(row->test.effect), unit, effect, sizeof effect);
        figure_text(0, unit, none, sizeof none);
    }
    return strcmp(effect, none) != 0 && strtod(effect, NULL) != 0;
}

void words_effect(const struct row *row, char *to, size_t size)
{
    char name[96], value[48];
    const struct two_samples *test = &row->test;
    const struct forms *forms = forms_of(row);
    words_figure(row->metric, row->part, name, sizeof name);
    if (test->kind == EFFECT_NONE) {
        snprintf(to, size, "%s: not known", name);
    } else if (test->kind == EFFECT_DIFFERENCE) {
        figure_text(fabs(test->effect), metric_unit_name(metric_info(row->metric)->unit), value,
                    sizeof value);
        snprintf(to, size, "%s %s %s", value, test->effect < 0 ? forms->less : forms->more, name);
    } else if (in_times(test->effect)) {
        times_text(test->effect, value, sizeof value);
        snprintf(to, size, "%s %s %s", value, forms->times, name);
    } else {
        words_percent(test->effect - 1, value, sizeof value);
        snprintf(to, size, "%s %s %s", value, test->effect < 1 ? forms->less : forms->more, name);
    }
}

/* A bound of a ratio as a change in percent, with a sign where the two bounds have different ones. */
static void bound(double ratio, bool sign, char *to, size_t size)
{
    char percent[24];
    words_percent(ratio - 1, percent, sizeof percent);
    snprintf(to, size, "%s%s", !sign ? "" : ratio < 1 ? "-" : "+", percent);
}

void words_interval(const struct row *row, char *to, size_t size)
{
    char one[48], two[48];
    const struct two_samples *test = &row->test;
    double low = test->interval.low, high = test->interval.high;
    to[0] = 0;
    if (test->kind == EFFECT_NONE || !(test->interval.level > 0))
        return;
    if (test->kind == EFFECT_DIFFERENCE) {
        const char *unit = metric_unit_name(metric_info(row->metric)->unit);
        bool fewer = high <= 0;
        figure_text(fewer ? -high : low, unit, one, sizeof one);
        figure_text(fewer ? -low : high, unit, two, sizeof two);
    } else if (in_times(test->effect)) {
        char times[40];
        times_text(low, one, sizeof one);
        times_text(high, times, sizeof times);
        snprintf(two, sizeof two, "%s times", times);
    } else {
        bool mixed = low < 1 && high > 1;
        bound(high <= 1 ? high : low, mixed, one, sizeof one);
        bound(high <= 1 ? low : high, mixed, two, sizeof two);
        if (!mixed)
            one[strlen(one) - 1] = 0; /* "31 to 44%" */
    }
    snprintf(to, size, "interval %s to %s", one, two);
}

/* --- why ------------------------------------------------------------------------------------------------ */

static const char *side_reason(const struct sample *sample)
{
    return sample->reason    ? sample->reason
           : sample->present ? "no trial gave a value"
                             : "no trial speaks of it";
}

void words_reason(const struct comparison *comparison, const struct row *row, char *to, size_t size)
{
    to[0] = 0;
    char floor[24];
    if (row->verdict == ROW_UNKNOWN && !row->baseline->n)
        snprintf(to, size, "the baseline has no value: %s", side_reason(row->baseline));
    else if (row->verdict == ROW_UNKNOWN && !row->self->n)
        snprintf(to, size, "it has no value: %s", side_reason(row->self));
    else if (row->verdict == ROW_UNKNOWN)
        snprintf(to, size, "events were lost: the figure may be off");
    else if (row->verdict == ROW_TOO_FEW)
        snprintf(to, size, "%u and %u trials cannot show a difference among %zu figures; %u each could",
                 row->baseline->n, row->self->n, comparison->tests,
                 rows_trials_needed(comparison, row->weight));
    else if (row->within_floor && row->test.kind == EFFECT_RATIO) {
        words_percent(row->noise_floor, floor, sizeof floor);
        snprintf(to, size, "within the noise floor: the baseline differs from its own copy by up to %s",
                 floor);
    } else if (row->within_floor)
        snprintf(to, size, "within the noise floor of the baseline against its own copy");
}

/* --- the headline --------------------------------------------------------------------------------------- */

#define TOLD_MAX 3

struct told {
    const struct row *rows[TOLD_MAX];
    size_t count, all;
};

struct line {
    char *text;
    size_t size, used;
};

static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct line *line, const char *format, ...)
{
    va_list args;
    if (line->used >= line->size)
        return;
    va_start(args, format);
    int wrote = vsnprintf(line->text + line->used, line->size - line->used, format, args);
    va_end(args);
    line->used += wrote > 0 ? (size_t)wrote : 0;
}

/* Rows with this verdict, in the order of the nouns. */
static struct told gather(const struct pair *pair, enum row_verdict verdict, bool deciding)
{
    struct told told = {0};
    for (size_t i = 0; i < NOUNS; i++) {
        const struct row *row = pair_row(pair, nouns[i].id, nouns[i].part);
        if (!row || row->verdict != verdict || nouns[i].decides != deciding || !row_is_main(row) ||
            !words_show_change(row))
            continue;
        if (told.count < TOLD_MAX)
            told.rows[told.count++] = row;
        told.all++;
    }
    return told;
}

/* "38% less CPU time (interval 31 to 44%), 20% less memory at its peak (...)" */
static void tell(struct line *line, const struct told *told)
{
    for (size_t i = 0; i < told->count; i++) {
        char effect[128], interval[96];
        words_effect(told->rows[i], effect, sizeof effect);
        words_interval(told->rows[i], interval, sizeof interval);
        const char *shown = i && *interval ? interval + strlen("interval ") : interval;
        add(line, "%s%s%s%s%s", i ? ", " : "", effect, *interval ? " (" : "", shown, *interval ? ")" : "");
    }
    if (told->all > told->count)
        add(line, ", and %zu more", told->all - told->count);
}

/* Whether both have a bare trial's figure that decides. */
static bool is_measured(const struct pair *pair)
{
    for (size_t i = 0; i < NOUNS; i++) {
        const struct row *row = nouns[i].decides && metric_info(nouns[i].id)->trials != METRIC_OBSERVED
                                    ? pair_row(pair, nouns[i].id, nouns[i].part)
                                    : NULL;
        if (row && row->self->n && row->baseline->n)
            return true;
    }
    return false;
}

/* No difference: what would have been seen, or how many trials it takes. */
static void tell_nothing(const struct comparison *comparison, const struct pair *pair, struct line *line)
{
    const struct row *tested = NULL, *few = NULL;
    for (size_t i = 0; i < NOUNS; i++) {
        const struct row *row = nouns[i].decides ? pair_row(pair, nouns[i].id, nouns[i].part) : NULL;
        if (row && row->verdict == ROW_NOT_SHOWN && row->weight > 0 && !tested)
            tested = row;
        if (row && row->verdict == ROW_TOO_FEW && !few)
            few = row;
    }
    double detectable = tested ? row_detectable(comparison, tested) : NAN;
    const char *demo = pair->demo->name, *base = pair->base->name;
    bool same = strcmp(demo, base) == 0;
    bool measured = is_measured(pair);
    if (!measured)
        add(line, "nothing tells %s from %s: no bare trial of both gave time, CPU or memory", demo,
            same ? "its baseline" : base);
    else if (few)
        add(line,
            "too few trials to tell %s from %s: with %u and %u no difference can be shown, %u each could",
            demo, same ? "its baseline" : base, few->self->n, few->baseline->n,
            rows_trials_needed(comparison, few->weight));
    else
        add(line, "no difference is shown between %s and %s", demo, same ? "its baseline" : base);
    if (measured && !few && isfinite(detectable)) {
        char percent[24], name[96];
        words_percent(detectable, percent, sizeof percent);
        words_figure(tested->metric, tested->part, name, sizeof name);
        add(line, "; one of %s in %s would have been found in 4 of 5 experiments", percent, name);
    }
}

void words_headline(const struct comparison *comparison, const struct pair *pair, char *to, size_t size)
{
    struct line line = {.text = to, .size = size};
    const char *demo = pair->demo->name;
    struct told better = gather(pair, ROW_BETTER, true), worse = gather(pair, ROW_WORSE, true);
    to[0] = 0;
    if (better.count && worse.count) {
        add(&line, "%s is better in one way and worse in another: ", demo);
        tell(&line, &better);
        add(&line, "; but ");
        tell(&line, &worse);
    } else if (better.count || worse.count) {
        add(&line, "%s is %s: ", demo, better.count ? "better" : "worse");
        tell(&line, better.count ? &better : &worse);
    } else {
        tell_nothing(comparison, pair, &line);
        struct told details = gather(pair, ROW_BETTER, false), other = gather(pair, ROW_WORSE, false);
        struct told *shown = details.count ? &details : &other;
        if (shown->count) {
            add(&line, "; beside that, it has ");
            tell(&line, shown);
        }
    }
    unsigned failed = pair->demo->unexpected + (pair->base == pair->demo ? 0 : pair->base->unexpected);
    if (failed)
        add(&line, "; but %u trials did not do what the manifest expects", failed);
}
