/*
 * Where events are missing: from the last event of a CPU before numbers that never came to the next one after
 * them.
 *
 * What was lost before the first event of a CPU or behind its last one leaves no gap. Programs nest (an
 * interrupt inside a uprobe's program), so a number may come a little later than its successor: it is taken
 * out of the gap again. The list is bounded: where it is full, gaps of one CPU that lie near each other
 * become one, and the distance that was bridged is told; the number of lost events stays exact.
 */
#ifndef RUNNER_HEATMAP_GAPS_H
#define RUNNER_HEATMAP_GAPS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/events.h"

#define GAPS_MAX 1024

struct gap {
    uint64_t from, to; /* ns: the events at its ends came */
    uint64_t lost;
    uint32_t first, last; /* sequence numbers */
    uint8_t cpu;
};

struct gaps {
    struct gaps_cpu {
        uint64_t time; /* of its last event */
        uint32_t next; /* the number that follows the highest so far */
        bool seen;
    } cpus[EVENT_CPU_USER + 1]; /* the last one is none: marks of user space have no number */
    struct gap *list;           /* room for GAPS_MAX; in the order in which they began to be known */
    size_t count;
    uint64_t bridged; /* ns; gaps of a CPU that lie so near to each other may have been joined */
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

/* {"lost", "bridged_ns", "list": [{"cpu", "from_ns", "to_ns", "lost"}]}; times from `start` on. */
json_t *gaps_json(const struct gaps *gaps, uint64_t start);

#endif
