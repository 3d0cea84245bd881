#include "runner/replay/replay.h"

#include <errno.h>
#include <stdlib.h>

#include "runner/gobin/gobin.h"
#include "runner/replay/collector.h"
#include "runner/replay/figures.h"
#include "runner/replay/goroutines.h"
#include "runner/replay/losses.h"
#include "runner/replay/plausible.h"
#include "runner/replay/remarks.h"
#include "runner/replay/state.h"
#include "runner/replay/threads.h"
#include "runner/replay/window.h"

int replay_open(const struct replay_settings *settings, struct replay **replay)
{
    struct replay *opened = calloc(1, sizeof *opened);
    if (!opened)
        return -ENOMEM;
    opened->settings = *settings;
    int result = threads_open(&opened->threads);
    opened->threads.listener = settings->listener;
    if (result == 0)
        result = goroutines_open(&opened->goroutines, settings->is_runtime, settings->context);
    if (result == 0)
        result = collector_open(&opened->collector);
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
    carriers_close(&replay->carriers);
    stacks_close(&replay->stacks);
    tallies_free(&replay->tallies);
    free(replay);
}

static int on_mark(struct replay *replay, uint64_t mark)
{
    if (mark == MARK_START && !replay->started) {
        replay->started = true;
        replay->start = replay->now;
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

static int on_goroutine(struct replay *replay, const struct event_header *event)
{
    uint64_t impossible = replay->goroutines.impossible;
    int result = goroutines_event(&replay->goroutines, event, replay->now);
    plausible_event(&replay->plausible, event, replay->settings.go_minor,
                    replay->goroutines.impossible != impossible);
    return result;
}

int replay_event(struct replay *replay, const struct event_header *event)
{
    sequences_event(&replay->sequences, event);
    /* A time that goes back is damage; no figure may become negative by it. */
    if (event->time > replay->now || replay->events == 0)
        replay->now = event->time;
    if (replay->events++ == 0)
        replay->first = event->time;
    if (replay->ended)
        return 0;
    if (event->kind >= EVENT_GO_CREATE && event->kind != EVENT_MARK)
        remarks_event(replay, event);
    switch (event->kind) {
    case EVENT_SCHED_SWITCH:
    case EVENT_SCHED_WAKING:
    case EVENT_SCHED_WAKEUP:
    case EVENT_SCHED_WAKEUP_NEW:
    case EVENT_SCHED_MIGRATE:
    case EVENT_PROCESS_FORK:
        return threads_event(&replay->threads, event, replay->now);
    case EVENT_PROCESS_EXEC:
    case EVENT_PROCESS_EXIT: {
        int result = goroutines_event(&replay->goroutines, event, replay->now);
        return result < 0 ? result : threads_event(&replay->threads, event, replay->now);
    }
    case EVENT_GO_CREATE:
    case EVENT_GO_RUN:
    case EVENT_GO_PARK:
    case EVENT_GO_READY:
    case EVENT_GO_YIELD:
    case EVENT_GO_UNPARK:
    case EVENT_GO_EXIT:
        replay->go_events++;
        return on_goroutine(replay, event);
    case EVENT_MARK:
        return on_mark(replay, ((const struct event_mark *)event)->mark);
    default:
        return collector_event(&replay->collector, event, replay->now);
    }
}

int replay_finish(struct replay *replay, const struct observer_losses *losses, struct metrics *metrics)
{
    uint64_t end = replay->ended ? replay->end : replay->now;
    threads_finish(&replay->threads, end);
    int result = goroutines_finish(&replay->goroutines, end);
    if (result == 0)
        result = tallies_fill(replay, end);
    if (result < 0)
        return result;
    window_restore(replay);
    figures_fill(replay, end, metrics);
    losses_mark(metrics, losses, &replay->sequences, replay->threads.totals.ignored,
                replay->goroutines.ignored + replay->collector.ignored);
    return 0;
}

bool replay_go_failed(const struct replay *replay)
{
    return plausible_decided(&replay->plausible) && !plausible_verdict(&replay->plausible, NULL, 0);
}

const struct tallies *replay_tallies(const struct replay *replay)
{
    return &replay->tallies;
}

bool replay_plausible(const struct replay *replay, char *why, size_t size)
{
    return plausible_verdict(&replay->plausible, why, size);
}

static json_t *function_json(const struct replay *replay, uint64_t pc)
{
    const struct replay_settings *settings = &replay->settings;
    const char *name = pc && settings->function_at ? settings->function_at(settings->context, pc) : NULL;
    return name ? json_string(name) : json_null();
}

json_t *replay_leaked_json(const struct replay *replay)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < replay->goroutines.leak_count; i++) {
        const struct leak_group *group = &replay->goroutines.leaks[i];
        char reason[WAIT_REASON_NAME_SIZE];
        figures_wait_reason(replay->settings.go_minor, group->reason, reason);
        json_t *row = json_object();
        json_object_set_new(row, "created_by", function_json(replay, group->creator_pc));
        json_object_set_new(row, "function", function_json(replay, group->start_pc));
        json_object_set_new(row, "reason", json_string(reason));
        json_object_set_new(row, "count", metric_number((double)group->count));
        json_array_append_new(list, row);
    }
    return list;
}
