#include "runner/metrics/bounds.h"

#include <math.h>

#define VALUE (-1.0)
/* The collector may use a quarter of the CPUs that a program has (runtime/mgcpacer.go,
   gcBackgroundUtilization); what takes more than a tenth of the CPU time is busy collecting. */
#define HEAVY_GC 0.10
/* While it has something to do sysmon sleeps for 20 us, which the kernel's timer slack of 50 us (prctl(2),
   PR_SET_TIMERSLACK) makes 70 and more: only longer sleeps tell of the machine. */
#define SYSMON_IDLE                                                                                          \
    {                                                                                                        \
        METRIC_SYSMON_SLEEP, 1e6, INFINITY                                                                   \
    }

#define DRIFT_MEANS                                                                                          \
    "threads that the kernel was asked to wake come late: the machine or the quota is short of CPU, and "    \
    "latencies are theirs, too"

static const struct bound table[] = {
    {METRIC_GOROUTINES_WAKE_LATENCY, 0.99, false, 500e3, .text = "wake latency below 500 us at p99",
     .means =
         "goroutines that are ready wait for a P or a CPU: there are too many of them, or the quota, the "
         "collector or other programs hold the CPUs"},
    {METRIC_PREEMPT_LATENCY, 0.99, false, 10e6, true,
     .text = "preemption latency below 10 ms x GOMAXPROCS at p99",
     .means = "goroutines run on long after they were asked for their place: others, and the collector, wait "
              "for them"},
    {METRIC_PROC_BIND_TIME, 0.5, true, 1e6, .text = "a P stays with its M for more than 1 ms at the median",
     .means =
         "Ps change their M all the time: goroutines block in system calls, or there is too little to do "
         "for so many Ps"},
    {METRIC_SYSMON_DRIFT, VALUE, false, 0.05, .when = {SYSMON_IDLE, {METRIC_GC_CPU_RATIO, 0, HEAVY_GC}},
     .text = "sysmon drift below 5% where it has little to do, and the collector too", .means = DRIFT_MEANS},
    {METRIC_SYSMON_DRIFT, VALUE, false, 0.15,
     .when = {SYSMON_IDLE, {METRIC_GC_CPU_RATIO, HEAVY_GC, INFINITY}},
     .text =
         "sysmon drift below 15% where it has little to do, but the collector takes a tenth of the CPU time",
     .means = DRIFT_MEANS},
};
#define COUNT (sizeof table / sizeof *table)
_Static_assert(COUNT <= BOUNDS_MOST, "breaches of all of them have room");

const struct bound *bounds_at(size_t i)
{
    return i < COUNT ? &table[i] : NULL;
}

static enum bound_state applies(const struct bound *bound, const struct metrics *metrics)
{
    for (size_t i = 0; i < sizeof bound->when / sizeof *bound->when && bound->when[i].below > 0; i++) {
        const struct metric_value *when = &metrics->values[bound->when[i].metric];
        if (!when->known)
            return BOUND_NOT_KNOWN;
        if (when->value < bound->when[i].from || when->value >= bound->when[i].below)
            return BOUND_NOT_MEANT;
    }
    return BOUND_KEPT;
}

static bool limit_of(const struct bound *bound, const struct metrics *metrics, double *limit)
{
    const struct metric_value *procs = &metrics->values[METRIC_PROC_COUNT];
    *limit = bound->limit;
    if (!bound->per_proc)
        return true;
    *limit *= procs->value;
    return procs->known && procs->value >= 1;
}

enum bound_state bound_judge(const struct bound *bound, const struct metrics *metrics, struct breach *found)
{
    const struct metric_value *value = &metrics->values[bound->metric];
    enum bound_state state = applies(bound, metrics);
    double limit;
    if (state != BOUND_KEPT)
        return state;
    if (!value->known || !limit_of(bound, metrics, &limit))
        return BOUND_NOT_KNOWN;
    double is =
        bound->quantile < 0 ? value->value : (double)histogram_quantile(&value->histogram, bound->quantile);
    *found = (struct breach){bound, is, limit, value->lossy};
    return (bound->above ? is > limit : is < limit) ? BOUND_KEPT : BOUND_BROKEN;
}

void bounds_print_reference(FILE *out)
{
    for (size_t i = 0; i < COUNT; i++)
        fprintf(out, "%-28s %s\n", metric_info(table[i].metric)->name, table[i].text);
}
