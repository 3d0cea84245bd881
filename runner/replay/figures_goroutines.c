/* What level core tells: goroutines and the collector. */
#include "runner/replay/figures_set.h"
#include "runner/replay/state.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const char no_goal[] = "no collection told its goal";
static const char no_cost[] = "this Go version does not tell what a collection cost";
static const char no_cpu_time[] = "the CPU time is not known";

static void fill_parks(const struct goroutines *goroutines, const struct reason_names *names,
                       struct metrics *metrics)
{
    json_t *parks = json_object();
    for (uint32_t reason = 0; reason < WAIT_REASONS; reason++) {
        char name[REASON_NAME_SIZE];
        reasons_wait_name(names, reason, name);
        if (goroutines->parks_by_reason[reason])
            json_object_set_new(parks, name, metric_number((double)goroutines->parks_by_reason[reason]));
    }
    figures_set_parts(metrics, METRIC_GOROUTINES_PARKS, parks);
    if (metrics->values[METRIC_GOROUTINES_BLOCK_TIME].known)
        figures_set_parts(
            metrics, METRIC_GOROUTINES_BLOCK_TIME,
            figures_by_reason(goroutines->block_time_by_reason, WAIT_REASONS, names, reasons_wait_name));
}

static void fill_wakes(struct replay *replay, struct metrics *metrics)
{
    if (!replay->settings.sched) {
        figures_unknown(metrics, METRIC_GOROUTINES_WAKE_GO_QUEUE, METRIC_GOROUTINES_WAKE_THROTTLED,
                        figures_no_sched);
        return;
    }
    const struct distribution split[] = {
        {METRIC_GOROUTINES_WAKE_GO_QUEUE, &replay->wakes.go_queue},
        {METRIC_GOROUTINES_WAKE_RUN_QUEUE, &replay->wakes.run_queue},
        {METRIC_GOROUTINES_WAKE_THROTTLED, &replay->wakes.throttled},
    };
    figures_set_distributions(metrics, split, COUNT_OF(split));
}

void figures_fill_goroutines(struct replay *replay, double seconds, struct metrics *metrics)
{
    struct goroutines *goroutines = &replay->goroutines;
    const struct figure figures[] = {
        {METRIC_GOROUTINES_CREATED, goroutines->demo.created},
        {METRIC_GOROUTINES_EXITED, goroutines->demo.exited},
        {METRIC_GOROUTINES_PEAK, goroutines->demo.peak},
        {METRIC_GOROUTINES_ALIVE_AT_END, goroutines->demo.alive},
        {METRIC_GOROUTINES_RUNTIME, goroutines->runtime.created},
        {METRIC_GOROUTINES_LEAKED, goroutines->leaked},
        {METRIC_GOROUTINES_PARKS, goroutines->parks},
        {METRIC_GOROUTINES_YIELDS, goroutines->yields},
        {METRIC_GOROUTINES_CORO_SWITCHES, goroutines->coroutine_switches},
    };
    figures_set_all(metrics, figures, COUNT_OF(figures));
    const struct figure rates[] = {
        {METRIC_GOROUTINES_CREATE_PER_S, goroutines->demo.created},
        {METRIC_GOROUTINES_PARK_PER_S, goroutines->parks},
        {METRIC_GOROUTINES_READY_PER_S, goroutines->readies},
    };
    figures_set_rates(metrics, rates, COUNT_OF(rates), seconds);
    const struct distribution distributions[] = {
        {METRIC_GOROUTINES_BLOCK_TIME, &goroutines->block_time},
        {METRIC_GOROUTINES_WAKE_LATENCY, &goroutines->wake_latency},
        {METRIC_GOROUTINES_RUN_SLICE, &goroutines->run_slice},
        {METRIC_GOROUTINES_LIFE, &goroutines->life},
    };
    figures_set_distributions(metrics, distributions, COUNT_OF(distributions));
    fill_wakes(replay, metrics);
    fill_parks(goroutines, replay->settings.wait_reasons, metrics);
}

/* Shares of the CPU time that the cgroup counted, else of what the kernel's events show. */
static void fill_ratio(const struct replay *replay, struct metrics *metrics)
{
    const struct collector *collector = &replay->collector;
    const struct metric_value *counted = &metrics->values[METRIC_CPU_TIME];
    double cpu = counted->known           ? counted->value
                 : replay->settings.sched ? (double)replay->threads.totals.time[THREAD_ON_CPU]
                                          : 0;
    if (collector->accounted < collector->cycles) {
        metrics_unknown(metrics, METRIC_GC_CPU_RATIO, no_cost);
    } else if (cpu <= 0) {
        metrics_unknown(metrics, METRIC_GC_CPU_RATIO, no_cpu_time);
    } else {
        double assist = (double)collector->assist;
        double mark = (double)collector->mark;
        double idle = (double)collector->idle;
        double all = assist + mark + idle;
        /* The collector goes by the clock: what the kernel kept from a worker is in its figures. */
        metrics_set(metrics, METRIC_GC_CPU_RATIO, all < cpu ? all / cpu : 1);
        const struct part parts[] = {
            {"assist", assist / cpu},
            {"mark", mark / cpu},
            {"idle", idle / cpu},
        };
        figures_set_parts(metrics, METRIC_GC_CPU_RATIO, figures_parts(parts, COUNT_OF(parts)));
    }
}

/* What each cycle cost; the total of all stands beside it. */
static void fill_costs(struct collector *collector, struct metrics *metrics)
{
    const struct {
        struct distribution cycle;
        double total;
    } costs[] = {
        {{METRIC_GC_ASSIST_TIME, &collector->assist_time}, (double)collector->assist},
        {{METRIC_GC_MARK_TIME, &collector->mark_time}, (double)collector->mark},
        {{METRIC_GC_IDLE_TIME, &collector->idle_time}, (double)collector->idle},
    };
    bool told = collector->accounted == collector->cycles;
    for (size_t i = 0; i < COUNT_OF(costs); i++) {
        enum metric_id id = costs[i].cycle.id;
        metrics_set_distribution(metrics, id, costs[i].cycle.histogram, told ? figures_no_sample : no_cost);
        const struct part total = {"total", costs[i].total};
        if (metrics->values[id].known && told)
            figures_set_parts(metrics, id, figures_parts(&total, 1));
    }
}

void figures_fill_collector(struct replay *replay, struct metrics *metrics)
{
    struct collector *collector = &replay->collector;
    metrics_set(metrics, METRIC_GC_COUNT, (double)collector->cycles);
    const struct distribution distributions[] = {
        {METRIC_GC_CYCLE_TIME, &collector->cycle_time},
        {METRIC_GC_STW_TIME, &collector->stw_time},
    };
    figures_set_distributions(metrics, distributions, COUNT_OF(distributions));
    if (metrics->values[METRIC_GC_STW_TIME].known)
        figures_set_parts(metrics, METRIC_GC_STW_TIME,
                          figures_by_reason(collector->stw_time_by_reason, STW_REASONS,
                                            replay->settings.stw_reasons, reasons_stw_name));
    if (collector->heap_goal)
        metrics_set(metrics, METRIC_GC_HEAP_GOAL, (double)collector->heap_goal);
    else
        metrics_unknown(metrics, METRIC_GC_HEAP_GOAL, no_goal);
    fill_costs(collector, metrics);
    fill_ratio(replay, metrics);
}
