/*
 * Which figures a loss of events could have touched.
 *
 * Two witnesses: the observer's counters of produced events by kind, against what came (that includes what
 * was dropped behind the ring: late, beyond the size limit), and the gaps in the sequence numbers of each
 * CPU, which stand in the trace itself but do not tell the kind.
 */
#ifndef RUNNER_REPLAY_LOSSES_H
#define RUNNER_REPLAY_LOSSES_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/events.h"
#include "bpf/observer.h"
#include "runner/metrics/metrics.h"

struct sequences {
    struct {
        bool seen;
        uint64_t last, low, high, received;
    } cpus[EVENT_CPU_USER];
    uint64_t seen[EVENT_KIND_COUNT];
};

void sequences_event(struct sequences *sequences, const struct event_header *event);
/* Numbers between the first and the last of each CPU that never came. */
uint64_t sequences_missing(const struct sequences *sequences);

/* Kinds of events that the metric is made of: bit 1 << kind; 0: of none. */
uint64_t losses_kinds_of(enum metric_id id);
/* Marks each metric that the losses could have touched. `losses` may be NULL: then every missing number could
   have been of any kind. `ignored_*`: events that came and could not be used. */
void losses_mark(struct metrics *metrics, const struct observer_losses *losses,
                 const struct sequences *sequences, uint64_t ignored_sched, uint64_t ignored_go);

#endif
