#include "runner/findings/starving.h"

#include <math.h>

#include "runner/findings/thresholds.h"
#include "runner/findings/words.h"

/* The runtime's own hold Ps, too (workers of the collector), but are no program's fault. */
static double all_held(const struct tallies *tallies)
{
    double held = 0;
    for (size_t i = 0; i < tallies->origin_count; i++)
        if (!tallies->origins[i].runtime)
            held += (double)tallies->origins[i].held;
    return held;
}

/* Whose goroutines came late most often. */
static const struct tally_origin *victim(const struct tallies *tallies)
{
    const struct tally_origin *most = NULL;
    for (size_t i = 0; i < tallies->origin_count; i++)
        if (tallies->origins[i].late > (most ? most->late : 0))
            most = &tallies->origins[i];
    return most;
}

static bool is_starved(const struct findings_input *input, double held)
{
    const struct tally_starvation *starvation = &input->tallies->starvation;
    double late = (double)starvation->late;
    double time = (double)starvation->time;
    return late >= threshold(STARVING_LATE) &&
           time >= threshold(STARVING_TIME_SHARE) * (double)input->tallies->lifetime &&
           held >= (input->procs - threshold(STARVING_FREE)) * time;
}

static void add(const struct findings_input *input, const struct tally_origin *holder, double share,
                struct findings *findings)
{
    const struct tally_starvation *starvation = &input->tallies->starvation;
    const struct tally_origin *waiter = victim(input->tallies);
    struct finding *finding = findings_add(findings, FINDING_NETPOLL_STARVATION);
    if (!finding)
        return;
    double late = (double)starvation->late;
    double each = (double)starvation->late_time / late;
    double time = (double)starvation->time / (double)input->tallies->lifetime;
    finding->creator = holder->main ? NULL : holder->creator;
    finding->function = holder->function;
    finding->has_span = true;
    finding->first = holder->first_held;
    finding->last = holder->last_held;
    finding_figure(finding, "late", late);
    finding_figure(finding, "late_each_ns", each);
    finding_figure(finding, "late_ratio", late / (double)starvation->waits);
    finding_figure(finding, "waiting_ratio", time);
    finding_figure(finding, "gomaxprocs", input->procs);
    finding_figure(finding, "holds", (double)holder->holds);
    finding_figure(finding, "held_procs", (double)holder->held / (double)starvation->time);
    finding_figure(finding, "held_ratio", share);
    finding_figure(finding, "longest_hold_ns", (double)holder->longest_hold);
    words_number count;
    words_number wait;
    words_number longest;
    words_number procs;
    finding_says(
        finding,
        "What was ready on the network waited for a P %s times, for %s each (goroutines of %s): those "
        "of %s%s%s held %.2g of %s Ps meanwhile, computing for up to %s at a time without a break.",
        words_count(count, late), words_time(wait, each), words_function(waiter ? waiter->function : NULL),
        words_function(holder->function), finding->creator ? ", started by " : "",
        finding->creator ? words_function(finding->creator) : "",
        (double)holder->held / (double)starvation->time, words_count(procs, input->procs),
        words_time(longest, (double)holder->longest_hold));
}

void starving_judge(const struct findings_input *input, struct findings *findings)
{
    const struct tallies *tallies = input->tallies;
    if (isnan(input->procs) || !tallies->cpu_clock) {
        findings_cannot(findings, FINDING_NETPOLL_STARVATION,
                        isnan(input->procs) ? "GOMAXPROCS is not known" : "CPU time is not known");
        return;
    }
    double held = all_held(tallies);
    if (!is_starved(input, held))
        return;
    for (size_t i = 0; i < tallies->origin_count; i++) {
        const struct tally_origin *origin = &tallies->origins[i];
        double share = (double)origin->held / held;
        if (!origin->runtime && share >= threshold(STARVING_HOLDER_SHARE))
            add(input, origin, share, findings);
    }
}
