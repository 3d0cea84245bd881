/* What the kernel's events tell of the demo's threads. */
#include "runner/replay/figures_set.h"
#include "runner/replay/state.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const char no_thread[] = "the kernel probes saw no thread";

void figures_fill_threads(struct replay *replay, struct metrics *metrics)
{
    const struct thread_totals *totals = &replay->threads.totals;
    if (!replay->settings.sched || totals->peak == 0) {
        figures_unknown(metrics, METRIC_SCHED_RUN_QUEUE_LATENCY, METRIC_SCHED_THREADS_PEAK,
                        replay->settings.sched ? no_thread : figures_no_sched);
        return;
    }
    const struct figure figures[] = {
        {METRIC_SCHED_ON_CPU, totals->time[THREAD_ON_CPU]},
        {METRIC_SCHED_OFF_CPU, totals->lifetime - totals->time[THREAD_ON_CPU]},
        {METRIC_SCHED_THROTTLED, totals->time[THREAD_THROTTLED]},
        {METRIC_SCHED_SWITCHES, totals->switches},
        {METRIC_SCHED_SWITCHES_VOLUNTARY, totals->voluntary},
        {METRIC_SCHED_SWITCHES_INVOLUNTARY, totals->involuntary},
        {METRIC_SCHED_MIGRATIONS, totals->migrations},
        {METRIC_SCHED_THREADS_PEAK, totals->peak},
    };
    figures_set_all(metrics, figures, COUNT_OF(figures));
    const struct distribution latency = {METRIC_SCHED_RUN_QUEUE_LATENCY, &replay->threads.run_queue_latency};
    figures_set_distributions(metrics, &latency, 1);
    const struct part off_cpu[] = {
        {"blocked", (double)totals->time[THREAD_BLOCKED]},
        {"run_queue", (double)totals->time[THREAD_RUN_QUEUE]},
        {"throttled", (double)totals->time[THREAD_THROTTLED]},
        {"lifetime", (double)totals->lifetime},
    };
    figures_set_parts(metrics, METRIC_SCHED_OFF_CPU, figures_parts(off_cpu, COUNT_OF(off_cpu)));
}
