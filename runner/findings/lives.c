#include "runner/findings/lives.h"

#include <math.h>
#include <string.h>

#include "runner/findings/thresholds.h"
#include "runner/findings/words.h"

/* What starting and ending a goroutine costs: runtime.newproc, the queue, runtime.execute, runtime.goexit;
   0.3 to 1 us on machines of today. */
#define GOROUTINE_COST_NS 1000.0

/* Waits that only another goroutine of the program can end. What waits for the clock or for a descriptor may
   still be woken from outside. */
static bool is_inside(const char *reason)
{
    static const char *const beginnings[] = {"chan ", "select", "sync.", "semacquire"};
    for (size_t i = 0; reason && i < sizeof beginnings / sizeof *beginnings; i++)
        if (strncmp(reason, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

/* Neither the runtime's, nor main, nor goroutines whose creation nobody saw: a finding names who started
 * them. */
static bool is_started(const struct tally_origin *origin)
{
    return origin->function && !origin->runtime && !origin->main;
}

/*
 * Grown, not started at once, and not merely idle at the end. `lost` events could be the wake-ups of as many
 * goroutines.
 */
static bool is_leak(const struct tally_origin *origin, const struct tally_wait *wait, uint64_t lifetime,
                    uint64_t lost)
{
    double stuck = (double)wait->stuck - (double)lost;
    double span = (double)(origin->last_created - origin->first_created);
    double rest = lifetime > origin->first_created ? (double)(lifetime - origin->first_created) : 0;
    double late = (double)wait->stuck_late;
    double early = (double)wait->stuck - late;
    double each_half = threshold(LEAK_HALF_SHARE) * (double)wait->stuck;
    bool grows = span >= threshold(LEAK_SPAN_SHARE) * rest || origin->exited >= wait->stuck;
    return stuck >= threshold(LEAK_BLOCKED) && span >= threshold(LEAK_SPAN) && grows && late >= each_half &&
           early >= each_half;
}

static void add_leak(const struct tally_origin *origin, const struct tally_wait *wait,
                     struct findings *findings)
{
    struct finding *finding = findings_add(findings, FINDING_GOROUTINE_LEAK);
    if (!finding)
        return;
    finding->creator = origin->creator;
    finding->function = origin->function;
    finding->reason = wait->reason;
    finding->stack = wait->stuck_stack.depth ? wait->stuck_stack : wait->stack;
    finding->has_span = true;
    finding->first = wait->stuck_first;
    finding->last = wait->stuck_last;
    finding_figure(finding, "blocked_at_end", (double)wait->stuck);
    finding_figure(finding, "created", (double)origin->created);
    finding_figure(finding, "exited", (double)origin->exited);
    finding_figure(finding, "blocked_in_second_half", (double)wait->stuck_late);
    words_number stuck;
    words_number created;
    words_number from;
    words_number to;
    finding_says(
        finding,
        "%s of the %s goroutines that %s started (%s) never ended: they wait in a %s%s%s, and nobody "
        "woke them any more. They became more from %s to %s of the run.",
        words_count(stuck, (double)wait->stuck), words_count(created, (double)origin->created),
        words_function(origin->creator), words_function(origin->function), wait->reason,
        words_in(&finding->stack), words_place(&finding->stack), words_time(from, (double)wait->stuck_first),
        words_time(to, (double)wait->stuck_last));
}

void lives_judge_leak(const struct findings_input *input, struct findings *findings)
{
    const struct tallies *tallies = input->tallies;
    uint64_t lost = findings_lost(input, FINDING_GOROUTINE_LEAK);
    if (!findings_know_reasons(input, findings, FINDING_GOROUTINE_LEAK))
        return;
    for (size_t i = 0; i < tallies->origin_count; i++) {
        const struct tally_origin *origin = &tallies->origins[i];
        for (size_t j = 0; j < origin->wait_count && is_started(origin); j++)
            if (is_inside(origin->waits[j].reason) &&
                is_leak(origin, &origin->waits[j], tallies->lifetime, lost))
                add_leak(origin, &origin->waits[j], findings);
    }
}

static void add_churn(const struct findings_input *input, const struct tally_origin *origin, double ran,
                      double share, struct findings *findings)
{
    struct finding *finding = findings_add(findings, FINDING_GOROUTINE_CHURN);
    if (!finding)
        return;
    double created = (double)origin->created;
    double seconds = (double)input->tallies->lifetime / 1e9;
    double lived = origin->exited ? (double)origin->lived / (double)origin->exited : 0;
    finding->creator = origin->creator;
    finding->function = origin->function;
    finding->has_span = true;
    finding->first = origin->first_created;
    finding->last = origin->last_created;
    finding_figure(finding, "created", created);
    finding_figure(finding, "created_per_s", created / seconds);
    finding_figure(finding, "ran_each_ns", ran);
    finding_figure(finding, "lived_each_ns", lived);
    finding_figure(finding, "starting_cpu_ns", created * GOROUTINE_COST_NS);
    finding_figure(finding, "starting_cpu_ratio", share);
    words_number count;
    words_number rate;
    words_number each;
    words_number cost;
    finding_says(
        finding,
        "%s started %s goroutines (%s, %s), each for only %s of CPU time. Starting and ending one takes "
        "about 1 us by itself: %s in all, %.0f%% of the program's CPU time, which a few goroutines that "
        "stay would save.",
        words_function(origin->creator), words_count(count, created), words_function(origin->function),
        words_rate(rate, created / seconds), words_time(each, ran),
        words_time(cost, created * GOROUTINE_COST_NS), share * 100);
}

void lives_judge_churn(const struct findings_input *input, struct findings *findings)
{
    const struct tallies *tallies = input->tallies;
    double cpu = findings_metric(input, METRIC_CPU_TIME);
    if (isnan(cpu)) {
        findings_cannot(findings, FINDING_GOROUTINE_CHURN, "CPU time is not known");
        return;
    }
    for (size_t i = 0; i < tallies->origin_count; i++) {
        const struct tally_origin *origin = &tallies->origins[i];
        double created = (double)origin->created;
        double ran = (double)origin->ran / created;
        double share = created * GOROUTINE_COST_NS / cpu;
        if (is_started(origin) && created >= threshold(CHURN_CREATED) && ran <= threshold(CHURN_RAN) &&
            share >= threshold(CHURN_CPU_SHARE))
            add_churn(input, origin, ran, share, findings);
    }
}
