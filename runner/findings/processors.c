#include "runner/findings/processors.h"

#include <math.h>

#include "runner/findings/thresholds.h"
#include "runner/findings/words.h"

/* Whose goroutines spent most time in system calls that block. */
static const struct tally_origin *caller(const struct tallies *tallies)
{
    const struct tally_origin *most = NULL;
    for (size_t i = 0; i < tallies->origin_count; i++)
        if (tallies->origins[i].syscall_time > (most ? most->syscall_time : 0))
            most = &tallies->origins[i];
    return most;
}

void processors_judge_handoff(const struct findings_input *input, struct findings *findings)
{
    const struct tallies *tallies = input->tallies;
    const struct tally_origin *origin = caller(tallies);
    double threads = findings_metric(input, METRIC_SCHED_THREADS_PEAK);
    double handoffs = (double)tallies->handoffs;
    double seconds = (double)tallies->lifetime / 1e9;
    if (isnan(threads) || isnan(input->procs)) {
        findings_cannot(findings, FINDING_SYSCALL_HANDOFF,
                        isnan(threads) ? "threads were not counted" : "GOMAXPROCS is not known");
        return;
    }
    double most = threshold(HANDOFF_THREADS) + threshold(HANDOFF_THREADS_PER_P) * input->procs;
    if (!origin || handoffs < threshold(HANDOFF_COUNT) || threads < most)
        return;
    struct finding *finding = findings_add(findings, FINDING_SYSCALL_HANDOFF);
    if (!finding)
        return;
    double each = (double)origin->syscall_time / (double)origin->syscalls_blocked;
    finding->creator = origin->main ? NULL : origin->creator;
    finding->function = origin->function;
    finding_figure(finding, "handoffs", handoffs);
    finding_figure(finding, "handoffs_per_s", handoffs / seconds);
    finding_figure(finding, "threads_peak", threads);
    finding_figure(finding, "gomaxprocs", input->procs);
    finding_figure(finding, "blocking_calls", (double)origin->syscalls_blocked);
    finding_figure(finding, "blocked_each_ns", each);
    words_number count;
    words_number rate;
    words_number grown;
    words_number calls;
    words_number time;
    finding_says(
        finding,
        "A P was taken away from a goroutine in a blocking system call %s times (%s), and the program grew "
        "to %s threads for %.0f Ps: goroutines of %s made %s calls that blocked, for %s each.",
        words_count(count, handoffs), words_rate(rate, handoffs / seconds), words_count(grown, threads),
        input->procs, words_function(origin->function), words_count(calls, (double)origin->syscalls_blocked),
        words_time(time, each));
}

void processors_judge_spinning(const struct findings_input *input, struct findings *findings)
{
    const struct tallies *tallies = input->tallies;
    double cpu = findings_metric(input, METRIC_SCHED_ON_CPU);
    double looks = (double)tallies->looks;
    double share = (double)tallies->looked / cpu;
    double per_run = tallies->runs ? looks / (double)tallies->runs : 0;
    double seconds = (double)tallies->lifetime / 1e9;
    if (isnan(cpu) || !tallies->cpu_clock) {
        findings_cannot(findings, FINDING_SPINNING, "CPU time is not known");
        return;
    }
    if (looks < threshold(SPINNING_LOOKS) || share < threshold(SPINNING_CPU_SHARE) ||
        per_run < threshold(SPINNING_PER_RUN))
        return;
    struct finding *finding = findings_add(findings, FINDING_SPINNING);
    if (!finding)
        return;
    finding_figure(finding, "looks", looks);
    finding_figure(finding, "looks_per_s", looks / seconds);
    finding_figure(finding, "looks_per_run_ratio", per_run);
    finding_figure(finding, "looked_cpu_ns", (double)tallies->looked);
    finding_figure(finding, "looked_cpu_ratio", share);
    words_number count;
    words_number rate;
    words_number time;
    words_number runs;
    finding_says(
        finding,
        "Threads were woken to look for work %s times (%s) and found none, while goroutines ran %s times; "
        "looking took %s, %.0f%% of the CPU time.",
        words_count(count, looks), words_rate(rate, looks / seconds),
        words_count(runs, (double)tallies->runs), words_time(time, (double)tallies->looked), share * 100);
}

/* Threads that wanted to run beyond the number of CPUs, on average over the time in which any did. */
static double crowding(const struct crowd *crowd, double cpus)
{
    double active = 0;
    double beyond = 0;
    for (unsigned threads = 1; threads <= CROWD_MAX; threads++) {
        active += (double)crowd->time[threads];
        if (threads > cpus)
            beyond += (threads - cpus) * (double)crowd->time[threads];
    }
    return active > 0 ? beyond / active : 0;
}

void processors_judge_oversubscribed(const struct findings_input *input, struct findings *findings)
{
    if (isnan(input->cpus)) {
        findings_cannot(findings, FINDING_OVERSUBSCRIBED, "the number of CPUs is not known");
        return;
    }
    double crowd = crowding(&input->tallies->crowd, input->cpus);
    if (crowd < fmax(threshold(CROWD_THREADS), threshold(CROWD_PER_CPU) * input->cpus))
        return;
    struct finding *finding = findings_add(findings, FINDING_OVERSUBSCRIBED);
    if (!finding)
        return;
    finding_figure(finding, "threads_beyond_cpus_average", crowd);
    finding_figure(finding, "cpus", input->cpus);
    if (!isnan(input->procs))
        finding_figure(finding, "gomaxprocs", input->procs);
    words_number many;
    words_number cpus;
    words_number procs;
    finding_says(finding,
                 "%s threads more than there are CPUs (%s) wanted to run at once, on average. GOMAXPROCS is "
                 "%s: the kernel lets them take turns, and each of them mostly waits.",
                 words_count(many, crowd), words_count(cpus, input->cpus),
                 isnan(input->procs) ? "not known" : words_count(procs, input->procs));
}
