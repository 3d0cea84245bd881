/* What a replay says beside the metrics. */
#include "runner/replay/replay.h"
#include "runner/replay/state.h"

static json_t *function_json(const struct replay *replay, uint64_t pc)
{
    const struct replay_settings *settings = &replay->settings;
    const char *name = pc && settings->function_at ? settings->function_at(settings->context, pc) : NULL;
    return name ? json_string(name) : json_null();
}

/* Whether the goroutines' states are those of an earlier time. */
static bool stands_still(const struct replay *replay)
{
    return replay->counted.kinds >> EVENT_GO_PARK & 1;
}

json_t *replay_leaked_json(const struct replay *replay)
{
    if (stands_still(replay))
        return json_null();
    json_t *list = json_array();
    for (unsigned i = 0; i < replay->goroutines.leak_count; i++) {
        const struct leak_group *group = &replay->goroutines.leaks[i];
        char reason[REASON_NAME_SIZE];
        reasons_wait_name(replay->settings.wait_reasons, group->reason, reason);
        json_t *row = json_object();
        json_object_set_new(row, "created_by", function_json(replay, group->creator_pc));
        json_object_set_new(row, "function", function_json(replay, group->start_pc));
        json_object_set_new(row, "reason", json_string(reason));
        json_object_set_new(row, "count", metric_number((double)group->count));
        json_array_append_new(list, row);
    }
    return list;
}

json_t *replay_series_json(const struct replay *replay)
{
    uint64_t totals[SERIES_COUNTS];
    static const char *const by_single_events[] = {"parked", "readied", "runnable"};
    replay_totals(replay, totals);
    json_t *series =
        series_json(&replay->series, replay_end(replay), totals, replay->settings.go && replay->go_events,
                    replay->settings.sched && replay->threads.totals.peak);
    for (size_t i = 0; json_is_object(series) && stands_still(replay) && i < 3; i++)
        json_object_set_new(series, by_single_events[i], json_null());
    return series;
}
