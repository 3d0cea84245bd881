#include "runner/findings/budget.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runner/findings/thresholds.h"
#include "runner/findings/words.h"

void budget_judge_throttled(const struct findings_input *input, struct findings *findings)
{
    double throttled = findings_metric(input, METRIC_CPU_THROTTLED);
    double wall = findings_metric(input, METRIC_TIME_WALL);
    double periods = findings_metric(input, METRIC_CPU_THROTTLED_PERIODS_RATIO);
    if (isinf(input->quota))
        return;
    if (isnan(throttled) || isnan(wall) || isnan(input->procs) || isnan(input->quota)) {
        findings_cannot(findings, FINDING_THROTTLED,
                        isnan(throttled) ? "throttled time is not known"
                        : isnan(wall)    ? "wall time is not known"
                                         : "GOMAXPROCS is not known");
        return;
    }
    if (throttled < threshold(THROTTLED_SHARE) * wall || input->procs <= input->quota)
        return;
    struct finding *finding = findings_add(findings, FINDING_THROTTLED);
    if (!finding)
        return;
    finding_figure(finding, "throttled_ns", throttled);
    finding_figure(finding, "throttled_ratio", throttled / wall);
    if (!isnan(periods))
        finding_figure(finding, "throttled_periods_ratio", periods);
    finding_figure(finding, "gomaxprocs", input->procs);
    finding_figure(finding, "quota_cpus", input->quota);
    words_number time;
    words_number of;
    finding_says(
        finding,
        "cpu.max (%.2g CPUs) let the program stand still for %s of %s (%.0f%%): with GOMAXPROCS %.0f it "
        "uses up its share of a period faster than the quota gives it, and then all of its threads "
        "wait for the next one.",
        input->quota, words_time(time, throttled), words_time(of, wall), throttled / wall * 100,
        input->procs);
}

/* CPU time of the collector: as its cycles accounted for it, else of the goroutines that mark; NAN: neither
   is known. */
static double gc_cpu(const struct tallies *tallies)
{
    const struct tally_gc *gc = &tallies->gc;
    if (gc->cycles && gc->accounted)
        return (double)(gc->assist + gc->mark) * (double)gc->cycles / (double)gc->accounted;
    for (size_t i = 0; i < tallies->origin_count && tallies->cpu_clock; i++)
        if (tallies->origins[i].runtime && tallies->origins[i].function &&
            strcmp(tallies->origins[i].function, "runtime.gcBgMarkWorker") == 0)
            return (double)tallies->origins[i].ran;
    return NAN;
}

static void add_gc(const struct findings_input *input, double cpu, double share, struct findings *findings)
{
    struct finding *finding = findings_add(findings, FINDING_GC_PRESSURE);
    if (!finding)
        return;
    const struct tally_gc *gc = &input->tallies->gc;
    double cycles = (double)gc->cycles;
    double seconds = (double)input->tallies->lifetime / 1e9;
    double goal = findings_metric(input, METRIC_GC_HEAP_GOAL);
    finding_figure(finding, "collections", cycles);
    finding_figure(finding, "collections_per_s", cycles / seconds);
    finding_figure(finding, "collections_per_cpu_s", cycles / (cpu / 1e9));
    if (!isnan(share))
        finding_figure(finding, "gc_cpu_ratio", share);
    if (gc->accounted)
        finding_figure(finding, "assist_ns", (double)gc->assist);
    if (!isnan(goal))
        finding_figure(finding, "heap_goal_bytes", goal);
    char part[96] = "";
    if (!isnan(share))
        snprintf(part, sizeof part, "; its marking took %.0f%% of the CPU time", share * 100);
    words_number count;
    words_number rate;
    finding_says(finding,
                 "The garbage collector ran %s times (%s)%s. So much garbage comes from allocating anew what "
                 "could be used again.",
                 words_count(count, cycles), words_rate(rate, cycles / seconds), part);
}

void budget_judge_gc(const struct findings_input *input, struct findings *findings)
{
    double cpu = findings_metric(input, METRIC_CPU_TIME);
    double cycles = (double)input->tallies->gc.cycles;
    if (isnan(cpu)) {
        findings_cannot(findings, FINDING_GC_PRESSURE, "CPU time is not known");
        return;
    }
    double share = gc_cpu(input->tallies) / cpu;
    bool often = cycles >= threshold(GC_PER_CPU_S) * cpu / 1e9;
    bool dear = share >= threshold(GC_CPU_SHARE); /* false for NAN */
    if (cycles >= threshold(GC_CYCLES) && (often || dear))
        add_gc(input, cpu, share, findings);
}
