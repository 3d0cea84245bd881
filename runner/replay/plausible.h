/*
 * The self-check of the Go probes: a wrong offset or register yields ids and states that no Go program has.
 * The first goroutine events are looked at one by one (go-specific, whatever order they come in).
 */
#ifndef RUNNER_REPLAY_PLAUSIBLE_H
#define RUNNER_REPLAY_PLAUSIBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/events.h"
#include "runner/gobin/reasons.h"

enum implausible { BAD_GOID, BAD_ADDRESS, BAD_REASON, BAD_START, BAD_TRANSITION, IMPLAUSIBLE_COUNT };

struct plausible {
    uint32_t looked_at;
    uint32_t bad; /* events with at least one fault */
    uint32_t faults[IMPLAUSIBLE_COUNT];
};

/* `names` of the wait reasons; NULL: any may be right. `impossible`: this event asked for a transition that
   the runtime does not make. */
void plausible_event(struct plausible *plausible, const struct event_header *event,
                     const struct reason_names *names, bool impossible);
/* Whether as many events were looked at as the verdict needs. */
#define PLAUSIBLE_LOOK_AT 256
static inline bool plausible_decided(const struct plausible *plausible)
{
    return plausible->looked_at >= PLAUSIBLE_LOOK_AT;
}
/* False where more than a quarter of the first events was bad; `why` (may be NULL) tells what was seen. */
bool plausible_verdict(const struct plausible *plausible, char *why, size_t size);

#endif
