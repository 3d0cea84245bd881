#include "runner/replay/figures.h"

#include <stdio.h>

#include "runner/gobin/gobin.h"
#include "runner/replay/state.h"

static const char no_sched[] = "the kernel probes were off";
static const char no_thread[] = "the kernel probes saw no thread";
static const char no_go[] = "the Go probes were off";
static const char no_go_events[] = "the Go probes saw no goroutine";
static const char not_plausible[] = "the first goroutine events were implausible";
static const char no_full[] = "recorded with `go: full` only";
static const char no_sample[] = "it did not happen";
static const char no_lifetime[] = "the demo's life was too short to tell a rate";
static const char no_goal[] = "no collection told its goal";

void figures_wait_reason(uint32_t go_minor, uint32_t reason, char name[WAIT_REASON_NAME_SIZE])
{
    const char *known = gobin_wait_reason_of(go_minor, reason);
    if (known)
        snprintf(name, WAIT_REASON_NAME_SIZE, "%s", known);
    else if (reason >= WAIT_REASONS - 1)
        snprintf(name, WAIT_REASON_NAME_SIZE, "other");
    else
        snprintf(name, WAIT_REASON_NAME_SIZE, "reason %u", reason);
}

static void stw_reason(uint32_t go_minor, uint32_t reason, char name[WAIT_REASON_NAME_SIZE])
{
    const char *known = gobin_stw_reason(go_minor, reason);
    if (known)
        snprintf(name, WAIT_REASON_NAME_SIZE, "%s", known);
    else if (reason >= STW_REASONS - 1)
        snprintf(name, WAIT_REASON_NAME_SIZE, "other");
    else
        snprintf(name, WAIT_REASON_NAME_SIZE, "reason %u", reason);
}

static void set_parts(struct metrics *metrics, enum metric_id id, json_t *parts)
{
    json_decref(metrics->values[id].parts);
    metrics->values[id].parts = parts;
}

/* Histograms by reason, those that have values. */
static json_t *parts_of(const struct histogram *histograms, uint32_t count, uint32_t go_minor,
                        void (*name_of)(uint32_t, uint32_t, char[WAIT_REASON_NAME_SIZE]))
{
    json_t *parts = json_object();
    char name[WAIT_REASON_NAME_SIZE];
    for (uint32_t reason = 0; reason < count; reason++) {
        if (histograms[reason].count == 0)
            continue;
        name_of(go_minor, reason, name);
        json_object_set_new(parts, name, histogram_json(&histograms[reason]));
    }
    return parts;
}

/* A count, or why there is none. */
struct figure {
    enum metric_id id;
    uint64_t value;
};

static void set_all(struct metrics *metrics, const struct figure *figures, size_t count)
{
    for (size_t i = 0; i < count; i++)
        metrics_set(metrics, figures[i].id, (double)figures[i].value);
}

static void unknown_range(struct metrics *metrics, enum metric_id first, enum metric_id last,
                          const char *reason)
{
    for (unsigned id = first; id <= (unsigned)last; id++)
        metrics_unknown(metrics, (enum metric_id)id, reason);
}

static void fill_threads(struct replay *replay, struct metrics *metrics)
{
    const struct thread_totals *totals = &replay->threads.totals;
    if (!replay->settings.sched || totals->peak == 0) {
        unknown_range(metrics, METRIC_SCHED_RUN_QUEUE_LATENCY, METRIC_SCHED_THREADS_PEAK,
                      replay->settings.sched ? no_thread : no_sched);
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
    set_all(metrics, figures, sizeof figures / sizeof *figures);
    metrics_set_distribution(metrics, METRIC_SCHED_RUN_QUEUE_LATENCY, &replay->threads.run_queue_latency,
                             no_sample);
    json_t *parts = json_object();
    json_object_set_new(parts, "blocked", metric_number((double)totals->time[THREAD_BLOCKED]));
    json_object_set_new(parts, "run_queue", metric_number((double)totals->time[THREAD_RUN_QUEUE]));
    json_object_set_new(parts, "throttled", metric_number((double)totals->time[THREAD_THROTTLED]));
    json_object_set_new(parts, "lifetime", metric_number((double)totals->lifetime));
    set_parts(metrics, METRIC_SCHED_OFF_CPU, parts);
}

static void fill_rates(const struct goroutines *goroutines, double seconds, struct metrics *metrics)
{
    const struct figure rates[] = {
        {METRIC_GOROUTINES_CREATE_PER_S, goroutines->demo.created},
        {METRIC_GOROUTINES_PARK_PER_S, goroutines->parks},
        {METRIC_GOROUTINES_READY_PER_S, goroutines->readies},
    };
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        if (seconds > 0)
            metrics_set(metrics, rates[i].id, (double)rates[i].value / seconds);
        else
            metrics_unknown(metrics, rates[i].id, no_lifetime);
    }
}

static void fill_goroutines(struct replay *replay, double seconds, struct metrics *metrics)
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
    };
    set_all(metrics, figures, sizeof figures / sizeof *figures);
    fill_rates(goroutines, seconds, metrics);
    metrics_set_distribution(metrics, METRIC_GOROUTINES_BLOCK_TIME, &goroutines->block_time, no_sample);
    metrics_set_distribution(metrics, METRIC_GOROUTINES_WAKE_LATENCY, &goroutines->wake_latency, no_sample);
    metrics_set_distribution(metrics, METRIC_GOROUTINES_RUN_SLICE, &goroutines->run_slice, no_sample);
    json_t *parks = json_object();
    for (uint32_t reason = 0; reason < WAIT_REASONS; reason++) {
        char name[WAIT_REASON_NAME_SIZE];
        figures_wait_reason(replay->settings.go_minor, reason, name);
        if (goroutines->parks_by_reason[reason])
            json_object_set_new(parks, name, metric_number((double)goroutines->parks_by_reason[reason]));
    }
    set_parts(metrics, METRIC_GOROUTINES_PARKS, parks);
    if (metrics->values[METRIC_GOROUTINES_BLOCK_TIME].known)
        set_parts(metrics, METRIC_GOROUTINES_BLOCK_TIME,
                  parts_of(goroutines->block_time_by_reason, WAIT_REASONS, replay->settings.go_minor,
                           figures_wait_reason));
}

static void fill_collector(struct replay *replay, struct metrics *metrics)
{
    struct collector *collector = &replay->collector;
    metrics_set(metrics, METRIC_GC_COUNT, (double)collector->cycles);
    metrics_set_distribution(metrics, METRIC_GC_CYCLE_TIME, &collector->cycle_time, no_sample);
    metrics_set_distribution(metrics, METRIC_GC_STW_TIME, &collector->stw_time, no_sample);
    if (metrics->values[METRIC_GC_STW_TIME].known)
        set_parts(
            metrics, METRIC_GC_STW_TIME,
            parts_of(collector->stw_time_by_reason, STW_REASONS, replay->settings.go_minor, stw_reason));
    if (collector->heap_goal)
        metrics_set(metrics, METRIC_GC_HEAP_GOAL, (double)collector->heap_goal);
    else
        metrics_unknown(metrics, METRIC_GC_HEAP_GOAL, no_goal);
    const struct figure full[] = {
        {METRIC_SYSCALLS, collector->syscalls},
        {METRIC_TIMERS_MADE, collector->timers_made},
        {METRIC_TIMERS_STOPPED, collector->timers_stopped},
        {METRIC_TIMERS_RESET, collector->timers_reset},
    };
    if (replay->settings.full)
        set_all(metrics, full, sizeof full / sizeof *full);
    else
        unknown_range(metrics, METRIC_SYSCALLS, METRIC_TIMERS_RESET, no_full);
}

static const char *why_no_go(const struct replay *replay)
{
    if (!replay->settings.go)
        return no_go;
    if (replay->go_events == 0)
        return no_go_events;
    return plausible_verdict(&replay->plausible, NULL, 0) ? NULL : not_plausible;
}

void figures_fill(struct replay *replay, uint64_t end, struct metrics *metrics)
{
    uint64_t start = replay->started ? replay->start : replay->first;
    uint64_t lifetime = end > start ? end - start : 0;
    /* The trial's own clock has the first word; a trace that is read back has only its marks. */
    struct metric_value *wall = &metrics->values[METRIC_TIME_WALL];
    if (!wall->known && !wall->reason && replay->started && replay->ended)
        metrics_set(metrics, METRIC_TIME_WALL, (double)lifetime);

    fill_threads(replay, metrics);
    const char *reason = why_no_go(replay);
    if (reason) {
        unknown_range(metrics, METRIC_GOROUTINES_CREATED, METRIC_GOROUTINES_YIELDS, reason);
        return;
    }
    fill_goroutines(replay, (double)lifetime / 1e9, metrics);
    fill_collector(replay, metrics);
}
