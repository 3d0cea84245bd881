#include "runner/findings/timers.h"

#include <math.h>

#include "runner/findings/thresholds.h"
#include "runner/findings/words.h"

/* Whose goroutines made most of them. */
static const struct tally_origin *maker(const struct tallies *tallies)
{
    const struct tally_origin *most = NULL;
    for (size_t i = 0; i < tallies->origin_count; i++)
        if (tallies->origins[i].timers_made > (most ? most->timers_made : 0))
            most = &tallies->origins[i];
    return most;
}

void timers_judge(const struct findings_input *input, struct findings *findings)
{
    double made = findings_metric(input, METRIC_TIMERS_MADE);
    double stopped = findings_metric(input, METRIC_TIMERS_STOPPED);
    double cpu = findings_metric(input, METRIC_CPU_TIME);
    if (isnan(made) || isnan(stopped) || isnan(cpu)) {
        findings_cannot(findings, FINDING_TIMER_ABUSE,
                        isnan(cpu) ? "CPU time is not known" : "timers were not counted");
        return;
    }
    /* Sleeps and deadlines fire, too: at most this many of those that were made did. */
    double fired = fmin(made, (double)input->tallies->timers_fired);
    double unfired = made - fired;
    double seconds = (double)input->tallies->lifetime / 1e9;
    if (made < threshold(TIMERS_MADE) || made < threshold(TIMERS_PER_CPU_S) * cpu / 1e9 ||
        unfired < threshold(TIMERS_UNFIRED_SHARE) * made)
        return;
    struct finding *finding = findings_add(findings, FINDING_TIMER_ABUSE);
    if (!finding)
        return;
    const struct tally_origin *origin = maker(input->tallies);
    finding->creator = origin && !origin->main ? origin->creator : NULL;
    finding->function = origin ? origin->function : NULL;
    finding_figure(finding, "made", made);
    finding_figure(finding, "made_per_s", made / seconds);
    finding_figure(finding, "never_fired_least", unfired);
    finding_figure(finding, "stopped", stopped);
    finding_figure(finding, "abandoned", fmax(0, unfired - stopped));
    words_number count;
    words_number rate;
    words_number left;
    finding_says(
        finding,
        "%s timers were made (%s), most of them by goroutines of %s, and %.0f%% never fired; %s were "
        "neither stopped nor fired, but left to their time or to the collector.",
        words_count(count, made), words_rate(rate, made / seconds),
        words_function(origin ? origin->function : NULL), unfired / made * 100,
        words_count(left, fmax(0, unfired - stopped)));
}
