#include "runner/replay/replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runner/gobin/gobin.h"
#include "runner/replay/figures.h"
#include "runner/replay/state.h"

int replay_open(const struct replay_settings *settings, struct replay **replay)
{
    struct replay *opened = calloc(1, sizeof *opened);
    if (!opened)
        return -ENOMEM;
    opened->settings = *settings;
    if (!settings->wait_reasons)
        opened->settings.wait_reasons = gobin_wait_reasons_of(settings->go_minor);
    if (!settings->stw_reasons)
        opened->settings.stw_reasons = gobin_stw_reasons_of(settings->go_minor);
    const struct origins origins = {.is_runtime = settings->is_runtime,
                                    .function_at = settings->function_at,
                                    .context = settings->context};
    int result = threads_open(&opened->threads);
    opened->threads.listener = settings->listener;
    opened->threads.keep_waits = settings->go;
    if (result == 0)
        result = goroutines_open(&opened->goroutines, &origins, opened->settings.wait_reasons);
    if (result == 0)
        result = collector_open(&opened->collector);
    if (result == 0)
        result = full_open(&opened->full, &opened->settings);
    if (result == 0)
        result = carriers_open(&opened->carriers);
    if (result == 0)
        result = stacks_open(&opened->stacks);
    if (result < 0) {
        replay_close(opened);
        return result;
    }
    *replay = opened;
    return 0;
}

void replay_close(struct replay *replay)
{
    if (!replay)
        return;
    window_close(replay);
    threads_close(&replay->threads);
    goroutines_close(&replay->goroutines);
    collector_close(&replay->collector);
    wakes_close(&replay->wakes);
    full_close(&replay->full);
    remarks_close(&replay->remarks);
    carriers_close(&replay->carriers);
    stacks_close(&replay->stacks);
    tallies_free(&replay->tallies);
    free(replay);
}

static void advance_series(struct replay *replay, uint64_t now)
{
    uint64_t totals[SERIES_COUNTS];
    replay_totals(replay, totals);
    series_advance(&replay->series, now, totals);
}

static int on_mark(struct replay *replay, const struct event_header *event)
{
    uint64_t mark = ((const struct event_mark *)event)->mark;
    if (mark == MARK_START && !replay->started) {
        replay->started = true;
        replay->start = replay->now;
        series_start(&replay->series, replay->now);
    } else if (mark == MARK_END && !replay->ended) {
        replay->ended = true;
        replay->end = replay->now;
    } else if (mark == MARK_WINDOW_START) {
        window_start(replay);
    } else if (mark == MARK_WINDOW_END) {
        return window_end(replay);
    }
    return 0;
}

static int on_thread(struct replay *replay, const struct event_header *event)
{
    int result = threads_event(&replay->threads, event, replay->now);
    series_level(&replay->series, SERIES_RUNNING_THREADS, replay->threads.on_cpu, replay->now);
    return result;
}

static int on_switch(struct replay *replay, const struct event_header *event)
{
    int result = on_thread(replay, event);
    if (result == 0 && replay->settings.full)
        result = full_switch(&replay->full, (const struct event_sched_switch *)event, replay->now);
    return result;
}

static int on_process(struct replay *replay, const struct event_header *event)
{
    struct goroutine_change change;
    int result = goroutines_event(&replay->goroutines, event, replay->now, &change);
    if (result == 0 && replay->settings.full)
        result = full_process(&replay->full, &replay->carriers, event, replay->now);
    carriers_end(&replay->carriers, event->tid);
    return result < 0 ? result : on_thread(replay, event);
}

static int on_goroutine(struct replay *replay, const struct event_header *event)
{
    struct goroutines *goroutines = &replay->goroutines;
    struct goroutine_change change;
    uint64_t impossible = goroutines->impossible;
    replay->go_events++;
    int result = remarks_event(replay, event);
    if (result < 0)
        return result;
    result = goroutines_event(goroutines, event, replay->now, &change);
    if (!plausible_decided(&replay->plausible))
        plausible_event(&replay->plausible, event, replay->settings.wait_reasons,
                        goroutines->impossible != impossible);
    series_level(&replay->series, SERIES_ALIVE, goroutines->demo.alive, replay->now);
    series_level(&replay->series, SERIES_RUNNABLE, goroutines->runnable, replay->now);
    if (result == 0 && change.woken && replay->settings.sched) {
        result = wakes_add(&replay->wakes, &replay->threads, event, change.since, replay->now);
        replay->derived = result == 0;
    }
    if (result == 0 && replay->settings.full)
        result = full_goroutine(&replay->full, &replay->carriers, goroutines, event, &change, replay->now);
    return result;
}

/* The rest of what Go's runtime tells. */
static int on_runtime(struct replay *replay, const struct event_header *event)
{
    int result = remarks_event(replay, event);
    if (result == 0)
        result = collector_event(&replay->collector, event, replay->now);
    if (result == 0 && replay->settings.full)
        result = full_event(&replay->full, &replay->carriers, event, replay->now);
    return result;
}

static int (*const handlers[EVENT_KIND_COUNT])(struct replay *, const struct event_header *) = {
    [EVENT_SCHED_SWITCH] = on_switch,
    [EVENT_SCHED_WAKING] = on_thread,
    [EVENT_SCHED_WAKEUP] = on_thread,
    [EVENT_SCHED_WAKEUP_NEW] = on_thread,
    [EVENT_PROCESS_FORK] = on_thread,
    [EVENT_PROCESS_EXEC] = on_process,
    [EVENT_PROCESS_EXIT] = on_process,
    [EVENT_GO_CREATE... EVENT_GO_EXIT] = on_goroutine,
    [EVENT_GO_CORO_SWITCH] = on_goroutine,
    [EVENT_GO_GC_START... EVENT_GO_TIMER_FIRE] = on_runtime,
    [EVENT_GO_STACK] = on_runtime,
    [EVENT_GO_LOCK_WAIT] = on_runtime,
    [EVENT_MARK] = on_mark,
};

int replay_event(struct replay *replay, const struct event_header *event)
{
    sequences_event(&replay->sequences, event);
    /* A time that goes back is damage; no figure may become negative by it. */
    if (event->time > replay->now || replay->events == 0)
        replay->now = event->time;
    if (replay->events++ == 0)
        replay->first = event->time;
    replay->derived = false;
    if (replay->ended || event->kind >= EVENT_KIND_COUNT || !handlers[event->kind])
        return 0;
    if (series_is_due(&replay->series, replay->now))
        advance_series(replay, replay->now);
    return handlers[event->kind](replay, event);
}

const struct event_header *replay_derived(const struct replay *replay)
{
    return replay->derived ? &replay->wakes.derived.header : NULL;
}

int replay_finish(struct replay *replay, const struct observer_losses *losses, struct metrics *metrics)
{
    uint64_t end = replay_end(replay);
    if (replay->events)
        advance_series(replay, end);
    threads_finish(&replay->threads, end);
    int result = goroutines_finish(&replay->goroutines, end);
    if (result == 0)
        result = full_finish(&replay->full, end);
    if (result == 0)
        result = tallies_fill(replay, end);
    if (result < 0)
        return result;
    window_restore(replay);
    if (losses)
        memcpy(replay->counted.counts, losses->counted, sizeof replay->counted.counts);
    counted_add_totals(replay);
    figures_fill(replay, end, metrics);
    losses_mark(metrics, losses, &replay->sequences, replay->threads.totals.ignored,
                replay->goroutines.ignored + replay->collector.ignored + full_ignored(&replay->full));
    counted_withdraw(replay, metrics);
    return 0;
}

bool replay_go_failed(const struct replay *replay)
{
    return plausible_decided(&replay->plausible) && !plausible_verdict(&replay->plausible, NULL, 0);
}

struct replay_fit replay_fit(const struct replay *replay)
{
    return (struct replay_fit){.events = replay->go_events, .misfits = replay->goroutines.impossible};
}

const struct tallies *replay_tallies(const struct replay *replay)
{
    return &replay->tallies;
}

bool replay_plausible(const struct replay *replay, char *why, size_t size)
{
    return plausible_verdict(&replay->plausible, why, size);
}
