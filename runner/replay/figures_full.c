/* What level full tells: the scheduler's inside. */
#include "runner/replay/figures_set.h"
#include "runner/replay/state.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const char no_full[] = "recorded with `go: full` only";
static const char no_processor[] = "no P was seen";
static const char no_timer[] = "no timer was made";
static const char too_many_timers[] = "more timers at once than are followed";

static void fill_processors(const struct replay *replay, struct metrics *metrics)
{
    const struct full *full = &replay->full;
    const struct carriers *carriers = &replay->carriers;
    const struct remark_counts *counts = &replay->remarks;
    const struct processors *processors = &full->processors;
    const struct figure figures[] = {
        {METRIC_PROC_COUNT, full->procs > processors->most ? full->procs : processors->most},
        {METRIC_PROC_HANDOFFS, processors->handoffs},
        {METRIC_PROC_STEALS, processors->steals},
        {METRIC_PROC_STEALS_IN_VAIN, processors->steals_in_vain},
        {METRIC_THREAD_CREATED, counts->threads_created},
        {METRIC_THREAD_STARTED, counts->threads_started},
        {METRIC_THREAD_PARKED, carriers->parked},
        {METRIC_THREAD_IN_VAIN, carriers->in_vain},
    };
    figures_set_all(metrics, figures, COUNT_OF(figures));
    const struct part from_syscalls = {"syscall", (double)processors->handoffs_syscall};
    const struct part stolen = {"goroutines", (double)processors->stolen};
    const struct part spinning = {"spinning", (double)counts->threads_spinning};
    figures_set_parts(metrics, METRIC_PROC_HANDOFFS, figures_parts(&from_syscalls, 1));
    figures_set_parts(metrics, METRIC_PROC_STEALS, figures_parts(&stolen, 1));
    figures_set_parts(metrics, METRIC_THREAD_STARTED, figures_parts(&spinning, 1));
    if (processors->available > 0)
        metrics_set(metrics, METRIC_PROC_IDLE_RATIO, 1 - processors->bound / processors->available);
    else
        metrics_unknown(metrics, METRIC_PROC_IDLE_RATIO, no_processor);
}

static void fill_preemption(const struct preemption *preemption, struct metrics *metrics)
{
    const struct figure figures[] = {
        {METRIC_PREEMPT_COUNT, preemption->forced + preemption->cooperative},
        {METRIC_PREEMPT_FORCED, preemption->forced},
        {METRIC_PREEMPT_COOPERATIVE, preemption->cooperative},
    };
    figures_set_all(metrics, figures, COUNT_OF(figures));
    const struct part requests[] = {
        {"requests", (double)preemption->asked},
        {"void", (double)preemption->void_requests},
    };
    figures_set_parts(metrics, METRIC_PREEMPT_COUNT, figures_parts(requests, COUNT_OF(requests)));
    const struct part yields[] = {
        {"called", (double)preemption->yields_called},
        {"preempted", (double)preemption->yields_preempted},
        {"syscall", (double)preemption->yields_syscall},
        {"handed", (double)preemption->yields_handed},
    };
    figures_set_parts(metrics, METRIC_GOROUTINES_YIELDS, figures_parts(yields, COUNT_OF(yields)));
}

/* Quantiles of a histogram of parts per million, as ratios. */
static json_t *ratios(const struct histogram *histogram)
{
    const struct part parts[] = {
        {"n", (double)histogram->count},
        {"p50", (double)histogram_quantile(histogram, 0.5) / 1e6},
        {"p90", (double)histogram_quantile(histogram, 0.9) / 1e6},
        {"p99", (double)histogram_quantile(histogram, 0.99) / 1e6},
        {"max", (double)histogram->max / 1e6},
    };
    return figures_parts(parts, COUNT_OF(parts));
}

static void fill_sysmon(const struct sysmon *sysmon, struct metrics *metrics)
{
    if (sysmon->drift.count == 0) {
        figures_unknown(metrics, METRIC_SYSMON_DRIFT, METRIC_SYSMON_DRIFT_20MS, figures_no_sample);
        return;
    }
    /* By time, not by sleep: the shortest sleeps, 20 us, are the most and never kept. */
    metrics_set(metrics, METRIC_SYSMON_DRIFT, sysmon->late.sum / sysmon->asked.sum);
    metrics_set(metrics, METRIC_SYSMON_DRIFT_20MS, histogram_mean(&sysmon->drift_20ms) / 1e6);
    figures_set_parts(metrics, METRIC_SYSMON_DRIFT, ratios(&sysmon->drift));
    figures_set_parts(metrics, METRIC_SYSMON_DRIFT_20MS, ratios(&sysmon->drift_20ms));
}

static void fill_netpoll(const struct netpoll *netpoll, struct metrics *metrics)
{
    const struct part calls[] = {
        {"look", (double)netpoll->looks},
        {"wait", (double)netpoll->waits},
        {"endless", (double)netpoll->endless},
    };
    const struct part nobody = {"nobody waited", (double)netpoll->nobody};
    figures_set_parts(metrics, METRIC_NETPOLL_CALLS, figures_parts(calls, COUNT_OF(calls)));
    figures_set_parts(metrics, METRIC_NETPOLL_READY, figures_parts(&nobody, 1));
}

static void fill_timers(const struct timers *timers, uint64_t end, struct metrics *metrics)
{
    if (timers->untracked || timers->made == 0) {
        metrics_unknown(metrics, METRIC_TIMERS_MEAN_LIFE, timers->made ? too_many_timers : no_timer);
        return;
    }
    metrics_set(metrics, METRIC_TIMERS_MEAN_LIFE, timers_mean_life(timers, end));
    const struct part parts[] = {
        {"ended", (double)timers->ended},
        {"cut_off", (double)(timers->cut_off + timers->alive)},
    };
    figures_set_parts(metrics, METRIC_TIMERS_MEAN_LIFE, figures_parts(parts, COUNT_OF(parts)));
}

void figures_fill_full(struct replay *replay, double seconds, uint64_t end, struct metrics *metrics)
{
    struct full *full = &replay->full;
    if (!replay->settings.full) {
        figures_unknown(metrics, METRIC_PROC_COUNT, METRIC_LOCKS_WAITS, no_full);
        return;
    }
    fill_sysmon(&full->sysmon, metrics); /* before its histograms move out */
    const struct distribution distributions[] = {
        {METRIC_PROC_BIND_TIME, &full->processors.bind_time},
        {METRIC_PREEMPT_LATENCY, &full->preemption.latency},
        {METRIC_SYSMON_SLEEP, &full->sysmon.asked},
        {METRIC_SYSMON_SLEEP_LATE, &full->sysmon.late},
        {METRIC_SYSCALLS_TIME, &replay->remarks.syscall_time},
        {METRIC_NETPOLL_WAKE_LATENCY, &full->netpoll.wake_latency},
        {METRIC_TIMERS_FIRE_LATENESS, &full->timers.fire_lateness},
    };
    figures_set_distributions(metrics, distributions, COUNT_OF(distributions));
    const struct figure figures[] = {
        {METRIC_SYSCALLS, replay->remarks.syscalls},
        {METRIC_SYSCALLS_BLOCKING, full->processors.handoffs_syscall},
        {METRIC_NETPOLL_CALLS, full->netpoll.looks + full->netpoll.waits + full->netpoll.endless},
        {METRIC_NETPOLL_READY, full->netpoll.descriptors},
        {METRIC_TIMERS_MADE, full->timers.made},
        {METRIC_TIMERS_STOPPED, full->timers.stopped},
        {METRIC_TIMERS_RESET, full->timers.reset},
        {METRIC_TIMERS_FIRED, full->timers.fired},
        {METRIC_LOCKS_WAITS, replay->remarks.lock_waits},
    };
    figures_set_all(metrics, figures, COUNT_OF(figures));
    const struct figure made = {METRIC_TIMERS_CREATED_PER_S, full->timers.made};
    figures_set_rates(metrics, &made, 1, seconds);
    fill_processors(replay, metrics);
    fill_preemption(&full->preemption, metrics);
    fill_netpoll(&full->netpoll, metrics);
    fill_timers(&full->timers, end, metrics);
}
