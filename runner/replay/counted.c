#include "runner/replay/counted.h"

#include <stdbool.h>
#include <stddef.h>

#include "runner/replay/losses.h"
#include "runner/replay/state.h"

static const char too_many[] = "its events were more a second than probes.rate_max: they were only counted";

/* Exact also where their events are only counted. */
static const enum metric_id exact[] = {
    METRIC_GOROUTINES_PARKS,      METRIC_GOROUTINES_YIELDS,      METRIC_GOROUTINES_CORO_SWITCHES,
    METRIC_GOROUTINES_PARK_PER_S, METRIC_GOROUTINES_READY_PER_S, METRIC_SYSCALLS,
    METRIC_TIMERS_MADE,           METRIC_TIMERS_STOPPED,         METRIC_TIMERS_RESET,
    METRIC_TIMERS_FIRED,          METRIC_TIMERS_CREATED_PER_S,
};

static bool is_exact(const struct replay *replay, enum metric_id id)
{
    /* Where the collector is in the way, a switch to a coroutine readies it, and that is no wake-up. */
    if (id == METRIC_GOROUTINES_READY_PER_S && replay->goroutines.coroutine_switches)
        return false;
    for (size_t i = 0; i < sizeof exact / sizeof *exact; i++)
        if (exact[i] == id)
            return true;
    return false;
}

void replay_counted(struct replay *replay, const struct observer_count *count)
{
    struct goroutines *goroutines = &replay->goroutines;
    if (origin_of(&goroutines->origins, count->start_pc) == ORIGIN_RUNTIME)
        return;
    uint32_t reason = count->reason < WAIT_REASONS - 1 ? count->reason : WAIT_REASONS - 1;
    bool park = count->kind == EVENT_GO_PARK;
    switch ((int)count->kind) {
    case EVENT_GO_PARK:
    case EVENT_GO_UNPARK:
        if (reason == goroutines->coroutine_reason)
            break; /* a switch between coroutines that the collector was in the way of */
        goroutines->parks += park ? count->count : -count->count;
        goroutines->parks_by_reason[reason] += park ? count->count : -count->count;
        break;
    case EVENT_GO_READY:
        goroutines->readies += count->count;
        break;
    case EVENT_GO_YIELD:
        goroutines->yields += count->count;
        break;
    case EVENT_GO_CORO_SWITCH:
        goroutines->coroutine_switches += count->count;
        break;
    default:
        break;
    }
}

void replay_count_only(struct replay *replay, uint64_t kinds)
{
    replay->counted.kinds = kinds;
}

void counted_add_totals(struct replay *replay)
{
    const uint64_t *counts = replay->counted.counts;
    replay->remarks.syscalls += counts[EVENT_GO_SYSCALL_ENTER];
    replay->full.timers.made += counts[EVENT_GO_TIMER_MAKE];
    replay->full.timers.stopped += counts[EVENT_GO_TIMER_STOP];
    replay->full.timers.reset += counts[EVENT_GO_TIMER_RESET];
    replay->full.timers.fired += counts[EVENT_GO_TIMER_FIRE];
}

void counted_withdraw(const struct replay *replay, struct metrics *metrics)
{
    for (unsigned id = METRIC_GOROUTINES_CREATED; replay->counted.kinds && id < METRIC_ID_COUNT; id++) {
        uint64_t kinds = losses_kinds_of((enum metric_id)id) & replay->counted.kinds;
        struct metric_value *value = &metrics->values[id];
        if (!kinds || !value->known)
            continue;
        if (is_exact(replay, (enum metric_id)id)) {
            if (id != METRIC_GOROUTINES_PARKS) { /* what it is made of was counted for parks alone */
                json_decref(value->parts);
                value->parts = NULL;
            }
            continue;
        }
        uint64_t counted = 0;
        for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++)
            counted += kinds >> kind & 1 ? replay->counted.counts[kind] : 0;
        metrics_clear(metrics, (enum metric_id)id);
        metrics_unknown(metrics, (enum metric_id)id, too_many);
        value->lost = counted; /* for who judges by what was told all the same */
        value->lossy = counted > 0;
    }
}
