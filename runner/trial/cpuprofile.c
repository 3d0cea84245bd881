#include "runner/trial/cpuprofile.h"

#include <math.h>

int cpuprofile_open(struct cpuprofile *cpuprofile, struct observer *observer,
                    const struct profile_settings *settings, const char *no_goroutines, struct error *error)
{
    struct profile_settings complete = *settings;
    *cpuprofile = (struct cpuprofile){.observer = observer, .wanted = true, .no_goroutines = no_goroutines};
    observer_profile_read(observer, &cpuprofile->counts);
    complete.depth_limit = cpuprofile->counts.depth_limit;
    complete.goroutines = no_goroutines == NULL;
    return profile_open(&complete, &cpuprofile->profile, error);
}

void cpuprofile_drain(struct cpuprofile *cpuprofile)
{
    if (cpuprofile->profile)
        observer_profile_drain(cpuprofile->observer, profile_add, cpuprofile->profile);
}

int cpuprofile_finish(struct cpuprofile *cpuprofile, int dir, struct error *error)
{
    if (!cpuprofile->wanted || observer_profile_off(cpuprofile->observer))
        return 0;
    cpuprofile_drain(cpuprofile);
    observer_profile_read(cpuprofile->observer, &cpuprofile->counts);
    return profile_write(cpuprofile->profile, cpuprofile->counts.period_ns, dir, error);
}

static json_t *ratio(uint64_t part, uint64_t whole)
{
    return whole ? json_real((double)part / (double)whole) : json_null();
}

static json_t *count(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *losses_json(const struct profile_counts *counts, const struct profile_health *health)
{
    json_t *object = json_object();
    json_object_set_new(object, "ring_full", count(counts->lost));
    json_object_set_new(object, "no_room", count(health->no_room));
    return object;
}

static json_t *stacks_json(const struct profile_counts *counts, const struct profile_health *health)
{
    json_t *object = json_object();
    json_object_set_new(object, "depth_limit", count(counts->depth_limit));
    json_object_set_new(object, "cut_deep", count(health->cut_deep));
    json_object_set_new(object, "cut_broken", count(health->cut_broken));
    json_object_set_new(object, "cut_refused", count(health->cut_refused));
    json_object_set_new(object, "repaired", count(health->repaired));
    json_object_set_new(object, "unknown_frames_ratio", ratio(health->unknown_frames, health->frames));
    return object;
}

/* CPU time in periods is how many samples there should be. */
static json_t *expected(const struct metrics *metrics, uint64_t period_ns)
{
    const struct metric_value *cpu = &metrics->values[METRIC_CPU_TIME];
    return cpu->known && period_ns ? json_integer(llround(cpu->value / (double)period_ns)) : json_null();
}

static json_t *profile_json(const struct cpuprofile *cpuprofile, const struct profile_health *health,
                            const struct metrics *metrics)
{
    const struct profile_counts *counts = &cpuprofile->counts;
    json_t *object = json_object();
    json_object_set_new(object, "probes", json_string("on"));
    json_object_set_new(object, "period_ns", count(counts->period_ns));
    json_object_set_new(object, "cpus", count(counts->cpus));
    json_object_set_new(object, "samples", count(health->samples));
    json_object_set_new(object, "samples_expected", expected(metrics, counts->period_ns));
    json_object_set_new(object, "samples_in_kernel", count(health->in_kernel));
    json_object_set_new(object, "produced", count(counts->produced));
    json_object_set_new(object, "lost", losses_json(counts, health));
    json_object_set_new(object, "perf_buffer_loss_ratio", ratio(counts->lost, counts->produced));
    json_object_set_new(object, "stack_trace_depth_avg", ratio(health->frames, health->samples));
    json_object_set_new(object, "ticks", count(counts->ticks));
    json_object_set_new(object, "ticks_missed", count(counts->missed));
    json_object_set_new(object, "stacks", stacks_json(counts, health));
    json_object_set_new(object, "goroutines", json_string(cpuprofile->no_goroutines ? "unknown" : "known"));
    if (cpuprofile->no_goroutines)
        json_object_set_new(object, "goroutines_reason", json_string(cpuprofile->no_goroutines));
    return object;
}

void cpuprofile_evaluate(const struct cpuprofile *cpuprofile, struct metrics *metrics, json_t *record)
{
    static const enum metric_id ids[] = {METRIC_PROFILE_SAMPLES, METRIC_PROFILE_LOST, METRIC_PROFILE_CUT,
                                         METRIC_PROFILE_STACK_DEPTH};
    if (!cpuprofile->wanted)
        return;
    const char *off = observer_profile_off(cpuprofile->observer);
    if (off) {
        json_object_set_new(record, "profile", json_pack("{s:s, s:s}", "probes", "off", "reason", off));
        for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
            metrics_unknown(metrics, ids[i],
                            "there is no CPU profile: profile.reason of trial.json says why");
        return;
    }
    struct profile_health health;
    profile_read_health(cpuprofile->profile, &health);
    uint64_t lost = cpuprofile->counts.lost + health.no_room;
    metrics_set(metrics, METRIC_PROFILE_SAMPLES, (double)health.samples);
    metrics_set(metrics, METRIC_PROFILE_LOST, (double)lost);
    metrics_set(metrics, METRIC_PROFILE_CUT,
                (double)(health.cut_deep + health.cut_broken + health.cut_refused));
    if (health.samples)
        metrics_set(metrics, METRIC_PROFILE_STACK_DEPTH, (double)health.frames / (double)health.samples);
    else
        metrics_unknown(metrics, METRIC_PROFILE_STACK_DEPTH, "there was no sample");
    json_object_set_new(record, "profile", profile_json(cpuprofile, &health, metrics));
}

void cpuprofile_close(struct cpuprofile *cpuprofile)
{
    profile_close(cpuprofile->profile);
    cpuprofile->profile = NULL;
}
