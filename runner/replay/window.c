#include "runner/replay/window.h"

#include <errno.h>
#include <stdlib.h>

#include "runner/replay/state.h"

#define SINGLES  22
#define ALL_MOST (SINGLES + WAIT_REASONS + STW_REASONS)

/* All distributions of a replay, in a fixed order; returns how many. */
static size_t collect(struct replay *replay, struct histogram *all[ALL_MOST])
{
    struct goroutines *goroutines = &replay->goroutines;
    struct collector *collector = &replay->collector;
    struct full *full = &replay->full;
    struct histogram *const singles[] = {
        &replay->threads.run_queue_latency,
        &goroutines->block_time,
        &goroutines->wake_latency,
        &goroutines->run_slice,
        &goroutines->life,
        &replay->wakes.go_queue,
        &replay->wakes.run_queue,
        &replay->wakes.throttled,
        &collector->cycle_time,
        &collector->stw_time,
        &collector->assist_time,
        &collector->mark_time,
        &collector->idle_time,
        &full->processors.bind_time,
        &full->preemption.latency,
        &replay->remarks.syscall_time,
        &full->sysmon.asked,
        &full->sysmon.late,
        &full->sysmon.drift,
        &full->sysmon.drift_20ms,
        &full->netpoll.wake_latency,
        &full->timers.fire_lateness,
    };
    _Static_assert(sizeof singles / sizeof *singles == SINGLES, "room for all");
    size_t count = 0;
    for (size_t i = 0; i < SINGLES; i++)
        all[count++] = singles[i];
    for (size_t i = 0; i < WAIT_REASONS; i++)
        all[count++] = &goroutines->block_time_by_reason[i];
    for (size_t i = 0; i < STW_REASONS; i++)
        all[count++] = &collector->stw_time_by_reason[i];
    return count;
}

void window_start(struct replay *replay)
{
    struct histogram *all[ALL_MOST];
    size_t count = collect(replay, all);
    for (size_t i = 0; i < count; i++)
        histogram_free(all[i]);
}

int window_end(struct replay *replay)
{
    struct histogram *all[ALL_MOST];
    size_t count = collect(replay, all);
    if (replay->window.ended)
        return 0;
    replay->window.kept = calloc(count, sizeof *replay->window.kept);
    if (!replay->window.kept)
        return -ENOMEM;
    replay->window.ended = true;
    for (size_t i = 0; i < count; i++) {
        replay->window.kept[i] = *all[i];
        *all[i] = (struct histogram){0};
    }
    return 0;
}

void window_restore(struct replay *replay)
{
    struct histogram *all[ALL_MOST];
    size_t count = collect(replay, all);
    for (size_t i = 0; replay->window.kept && i < count; i++) {
        histogram_free(all[i]);
        *all[i] = replay->window.kept[i];
    }
    free(replay->window.kept);
    replay->window.kept = NULL;
}

void window_close(struct replay *replay)
{
    window_restore(replay); /* whoever owns them releases them */
}
