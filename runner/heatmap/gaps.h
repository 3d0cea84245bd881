/*
 * Where events are missing: from the last event of a CPU before numbers that never came to the next one after
 * them. What was lost before a CPU's first event or behind its last one shows in no number: gaps_finish()
 * adds it, and which kinds could be missing, from the counters of the observer.
 *
 * Programs nest (an interrupt inside a uprobe's program), so a number may come a little later than its
 * successor: it is taken out of the gap again. The list is bounded: where it is full, gaps of one CPU that
 * lie near each other become one, and the distance that was bridged is told; the number of lost events stays
 * exact.
 */
#ifndef RUNNER_HEATMAP_GAPS_H
#define RUNNER_HEATMAP_GAPS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/events.h"
#include "bpf/observer.h"

#define GAPS_MAX 1024

struct gap {
    uint64_t from, to; /* ns: the events at its ends came */
    uint64_t lost;
    uint32_t first, last; /* sequence numbers */
    uint8_t cpu;
};

struct gaps {
    struct gaps_cpu {
        uint64_t time;   /* of its last event */
        uint64_t first;  /* time of its first event */
        uint32_t before; /* numbers below that event's that have not come */
        uint32_t number; /* that event's */
        uint32_t next;   /* the number that follows the highest so far */
        bool seen;
    } cpus[EVENT_CPU_USER + 1]; /* the last one is none: marks of user space have no number */
    struct gap *list;           /* room for GAPS_MAX; in the order in which they began to be known */
    size_t count;
    uint64_t bridged; /* ns; gaps of a CPU that lie so near to each other may have been joined */
    bool finished;
    uint64_t
        kinds[EVENT_CPU_USER]; /* that could be missing in a gap of that CPU, bit 1 << kind; once finished */
};

/* What else is known of the events that did not come. */
struct gaps_losses {
    const struct observer_losses *ring;
    uint64_t behind; /* kinds that were dropped behind the ring, of whatever CPU: bit 1 << kind */
};

int gaps_open(struct gaps *gaps); /* 0 or -ENOMEM */
void gaps_close(struct gaps *gaps);
/* For gaps_event(): a number that is not the next one. */
void gaps_jump(struct gaps *gaps, const struct event_header *event, uint64_t now, uint64_t near);

/* `now`: the event's time, never less than that of the one before. `near`: what is this close to each other
   may be joined first. Inline: every event of a trial passes here. */
static inline void gaps_event(struct gaps *gaps, const struct event_header *event, uint64_t now,
                              uint64_t near)
{
    struct gaps_cpu *cpu = &gaps->cpus[event->cpu];
    if (event->seq == cpu->next && cpu->seen) {
        cpu->next++;
        cpu->time = now;
    } else {
        gaps_jump(gaps, event, now, near);
    }
}

/* An event that comes after the end: what is missing before it may be from before the end, what is missing
   between two such events is not. */
void gaps_event_behind(struct gaps *gaps, const struct event_header *event, uint64_t end, uint64_t near);
/* After all events: adds the gaps at both ends of the life, `start` to `end`. */
void gaps_finish(struct gaps *gaps, const struct gaps_losses *losses, uint64_t start, uint64_t end);
/* {"lost", "bridged_ns", "list": [{"cpu", "from_ns", "to_ns", "lost", "kinds": [names]}]}; times from `start`
   on. Without gaps_finish() there are no kinds. */
json_t *gaps_json(const struct gaps *gaps, uint64_t start);

#endif
