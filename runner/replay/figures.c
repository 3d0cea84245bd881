#include "runner/replay/figures.h"

#include "runner/replay/figures_set.h"
#include "runner/replay/losses.h"
#include "runner/replay/state.h"

static const char no_go[] = "the Go probes were off";
static const char counters_only[] = "recorded with `go: core` and `go: full` only";
static const char no_go_events[] = "the Go probes saw no goroutine";
static const char not_plausible[] = "the first goroutine events were implausible";
static const char no_probe[] = "this executable has no place where it could be observed";

static const char *why_no_go(const struct replay *replay)
{
    if (!replay->settings.go)
        return replay->settings.counters ? counters_only : no_go;
    if (replay->go_events == 0)
        return no_go_events;
    return plausible_verdict(&replay->plausible, NULL, 0) ? NULL : not_plausible;
}

/* What no probe could tell is not known; a count of 0 would be a lie. */
static void withdraw_absent(uint64_t kinds, struct metrics *metrics)
{
    for (unsigned id = METRIC_GOROUTINES_CREATED; kinds && id < METRIC_ID_COUNT; id++) {
        if (losses_kinds_of((enum metric_id)id) & kinds) {
            metrics_clear(metrics, (enum metric_id)id);
            metrics_unknown(metrics, (enum metric_id)id, no_probe);
        }
    }
}

void figures_fill(struct replay *replay, uint64_t end, struct metrics *metrics)
{
    uint64_t start = replay->started ? replay->start : replay->first;
    uint64_t lifetime = end > start ? end - start : 0;
    double seconds = (double)lifetime / 1e9;
    /* The trial's own clock has the first word; a trace that is read back has only its marks. */
    struct metric_value *wall = &metrics->values[METRIC_TIME_WALL];
    if (!wall->known && !wall->reason && replay->started && replay->ended)
        metrics_set(metrics, METRIC_TIME_WALL, (double)lifetime);

    figures_fill_threads(replay, metrics);
    const char *reason = why_no_go(replay);
    if (reason) {
        figures_unknown(metrics, METRIC_GOROUTINES_CREATED, METRIC_LOCKS_WAITS, reason);
        return;
    }
    figures_fill_goroutines(replay, seconds, metrics);
    figures_fill_collector(replay, metrics);
    figures_fill_full(replay, seconds, end, metrics);
    withdraw_absent(replay->settings.absent_kinds, metrics);
}
