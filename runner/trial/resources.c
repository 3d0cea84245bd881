#include "runner/trial/resources.h"

#include <stddef.h>

void resources_sample(struct resources *resources, const struct cgroup_stat *sample, uint64_t since_start_ns)
{
    resources->samples++;
    if (resources->sampled && sample->memory_current <= resources->split.memory_current)
        return;
    resources->sampled = true;
    resources->split = *sample;
    resources->split_ns = since_start_ns;
}

uint64_t counter_change(uint64_t before, uint64_t after)
{
    if (after == UINT64_MAX || before == UINT64_MAX)
        return UINT64_MAX;
    return after > before ? after - before : 0;
}

/* Counters whose change is a metric, with the factor to its unit. */
static const struct {
    enum metric_id id;
    size_t offset;
    double factor;
} changes[] = {
    {METRIC_CPU_TIME, offsetof(struct cgroup_stat, usage_us), 1e3},
    {METRIC_TIME_USER, offsetof(struct cgroup_stat, user_us), 1e3},
    {METRIC_TIME_SYSTEM, offsetof(struct cgroup_stat, system_us), 1e3},
    {METRIC_CPU_THROTTLED, offsetof(struct cgroup_stat, throttled_us), 1e3},
    {METRIC_IO_READ, offsetof(struct cgroup_stat, io_read_bytes), 1},
    {METRIC_IO_WRITE, offsetof(struct cgroup_stat, io_write_bytes), 1},
    {METRIC_PSI_CPU_SOME, offsetof(struct cgroup_stat, psi_cpu.some_us), 1e3},
    {METRIC_PSI_MEMORY_FULL, offsetof(struct cgroup_stat, psi_memory.full_us), 1e3},
    {METRIC_PSI_IO_FULL, offsetof(struct cgroup_stat, psi_io.full_us), 1e3},
};

/* Values that stand for themselves. */
static const struct {
    enum metric_id id;
    size_t offset;
    bool of_split;
} values[] = {
    {METRIC_MEMORY_PEAK, offsetof(struct cgroup_stat, memory_peak), false},
    {METRIC_PIDS_PEAK, offsetof(struct cgroup_stat, pids_peak), false},
    {METRIC_MEMORY_ANON, offsetof(struct cgroup_stat, memory_anon), true},
    {METRIC_MEMORY_FILE, offsetof(struct cgroup_stat, memory_file), true},
    {METRIC_MEMORY_KERNEL, offsetof(struct cgroup_stat, memory_kernel), true},
};

static uint64_t field(const struct cgroup_stat *stat, size_t offset)
{
    return *(const uint64_t *)((const char *)stat + offset);
}

static void set_or_reason(struct metrics *metrics, enum metric_id id, uint64_t value, double factor)
{
    if (value == UINT64_MAX)
        metrics_unknown(metrics, id, RESOURCES_NOT_HERE);
    else
        metrics_set(metrics, id, (double)value * factor);
}

void resources_metrics(const struct resources *resources, struct metrics *metrics)
{
    const struct cgroup_stat *before = &resources->before;
    const struct cgroup_stat *after = &resources->after;
    metrics_set(metrics, METRIC_TIME_WALL, (double)resources->wall_ns);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        set_or_reason(metrics, changes[i].id,
                      counter_change(field(before, changes[i].offset), field(after, changes[i].offset)),
                      changes[i].factor);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (values[i].of_split && !resources->sampled)
            metrics_unknown(metrics, values[i].id, "the demo ended before the first sample");
        else
            set_or_reason(metrics, values[i].id,
                          field(values[i].of_split ? &resources->split : after, values[i].offset), 1);
    }
    uint64_t periods = counter_change(before->periods, after->periods);
    uint64_t throttled = counter_change(before->throttled_periods, after->throttled_periods);
    if (periods == UINT64_MAX || throttled == UINT64_MAX)
        metrics_unknown(metrics, METRIC_CPU_THROTTLED_PERIODS_RATIO, RESOURCES_NOT_HERE);
    else if (periods == 0)
        metrics_unknown(metrics, METRIC_CPU_THROTTLED_PERIODS_RATIO, "no period of cpu.max has passed");
    else
        metrics_set(metrics, METRIC_CPU_THROTTLED_PERIODS_RATIO, (double)throttled / (double)periods);
}

/* Keys of trial.json; units stand in the key. */
static const struct {
    const char *key;
    size_t offset;
} raw[] = {
    {"usage_us", offsetof(struct cgroup_stat, usage_us)},
    {"user_us", offsetof(struct cgroup_stat, user_us)},
    {"system_us", offsetof(struct cgroup_stat, system_us)},
    {"periods", offsetof(struct cgroup_stat, periods)},
    {"throttled_periods", offsetof(struct cgroup_stat, throttled_periods)},
    {"throttled_us", offsetof(struct cgroup_stat, throttled_us)},
    {"memory_current_bytes", offsetof(struct cgroup_stat, memory_current)},
    {"memory_peak_bytes", offsetof(struct cgroup_stat, memory_peak)},
    {"memory_anon_bytes", offsetof(struct cgroup_stat, memory_anon)},
    {"memory_file_bytes", offsetof(struct cgroup_stat, memory_file)},
    {"memory_kernel_bytes", offsetof(struct cgroup_stat, memory_kernel)},
    {"memory_max_hits", offsetof(struct cgroup_stat, memory_max_hits)},
    {"memory_high_hits", offsetof(struct cgroup_stat, memory_high_hits)},
    {"oom", offsetof(struct cgroup_stat, oom)},
    {"oom_kill", offsetof(struct cgroup_stat, oom_kill)},
    {"pids_current", offsetof(struct cgroup_stat, pids_current)},
    {"pids_peak", offsetof(struct cgroup_stat, pids_peak)},
    {"pids_max_hits", offsetof(struct cgroup_stat, pids_max_hits)},
    {"io_read_bytes", offsetof(struct cgroup_stat, io_read_bytes)},
    {"io_write_bytes", offsetof(struct cgroup_stat, io_write_bytes)},
    {"psi_cpu_some_us", offsetof(struct cgroup_stat, psi_cpu.some_us)},
    {"psi_cpu_full_us", offsetof(struct cgroup_stat, psi_cpu.full_us)},
    {"psi_memory_some_us", offsetof(struct cgroup_stat, psi_memory.some_us)},
    {"psi_memory_full_us", offsetof(struct cgroup_stat, psi_memory.full_us)},
    {"psi_io_some_us", offsetof(struct cgroup_stat, psi_io.some_us)},
    {"psi_io_full_us", offsetof(struct cgroup_stat, psi_io.full_us)},
};

static json_t *stat_json(const struct cgroup_stat *stat)
{
    json_t *object = json_object();
    for (size_t i = 0; i < sizeof raw / sizeof *raw; i++) {
        uint64_t value = field(stat, raw[i].offset);
        json_object_set_new(object, raw[i].key,
                            value == UINT64_MAX ? json_null() : json_integer((json_int_t)value));
    }
    return object;
}

json_t *resources_json(const struct resources *resources)
{
    json_t *object = json_object();
    json_object_set_new(object, "unknown", json_string("null: " RESOURCES_NOT_HERE));
    json_object_set_new(object, "before", stat_json(&resources->before));
    json_object_set_new(object, "after", stat_json(&resources->after));
    json_t *split = json_null();
    if (resources->sampled) {
        split = json_object();
        json_object_set_new(split, "taken_after_ns", json_integer((json_int_t)resources->split_ns));
        json_object_set_new(split, "samples", json_integer(resources->samples));
        json_object_set_new(split, "current_bytes",
                            json_integer((json_int_t)resources->split.memory_current));
    }
    json_object_set_new(object, "memory_split", split);
    return object;
}
