/*
 * When requests are due: absolute times that nothing can move. A schedule is the warm-up followed by the
 * steps; a cursor goes through its arrivals one by one. A cursor is a plain struct: a copy goes on by itself
 * and finds the same times, so what lies between two cursors needs no memory.
 *
 * Constant: arrival i of a phase is due at start + floor(i * 1e9 / rate), without accumulated rounding.
 * Poisson: exponential gaps, the first one from the phase's start on; each phase draws from a seed of its
 * own, so that a step's arrivals do not depend on the other phases.
 */
#ifndef RUNNER_LOAD_ARRIVALS_H
#define RUNNER_LOAD_ARRIVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/manifest/load.h"

/* An arrival belongs to the phase when start_ns <= due < start_ns + duration_ns. */
struct phase {
    uint64_t rate; /* a second; 0: none arrive */
    uint64_t start_ns, duration_ns;
};

struct arrivals {
    struct phase phase;
    enum load_arrivals kind;
    uint64_t index;  /* of the next arrival within the phase */
    uint64_t random; /* state of the generator (Poisson) */
    double offset;   /* of the next arrival from the phase's start, in ns (Poisson) */
};

void arrivals_start(struct arrivals *arrivals, enum load_arrivals kind, const struct phase *phase,
                    uint64_t seed);
/* The next arrival's due time; false: the phase has no more. */
bool arrivals_peek(const struct arrivals *arrivals, uint64_t *due_ns);
void arrivals_advance(struct arrivals *arrivals);

#define SCHEDULE_WARMUP (-1) /* the warm-up's number among the steps */

struct schedule {
    enum load_arrivals kind;
    uint64_t seed;
    struct phase phases[LOAD_STEPS_MAX + 1]; /* the warm-up, which may be empty, and the steps */
    size_t phase_count;
    uint64_t window_start_ns, end_ns;
};

struct cursor {
    const struct schedule *schedule;
    size_t phase;
    struct arrivals arrivals;
    uint64_t taken; /* arrivals behind it, all phases */
};

/* The warm-up begins at `start_ns`. */
void schedule_make(struct schedule *schedule, const struct load_http *http, uint64_t seed, uint64_t start_ns);
void cursor_start(struct cursor *cursor, const struct schedule *schedule);
/* The next arrival's due time and step (SCHEDULE_WARMUP: before the window); false: no more. */
bool cursor_peek(struct cursor *cursor, uint64_t *due_ns, int *step);
void cursor_advance(struct cursor *cursor);

#endif
