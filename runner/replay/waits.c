#include "runner/replay/waits.h"

#include <errno.h>
#include <stdlib.h>

enum { KEPT = 15, HISTORIES_FIRST = 16 };
/* Threads that run goroutines at once; each is 5,000 times smaller than the thread's own stack. */
#define HISTORIES_MAX (1u << 15)

struct wait {
    uint64_t start, end;
};

struct wait_history {
    struct wait waits[KEPT];     /* a ring */
    uint16_t throttled;          /* bit i: waits[i] is one by cpu.max */
    uint8_t first, used;         /* of the ring */
    uint32_t next_free;          /* index + 1 */
    uint64_t start, end;         /* of the span before them; equal: nothing is there */
    struct wait_times in_before; /* sums in the span */
};
_Static_assert(sizeof(struct wait_history) <= 288, "memory is bounded by it");

void waits_close(struct waits *waits)
{
    free(waits->histories);
    *waits = (struct waits){0};
}

/* Index + 1, so that 0 is none. */
static int take(struct waits *waits, uint32_t *history)
{
    if (waits->free) {
        *history = waits->free;
        waits->free = waits->histories[*history - 1].next_free;
    } else {
        if (waits->count == waits->capacity) {
            uint32_t capacity = waits->capacity ? 2 * waits->capacity : HISTORIES_FIRST;
            if (capacity > HISTORIES_MAX)
                return -ENOSPC;
            void *grown = realloc(waits->histories, capacity * sizeof *waits->histories);
            if (!grown)
                return -ENOMEM;
            waits->histories = grown;
            waits->capacity = capacity;
        }
        *history = ++waits->count;
    }
    waits->histories[*history - 1] = (struct wait_history){0};
    return 0;
}

static void add_to(struct wait_times *times, uint64_t length, bool throttled)
{
    *(throttled ? &times->throttled : &times->run_queue) += length;
}

/* Makes room: the oldest one joins the span. */
static void join_oldest(struct wait_history *history)
{
    const struct wait *oldest = &history->waits[history->first];
    if (history->start == history->end)
        history->start = oldest->start;
    history->end = oldest->end;
    add_to(&history->in_before, oldest->end - oldest->start, history->throttled >> history->first & 1);
    history->first = (uint8_t)((history->first + 1) % KEPT);
    history->used--;
}

int waits_add(struct waits *waits, uint32_t *history, uint64_t start, uint64_t end, bool throttled)
{
    if (end <= start)
        return 0;
    if (*history == 0) {
        int result = take(waits, history);
        if (result == -ENOSPC)
            waits->forgotten++;
        if (result < 0)
            return result == -ENOSPC ? 0 : result;
    }
    struct wait_history *own = &waits->histories[*history - 1];
    if (own->used == KEPT)
        join_oldest(own);
    unsigned place = (own->first + own->used++) % KEPT;
    own->waits[place] = (struct wait){start, end};
    own->throttled = (uint16_t)((own->throttled & ~(1u << place)) | (unsigned)(throttled ? 1 : 0) << place);
    return 0;
}

static uint64_t overlap(uint64_t start, uint64_t end, uint64_t from, uint64_t to)
{
    uint64_t low = start > from ? start : from;
    uint64_t high = end < to ? end : to;
    return high > low ? high - low : 0;
}

static uint64_t share(uint64_t amount, uint64_t part, uint64_t whole)
{
    return (uint64_t)((unsigned __int128)amount * part / whole);
}

struct wait_times waits_within(const struct waits *waits, uint32_t history, uint64_t from, uint64_t to)
{
    struct wait_times times = {0};
    if (history == 0)
        return times;
    const struct wait_history *own = &waits->histories[history - 1];
    for (unsigned i = own->used; i-- > 0;) {
        unsigned place = (own->first + i) % KEPT;
        const struct wait *wait = &own->waits[place];
        if (wait->end <= from) /* and all older ones */
            return times;
        add_to(&times, overlap(wait->start, wait->end, from, to), own->throttled >> place & 1);
    }
    uint64_t part = overlap(own->start, own->end, from, to);
    if (part) {
        times.run_queue += share(own->in_before.run_queue, part, own->end - own->start);
        times.throttled += share(own->in_before.throttled, part, own->end - own->start);
    }
    return times;
}

void waits_end(struct waits *waits, uint32_t *history)
{
    if (*history == 0)
        return;
    waits->histories[*history - 1].next_free = waits->free;
    waits->free = *history;
    *history = 0;
}
