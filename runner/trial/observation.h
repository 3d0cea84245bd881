/*
 * The observed half of a trial: arms the probes, moves what the ring brings to the trace, and replays it on
 * the way, in the order of time: the replay sees all that came, also what trace_max keeps out of the stream.
 * The heat map listens to it.
 *
 * The self-check: goroutine events that cannot be mean that the probes look at the wrong places (another
 * layout than the version's, a damaged program). The probes of the demo are detached then, for the rest of
 * the experiment, and the kernel's go on.
 */
#ifndef RUNNER_TRIAL_OBSERVATION_H
#define RUNNER_TRIAL_OBSERVATION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpf/observer.h"
#include "cgroup/cgroup.h"
#include "runner/gobin/gobin.h"
#include "runner/heatmap/heatmap.h"
#include "runner/manifest/experiment.h"
#include "runner/metrics/metrics.h"
#include "runner/replay/replay.h"
#include "runner/trace/trace.h"
#include "runner/trial/cpuprofile.h"
#include "runner/trial/governor.h"
#include "runner/trial/symbols.h"

struct observation_settings {
    struct observer *observer;
    const struct probe_settings *probes;
    const struct gobin *binary; /* NULL: not an ELF file */
    const char *go_off;         /* why the Go probes are off for this demo; NULL: they are on */
    uint64_t absent_kinds;      /* struct probe_plan: events that its probes cannot yield */
    uint32_t executable;        /* its number for the observer */
    uint32_t procs;             /* GOMAXPROCS, 0: not set by the manifest */
    const char *no_goroutines;  /* why samples of the CPU profile have no goroutine; NULL: they have */
    const struct kernel_symbols *kernel; /* for the CPU profile */
    const char *trial;                   /* "pool/trial-002-observed" */
    int dir;                             /* of the trial; `trace` is made in it */
};

/* Where the kernel put a position-independent program: told by its first goroutine, which runs runtime.main
   (runtime/asm_amd64.s, rt0_go). */
struct program {
    const struct gobin *binary;
    bool placed;
    uint64_t load_bias;
};

struct observation {
    struct observation_settings settings;
    int trace_dir;
    struct trace_writer *writer;
    int write_error; /* errno of the first failed write; 0: none */
    struct program program;
    struct heatmap *heatmap;
    struct replay *replay;
    struct symbols symbols;
    int replay_error; /* errno of the replay; 0: none */
    bool go_failed;   /* the self-check */
    struct observer_losses losses;
    struct trace_counts counts;
    struct cpuprofile cpuprofile;
    bool armed;
    uint64_t armed_ns; /* when; CLOCK_MONOTONIC */
    struct governor governor;
};

int observation_open(struct observation *observation, const struct observation_settings *settings,
                     struct error *error);
/* Arms the filter for the trial's group; called at the barrier. */
int observation_arm(struct observation *observation, const struct cgroup *group, struct error *error);
void observation_mark(struct observation *observation, enum mark mark, uint64_t time_ns);
/* Moves what is in the ring to the trace. */
void observation_drain(struct observation *observation);
/* Disarms, drains the rest, closes the trace. */
int observation_finish(struct observation *observation, struct error *error);
/* Observed metrics, trial.json's "trace", "go" and "profile" blocks, heatmap.json. */
int observation_evaluate(struct observation *observation, struct metrics *metrics, json_t *record,
                         struct error *error);
void observation_close(struct observation *observation);

#endif
