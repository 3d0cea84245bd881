#include "runner/report/page/demo_radar.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runner/findings/findings.h"
#include "runner/report/page/facts.h"
#include "runner/stats/stats.h"
#include "runner/support/fd.h"

#define VALUES_MOST 1000

enum demo_dimension {
    CPU_PER_UNIT,
    GOROUTINES_PER_UNIT,
    WAKE_LATENCY,
    REQUEST_LATENCY,
    AVOIDABLE_BLOCKING,
    NEVER_WOKEN,
    ALLOCATION,
    GC_SHARE,
    SPREAD,
    PREEMPTION,
    BINDING,
    VERDICTS,
    FINDINGS,
    DIMENSION_COUNT,
};

/* The collector's own aim is a quarter of the CPUs (runtime/mgcpacer.go, gcBackgroundUtilization); a request
   to preempt is made after 10 ms (runtime/proc.go, forcePreemptNS); the others span what programs do. */
static const struct dimension dimensions[] = {
    [CPU_PER_UNIT] = {"CPU time a unit of work", "ns", 10e9, 1e3, SCALE_LOG,
                      "a run is the unit where the manifest names none", NULL},
    [GOROUTINES_PER_UNIT] = {"goroutines a unit of work", "count", 1e5, 1, SCALE_LOG, "that were started",
                             "probes.go: core"},
    [WAKE_LATENCY] = {"goroutine wake latency, p99", "ns", 100e6, 10e3, SCALE_LOG,
                      "made runnable until it runs", "probes.go: core"},
    [REQUEST_LATENCY] = {"request latency from due, p99", "ns", 1e9, 100e3, SCALE_LOG,
                         "of the load's requests", "load"},
    [AVOIDABLE_BLOCKING] =
        {"avoidable blocking", "ratio", 0.5, 0, SCALE_LINEAR,
         "of the time in which goroutines were blocked until woken, the share for a receiver or a lock",
         "probes.go: core"},
    [NEVER_WOKEN] = {"goroutines never woken", "ratio", 0.1, 0, SCALE_LINEAR,
                     "blocked at the end, of those that were started", "probes.go: core"},
    [ALLOCATION] = {"allocation", "per_s", 10e9, 1e6, SCALE_LOG, "bytes allocated a second of CPU time",
                    NULL},
    [GC_SHARE] = {"collector's share of the CPU time", "ratio", 0.25, 0, SCALE_LINEAR,
                  "goroutines' help included", "probes.go: core"},
    [SPREAD] = {"spread between trials", "ratio", 0.25, 0, SCALE_LINEAR,
                "median absolute deviation of the CPU time, of its median", "trials.bare: 6"},
    [PREEMPTION] = {"preemption latency, p99", "ns", 100e6, 100e3, SCALE_LOG,
                    "asked to give way until it does", "probes.go: full"},
    [BINDING] = {"P stays with its M, median", "ns", 100e3, 10e6, SCALE_LOG,
                 "until it is released or handed off", "probes.go: full"},
    [VERDICTS] = {"trials as expected", "ratio", 0, 1, SCALE_LINEAR, "by the manifest's expect", NULL},
    [FINDINGS] = {"worst finding", "count", 3, 0, SCALE_LINEAR, "0 none, 1 a note, 2 a warning, 3 serious",
                  NULL},
};
_Static_assert(sizeof dimensions / sizeof *dimensions == DIMENSION_COUNT, "every dimension has its row");

static const struct {
    const char *name, *meaning;
    size_t count;
    enum demo_dimension parts[AXIS_MEASURES];
} axes[] = {
    {"economy", "what the work costs", 2, {CPU_PER_UNIT, GOROUTINES_PER_UNIT}},
    {"responsiveness", "how soon something happens", 2, {WAKE_LATENCY, REQUEST_LATENCY}},
    {"blocking", "waiting that another design could avoid", 2, {AVOIDABLE_BLOCKING, NEVER_WOKEN}},
    {"memory", "garbage and its collection", 2, {ALLOCATION, GC_SHARE}},
    {"stability", "does it do the same each time", 3, {SPREAD, PREEMPTION, BINDING}},
    {"correctness", "does it do what it should", 2, {VERDICTS, FINDINGS}},
};
_Static_assert(sizeof axes / sizeof *axes == AXES_MOST, "six axes");

static double median(const json_t *demo, const char *role, const char *metric, const char *part)
{
    const json_t *sample = json_object_get(json_object_get(demo, role), metric);
    return fact_number(part ? json_object_get(sample, part) : sample, "median");
}

/* Waiting for a receiver or for a lock; what waits for work or for time is not to blame. */
static bool is_avoidable(const char *reason)
{
    static const char *const reasons[] = {
        "chan send",       "chan send (nil chan)", "chan receive (nil chan)",
        "sync.Mutex.Lock", "sync.RWMutex.Lock",    "sync.RWMutex.RLock"};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strcmp(reason, reasons[i]) == 0)
            return true;
    return false;
}

/* The share in one trial; NAN: not known. */
static double avoidable_share(const json_t *trial)
{
    const json_t *metric = json_object_get(json_object_get(trial, "metrics"), "goroutines.block_time");
    json_t *parts = json_object_get(metric, "parts"), *part;
    const char *reason;
    double all = 0, avoidable = 0;
    json_object_foreach (parts, reason, part) {
        double time = fact_number(part, "n") * fact_number(part, "mean");
        if (isnan(time))
            continue;
        all += time;
        avoidable += is_avoidable(reason) ? time : 0;
    }
    return all > 0 ? avoidable / all : NAN;
}

static double avoidable_blocking(const struct source *source, const char *name)
{
    size_t count, known = 0;
    AUTO_FREE struct source_trial *trials = source_trials(source, name, "observed", &count);
    AUTO_FREE double *shares = calloc(count + 1, sizeof *shares);
    if (!shares)
        return NAN;
    for (size_t i = 0; i < count; i++) {
        json_t *trial = source_trial_json(source, &trials[i], "trial.json");
        double share = avoidable_share(trial);
        json_decref(trial);
        if (!isnan(share))
            shares[known++] = share;
    }
    return known ? stats_median(shares, known) : NAN;
}

static double spread_of(const json_t *demo)
{
    double values[VALUES_MOST];
    const json_t *sample = json_object_get(json_object_get(demo, "bare"), "cpu.time");
    size_t count = fact_values(sample, values, VALUES_MOST), known = 0;
    for (size_t i = 0; i < count && i < VALUES_MOST; i++)
        if (!isnan(values[i]))
            values[known++] = values[i];
    double centre = known ? stats_median(values, known) : NAN;
    return known >= 3 && centre > 0 ? stats_mad(values, known) / centre : NAN;
}

static double as_expected(const json_t *demo)
{
    static const char *const roles[] = {"bare", "observed", "aa"};
    double trials = 0;
    const char *verdict;
    json_t *count;
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
        json_object_foreach (json_object_get(json_object_get(demo, "verdicts"), roles[i]), verdict, count)
            trials += json_is_integer(count) ? (double)json_integer_value(count) : 0;
    double unexpected = fact_number(demo, "unexpected");
    return trials > 0 ? 1 - unexpected / trials : NAN;
}

static double worst_finding(const json_t *demo)
{
    const json_t *findings = json_object_get(demo, "findings"), *finding;
    size_t index;
    double worst = 0;
    if (!json_is_array(findings))
        return NAN;
    json_array_foreach (findings, index, finding) {
        const char *severity = fact_text(finding, "severity");
        enum severity found = severity ? severity_by_name(severity) : SEVERITY_COUNT;
        if (found < SEVERITY_COUNT)
            worst = fmax(worst, (double)found);
    }
    return worst;
}

static void measure(const struct source *source, const char *name, const json_t *demo,
                    double values[DIMENSION_COUNT])
{
    double cpu = median(demo, "bare", "cpu.time", NULL), units = median(demo, "bare", "work.units", NULL);
    double cpu_per_unit = median(demo, "bare", "work.cpu_per_unit", NULL);
    double created = median(demo, "observed", "goroutines.created", NULL);
    values[CPU_PER_UNIT] = isnan(cpu_per_unit) ? cpu : cpu_per_unit;
    values[GOROUTINES_PER_UNIT] = units > 0 ? created / units : created; /* NAN: the run is the unit */
    values[WAKE_LATENCY] = median(demo, "observed", "goroutines.wake_latency", "p99");
    values[REQUEST_LATENCY] = median(demo, "bare", "load.latency_due", "p99");
    values[AVOIDABLE_BLOCKING] = avoidable_blocking(source, name);
    values[NEVER_WOKEN] = created > 0 ? median(demo, "observed", "goroutines.leaked", NULL) / created : NAN;
    values[ALLOCATION] = cpu > 0 ? median(demo, "bare", "go.alloc", NULL) / (cpu / 1e9) : NAN;
    values[GC_SHARE] = median(demo, "observed", "gc.cpu_ratio", NULL);
    values[SPREAD] = spread_of(demo);
    values[PREEMPTION] = median(demo, "observed", "preempt.latency", "p99");
    values[BINDING] = median(demo, "observed", "proc.bind_time", NULL);
    values[VERDICTS] = as_expected(demo);
    values[FINDINGS] = worst_finding(demo);
}

void demo_radar(const struct source *source, const char *name, const json_t *demo, struct radar *radar)
{
    double values[DIMENSION_COUNT];
    measure(source, name, demo, values);
    *radar = (struct radar){.count = AXES_MOST};
    for (size_t i = 0; i < AXES_MOST; i++) {
        struct axis *axis = &radar->axes[i];
        *axis = (struct axis){axes[i].name, 1, axes[i].meaning, .count = axes[i].count};
        for (size_t j = 0; j < axes[i].count; j++)
            axis->measures[j] = (struct measure){&dimensions[axes[i].parts[j]], values[axes[i].parts[j]],
                                                 "the trials do not tell"};
    }
}
