#include "runner/report/lines.h"

#include <stddef.h>

#include "runner/metrics/metrics.h"

static const struct line_words speed = {"faster", "slower"};
static const struct line_words amount = {"less", "more"};
static const struct line_words number = {"fewer", "more"};
static const struct line_words latency = {"shorter", "longer"};

const struct report_line report_lines[] = {
    {"bare", "time.wall", NULL, "wall time", &speed},
    {"bare", "load.rate_achieved", NULL, "right answers a second", &number},
    {"bare", "load.latency_due", NULL, "latency from due, p50", &latency},
    {"bare", "load.latency_due", "p99", "latency from due, p99", &latency},
    {"bare", "load.errors", NULL, "requests without one", &number},
    {"bare", "load.knee_rate", NULL, "highest rate that held", &number},
    {"bare", "work.cpu_per_unit", NULL, "CPU time a unit of work", &speed},
    {"bare", "cpu.time", NULL, "CPU time", &speed},
    {"bare", "memory.peak", NULL, "memory, peak", &amount},
    {"bare", "cpu.throttled", NULL, "throttled by cpu.max", &amount},
    {"observed", "goroutines.created", NULL, "goroutines created", &number},
    {"observed", "goroutines.peak", NULL, "goroutines, peak", &number},
    {"observed", "goroutines.alive_at_end", NULL, "goroutines alive at the end", &number},
    {"observed", "goroutines.leaked", NULL, "goroutines leaked", &number},
    {"observed", "goroutines.wake_latency", NULL, "goroutine wake latency, p50", &latency},
    {"observed", "goroutines.wake_latency", "p99", "goroutine wake latency, p99", &latency},
    {"observed", "sched.run_queue_latency", NULL, "run-queue latency, p50", &latency},
    {"observed", "sched.run_queue_latency", "p99", "run-queue latency, p99", &latency},
    {"observed", "gc.count", NULL, "collections", &number},
    {0},
};

const char *report_line_word(const struct report_line *line, const struct interval *interval, double neutral,
                             bool of_copy, bool *good, bool *bad)
{
    *good = *bad = false;
    if (!(interval->level > 0))
        return "too few trials to tell";
    bool lower = interval->high < neutral;
    if (!lower && !(interval->low > neutral))
        return "no clear difference";
    const struct metric_info *info = metric_by_name(line->metric);
    if (!of_copy && info && info->better != BETTER_NEITHER)
        *good = lower == (info->better == BETTER_LOWER);
    *bad = of_copy || (info && info->better != BETTER_NEITHER && !*good);
    return of_copy ? "unlike itself" : lower ? line->words->lower : line->words->higher;
}
