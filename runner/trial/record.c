#include "runner/trial/record.h"

#include <string.h>
#include <time.h>

#include "runner/store/bundle.h"
#include "runner/store/files.h"

static json_t *limits_json(const struct trial_record *facts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < facts->applied_count; i++) {
        const struct cgroup_applied *row = &facts->applied[i];
        json_t *limit = json_object();
        json_object_set_new(limit, "key", json_string(row->key));
        json_object_set_new(limit, "asked", json_string(row->asked));
        json_object_set_new(limit, "read_back", row->enforced_by ? json_string(row->read_back) : json_null());
        json_object_set_new(limit, "enforced_by",
                            row->enforced_by ? json_string(row->enforced_by) : json_null());
        if (row->reason[0])
            json_object_set_new(limit, "reason", json_string(row->reason));
        json_array_append_new(list, limit);
    }
    return list;
}

static json_t *output_json(const struct capture *capture)
{
    json_t *stream = json_object();
    json_object_set_new(stream, "printed_bytes", json_integer((json_int_t)capture->seen));
    json_object_set_new(stream, "kept_bytes", json_integer((json_int_t)capture->kept));
    json_object_set_new(stream, "cut_bytes", json_integer((json_int_t)(capture->seen - capture->kept)));
    if (capture->write_error)
        json_object_set_new(stream, "write_error", json_string(strerror(capture->write_error)));
    return stream;
}

static json_t *clock_json(uint64_t barrier_ns)
{
    struct timespec real, monotonic, boot;
    clock_gettime(CLOCK_MONOTONIC, &monotonic);
    clock_gettime(CLOCK_REALTIME, &real);
    clock_gettime(CLOCK_BOOTTIME, &boot);
    int64_t base = monotonic.tv_sec * 1000000000ll + monotonic.tv_nsec;
    json_t *clock = json_object();
    json_object_set_new(clock, "barrier_monotonic_ns", json_integer((json_int_t)barrier_ns));
    json_object_set_new(clock, "realtime_offset_ns",
                        json_integer(real.tv_sec * 1000000000ll + real.tv_nsec - base));
    json_object_set_new(clock, "boottime_offset_ns",
                        json_integer(boot.tv_sec * 1000000000ll + boot.tv_nsec - base));
    return clock;
}

void record_head(json_t *record, const struct demo *demo, const struct planned_trial *planned,
                 const struct trial_record *facts)
{
    json_object_set_new(record, "schema", json_integer(BUNDLE_SCHEMA));
    json_object_set_new(record, "demo", json_string(demo->name));
    json_object_set_new(record, "trial", json_integer(planned->number));
    json_object_set_new(record, "role", json_string(trial_role_name(planned->role)));
    json_object_set_new(record, "block", json_integer(planned->block));
    json_object_set_new(record, "complete", json_boolean(!facts->interrupted));
    json_object_set_new(record, "verdict", verdict_json(&facts->facts, &demo->expect));
    json_object_set_new(record, "limits", limits_json(facts));
    json_object_set_new(record, "clock", clock_json(facts->barrier_ns));
    json_object_set_new(record, "stdout", output_json(facts->out));
    json_object_set_new(record, "stderr", output_json(facts->err));
    json_object_set_new(record, "orphans_reaped", json_integer(facts->facts.status.orphans_reaped));
    json_object_set_new(record, "resources", resources_json(facts->resources));
}

int record_write(int dir, json_t *record, const struct metrics *metrics, struct error *error)
{
    json_object_set_new(record, "metrics", metrics_json(metrics));
    return file_write_json(dir, "trial.json", record, error);
}
