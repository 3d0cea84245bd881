/*
 * Events -> the state of every thread and goroutine over time; one pass, memory bounded by what is alive.
 * Runs while a trial's trace is written (runner/trial/observation.c), or over a stored one.
 *
 * replay_event() is fed in time order; replay_finish() closes what is still open at the mark END (else at the
 * last event) and fills the observed metrics. The split of a thread's life: running + runnable (waiting for a
 * CPU or throttled) + blocked = lifetime. A gap in a CPU's sequence numbers marks the metrics of the kinds
 * concerned.
 */
#ifndef RUNNER_REPLAY_REPLAY_H
#define RUNNER_REPLAY_REPLAY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpf/counts.h"
#include "bpf/events.h"
#include "bpf/observer.h"
#include "runner/gobin/reasons.h"
#include "runner/metrics/metrics.h"
#include "runner/replay/listener.h"
#include "runner/replay/tallies.h"

struct replay;
struct replay_settings {
    uint32_t go_minor; /* 0: no Go probes */
    /* Names of the executable's wait reasons and reasons to stop the world, which outlive the replay; NULL:
       those that the tables have for go_minor. */
    const struct reason_names *wait_reasons, *stw_reasons;
    bool sched, go; /* which probes were on: metrics of the others are unknown with a reason */
    bool counters;  /* level counters: no probe in the demo, which is why go is false */
    bool full;      /* level full */
    /* Bit 1 << kind: no probe of this executable yields such events, although its level has them. Metrics
       that need them are unknown. */
    uint64_t absent_kinds;
    uint32_t procs; /* GOMAXPROCS where the manifest sets it, else 0: then Ps that never ran are not known */
    /* Is the goroutine whose start_pc this is the runtime's own? NULL: by nothing (all are the demo's). */
    bool (*is_runtime)(void *context, uint64_t start_pc);
    /* Name of the function at pc, or NULL. */
    const char *(*function_at)(void *context, uint64_t pc);
    void *context;
    struct replay_listener listener; /* all zero: nobody listens */
};
int replay_open(const struct replay_settings *settings, struct replay **replay);
int replay_event(struct replay *replay, const struct event_header *event);
/* What the newest event says beyond itself: struct event_go_wake behind the run of a goroutine that was
   woken; else NULL. It has that event's time; valid until the next one. A replay ignores such records where
   it meets them in a stored trace. */
const struct event_header *replay_derived(const struct replay *replay);
/* From now on events of these kinds (bit 1 << kind) are only counted; what the kernel has counted by function
   is handed over before replay_finish(), whose losses have the rest: counted.h. */
void replay_count_only(struct replay *replay, uint64_t kinds);
void replay_counted(struct replay *replay, const struct observer_count *count);
/* `losses` (may be NULL) marks metrics as lossy by kind. Fills the observed rows of
   `metrics`, and time.wall from the marks START and END where nobody has said anything about it. */
int replay_finish(struct replay *replay, const struct observer_losses *losses, struct metrics *metrics);
/* Goroutines that were alive and blocked at the end: [{"created_by", "function", "reason", "count"}], largest
   first, at most 50; null where events of goroutines were only counted. Valid after replay_finish; owned by
   the caller. */
json_t *replay_leaked_json(const struct replay *replay);
/* Figures over time (series.h), null where nothing was seen. Valid after replay_finish; owned by the caller.
 */
json_t *replay_series_json(const struct replay *replay);
/* Whether enough goroutine events were seen to tell, and they were implausible: the Go probes look at the
   wrong places. */
bool replay_go_failed(const struct replay *replay);
/* Goroutine events, and those among them that ask for a change of state that the runtime does not make from
   the state that was kept of their goroutine. Valid after replay_finish(). */
struct replay_fit {
    uint64_t events, misfits;
};
struct replay_fit replay_fit(const struct replay *replay);
/* What the findings are judged by. Valid after replay_finish(), until replay_close(). */
const struct tallies *replay_tallies(const struct replay *replay);
/* False where ids and states of the first goroutine events were implausible: `why` tells what was seen. */
bool replay_plausible(const struct replay *replay, char *why, size_t size);
void replay_close(struct replay *replay);

#endif
