/* What a replay says beside the metrics. */
#include "runner/replay/replay.h"
#include "runner/replay/state.h"

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
    replay_totals(replay, totals);
    return series_json(&replay->series, replay_end(replay), totals, replay->settings.go && replay->go_events,
                       replay->settings.sched && replay->threads.totals.peak);
}
