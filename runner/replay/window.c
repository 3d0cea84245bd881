#include "runner/replay/window.h"

#include <errno.h>
#include <stdlib.h>

#include "runner/replay/state.h"

#define SINGLES  6
#define ALL_MOST (SINGLES + WAIT_REASONS + STW_REASONS)

/* All distributions of a replay, in a fixed order; returns how many. */
static size_t collect(struct replay *replay, struct histogram *all[ALL_MOST])
{
    struct histogram *const singles[SINGLES] = {
        &replay->threads.run_queue_latency, &replay->goroutines.block_time, &replay->goroutines.wake_latency,
        &replay->goroutines.run_slice,      &replay->collector.cycle_time,  &replay->collector.stw_time};
    size_t count = 0;
    for (size_t i = 0; i < SINGLES; i++)
        all[count++] = singles[i];
    for (size_t i = 0; i < WAIT_REASONS; i++)
        all[count++] = &replay->goroutines.block_time_by_reason[i];
    for (size_t i = 0; i < STW_REASONS; i++)
        all[count++] = &replay->collector.stw_time_by_reason[i];
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
