#include "runner/report/page/health_radar.h"

#include <math.h>
#include <stdlib.h>

#include "runner/report/page/facts.h"
#include "runner/support/fd.h"

enum health_dimension {
    KPROBE_LATENCY,
    UPROBE_COVERAGE,
    PROGRAM_LOAD_FAIL,
    VERIFIER_TIME,
    XDP_REDIRECT_ERR,
    RINGBUF_FULL_RATE,
    TRACEPOINT_DROP_RATE,
    PERF_BUFFER_LOSS,
    MAP_LOOKUP_MISS,
    STACK_TRACE_DEPTH,
    JIT_ENABLED,
    TC_ATTACH_SUCCESS,
    DIMENSION_COUNT,
};

static const struct dimension dimensions[] = {
    [KPROBE_LATENCY] = {"kprobe_latency", "ns", 5000, 100, SCALE_LOG,
                        "mean time of a program in the kernel, in warm-up trials", "trials.warmup: 1"},
    [UPROBE_COVERAGE] = {"uprobe_coverage", "ratio", 0.5, 1, SCALE_LINEAR,
                         "Go probe points attached, of those wanted for this Go version", "probes.go: core"},
    [PROGRAM_LOAD_FAIL] = {"program_load_fail", "ratio", 0.2, 0, SCALE_LINEAR,
                           "programs that the kernel refused, fallbacks included, of those tried", NULL},
    [VERIFIER_TIME] = {"bpf_verifier_time", "ns", 2e9, 50e6, SCALE_LOG, "time to load all programs", NULL},
    [XDP_REDIRECT_ERR] = {"xdp_redirect_err", "ratio", 0.01, 0, SCALE_LINEAR,
                          "packets that an XDP program aborted or could not redirect", "probes.net: on"},
    [RINGBUF_FULL_RATE] = {"ringbuf_full_rate", "ratio", 0.01, 0, SCALE_LINEAR,
                           "events that the ring refused because it was full, of those made", NULL},
    [TRACEPOINT_DROP_RATE] = {"tracepoint_drop_rate", "ratio", 0.01, 0, SCALE_LINEAR,
                              "events lost, of those there were", NULL},
    [PERF_BUFFER_LOSS] = {"perf_buffer_loss", "ratio", 0.01, 0, SCALE_LINEAR,
                          "samples of the CPU profile lost, of those taken", "probes.cpu: 99Hz"},
    [MAP_LOOKUP_MISS] = {"map_lookup_miss", "ratio", 0.05, 0, SCALE_LINEAR,
                         "goroutine events that do not fit the state kept of their goroutine",
                         "probes.go: core"},
    [STACK_TRACE_DEPTH] = {"stack_trace_depth_avg", "count", 2, 16, SCALE_LOG,
                           "functions in a captured stack", "probes.cpu: 99Hz"},
    [JIT_ENABLED] = {"jit_enabled", "ratio", 0, 1, SCALE_LINEAR, "programs that run as machine code", NULL},
    [TC_ATTACH_SUCCESS] = {"tc_attach_success", "ratio", 0, 1, SCALE_LINEAR,
                           "attachments to the sandbox's network made, of those wanted", "probes.net: on"},
};
_Static_assert(sizeof dimensions / sizeof *dimensions == DIMENSION_COUNT, "every dimension has its row");

static const struct {
    const char *name, *meaning;
    double weight;
    enum health_dimension parts[2];
} axes[] = {
    {"insight", "how much is seen, at what price", 18, {KPROBE_LATENCY, UPROBE_COVERAGE}},
    {"robustness", "does the kernel take the programs", 15, {PROGRAM_LOAD_FAIL, VERIFIER_TIME}},
    {"sensitivity", "is every event let through", 12, {XDP_REDIRECT_ERR, RINGBUF_FULL_RATE}},
    {"completeness", "is anything missing in the record", 20, {TRACEPOINT_DROP_RATE, PERF_BUFFER_LOSS}},
    {"fidelity", "is what is recorded true", 20, {MAP_LOOKUP_MISS, STACK_TRACE_DEPTH}},
    {"readiness", "is the machine set up for it", 15, {JIT_ENABLED, TC_ATTACH_SUCCESS}},
};
_Static_assert(sizeof axes / sizeof *axes == AXES_MOST, "six axes");

/* What the observed trials' own files tell, summed up. */
struct trial_sums {
    double asked, refused, tc_wanted, tc_attached, go_events, misfits;
};

static void add_known(double *sum, double value)
{
    if (!isnan(value))
        *sum = isnan(*sum) ? value : *sum + value;
}

static void sum_demo(const struct source *source, const char *demo, struct trial_sums *sums)
{
    size_t count;
    AUTO_FREE struct source_trial *trials = source_trials(source, demo, "observed", &count);
    for (size_t i = 0; i < count; i++) {
        json_t *trial = source_trial_json(source, &trials[i], "trial.json");
        const json_t *losses = json_object_get(json_object_get(trial, "trace"), "losses");
        const json_t *go = json_object_get(trial, "go");
        const json_t *net = json_object_get(json_object_get(trial, "net"), "health");
        add_known(&sums->asked, fact_number(losses, "produced"));
        add_known(&sums->refused, fact_number(losses, "ring_full"));
        add_known(&sums->tc_wanted, fact_number(net, "tc_wanted"));
        add_known(&sums->tc_attached, fact_number(net, "tc_attached"));
        add_known(&sums->go_events, fact_number(go, "events"));
        add_known(&sums->misfits, fact_number(go, "misfits"));
        json_decref(trial);
    }
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

/* The sum over all demos of the medians of a metric of observed trials. */
static double summed(const struct source *source, const char *metric)
{
    const char *name;
    json_t *demo;
    double sum = NAN;
    json_object_foreach (json_object_get(source->summary, "demos"), name, demo)
        add_known(&sum, fact_number(json_object_get(json_object_get(demo, "observed"), metric), "median"));
    return sum;
}

static double mean_of(const struct source *source, const char *metric)
{
    size_t demos = 0;
    const char *name;
    json_t *demo;
    json_object_foreach (json_object_get(source->summary, "demos"), name, demo)
        demos += !isnan(fact_number(json_object_get(json_object_get(demo, "observed"), metric), "median"));
    return demos ? summed(source, metric) / (double)demos : NAN;
}

static void measure(const struct source *source, const json_t *health, double values[DIMENSION_COUNT])
{
    struct trial_sums sums = {NAN, NAN, NAN, NAN, NAN, NAN};
    const char *name;
    json_t *demo;
    json_object_foreach (json_object_get(source->summary, "demos"), name, demo)
        sum_demo(source, name, &sums);
    double loaded = fact_number(health, "programs_loaded"), failed = fact_number(health, "programs_failed");
    double events = fact_number(health, "events"), lost = fact_number(health, "lost_events");
    double samples = fact_number(health, "samples"), lost_samples = fact_number(health, "lost_samples");
    for (size_t i = 0; i < DIMENSION_COUNT; i++)
        values[i] = NAN;
    values[KPROBE_LATENCY] = share(fact_number(health, "timed_ns"), fact_number(health, "timed_hits"));
    values[MAP_LOOKUP_MISS] = share(sums.misfits, sums.go_events);
    values[UPROBE_COVERAGE] =
        share(fact_number(health, "sites_attached"), fact_number(health, "sites_wanted"));
    values[PROGRAM_LOAD_FAIL] = share(failed, loaded + failed);
    values[VERIFIER_TIME] = fact_number(health, "verifier_ns");
    values[XDP_REDIRECT_ERR] = share(summed(source, "net.xdp_errors"), summed(source, "net.packets_in"));
    values[RINGBUF_FULL_RATE] = share(sums.refused, sums.asked);
    values[TRACEPOINT_DROP_RATE] = share(lost, events + lost);
    values[PERF_BUFFER_LOSS] = share(lost_samples, samples + lost_samples);
    values[STACK_TRACE_DEPTH] = mean_of(source, "profile.stack_depth");
    values[JIT_ENABLED] = share(fact_number(health, "programs_jited"), loaded);
    values[TC_ATTACH_SUCCESS] = share(sums.tc_attached, sums.tc_wanted);
}

bool health_radar(const struct source *source, struct radar *radar)
{
    const json_t *health = json_object_get(source->experiment, "health");
    double values[DIMENSION_COUNT];
    *radar = (struct radar){.count = AXES_MOST};
    if (!json_is_object(health))
        return false;
    measure(source, health, values);
    for (size_t i = 0; i < AXES_MOST; i++) {
        struct axis *axis = &radar->axes[i];
        *axis = (struct axis){axes[i].name, axes[i].weight, axes[i].meaning, .count = 2};
        for (size_t j = 0; j < 2; j++) {
            const struct dimension *dimension = &dimensions[axes[i].parts[j]];
            axis->measures[j] = (struct measure){dimension, values[axes[i].parts[j]],
                                                 dimension->key ? "the manifest does not ask for it"
                                                                : "this bundle does not tell"};
        }
    }
    return true;
}
