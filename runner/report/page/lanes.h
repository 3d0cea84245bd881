/*
 * A stretch of a trial's events as lanes of spans: what its threads, Ps, goroutines and its collector did
 * from one time to another, and who woke whom.
 *
 * It is a sink of runner/tracks, for states of goroutines and Ps, and a listener of runner/replay, for what
 * threads had of the CPUs. Both get the trace from its beginning, since a state at the start of the stretch
 * may be old; only what touches the stretch is kept, cut at its ends.
 *
 *   names   every text once
 *   lanes   [{"kind": "thread" | "proc" | "goroutine" | "collector", "name", "spans": {"start", "length",
 *           "state", "text"}}]: columns; start is the difference to the one before (ns; the first: from the
 *           trial's start), state a string with a letter a span, text numbers of names.
 *           r running (text of a thread's: the CPU), q runnable, t throttled, w waiting, s in a system call,
 *           c the collector at work, p a P that has a thread
 *   at_rest goroutines that waited from one end of the stretch to the other: they have no lane
 *   arrows  {"at", "length", "from", "to"}: a wake-up on lane `from` at a time (differences again), and what
 *           follows on lane `to`, length ns later
 */
#ifndef RUNNER_REPORT_PAGE_LANES_H
#define RUNNER_REPORT_PAGE_LANES_H

#include <jansson.h>
#include <stdint.h>

#include "bpf/events.h"
#include "runner/replay/listener.h"
#include "runner/tracks/tracks.h"

struct lanes;

/* Times are CLOCK_MONOTONIC ns: of the trial's start, and the stretch [from, to]. 0 or -ENOMEM. */
int lanes_open(uint64_t start, uint64_t from, uint64_t to, struct lanes **lanes);
struct track_sink lanes_sink(struct lanes *lanes);
struct replay_listener lanes_listener(struct lanes *lanes);
/* Each event, besides: wake-ups of threads. */
void lanes_event(struct lanes *lanes, const struct event_header *event);
/* After tracks_finish() and replay_finish(): adds names, at_rest, lanes and arrows to `json`. 0 or -ENOMEM.
 */
int lanes_json(const struct lanes *lanes, json_t *json);
void lanes_close(struct lanes *lanes); /* NULL is fine */

#endif
