/*
 * The last waits of each thread for a CPU: when it could have run and did not, because other threads had the
 * CPUs or because cpu.max kept its group off. They answer how much of any interval that ends now a thread
 * spent so.
 *
 * The newest 15 waits of a thread are kept one by one; those before them are one sum over the span they lie
 * in, of which an interval that begins inside the span gets its share by length. So the answer is exact
 * unless more than 15 waits lie in the interval.
 */
#ifndef RUNNER_REPLAY_WAITS_H
#define RUNNER_REPLAY_WAITS_H

#include <stdbool.h>
#include <stdint.h>

struct wait_times {
    uint64_t run_queue, throttled; /* ns */
};

struct waits {
    struct wait_history *histories;
    uint32_t count, capacity;
    uint32_t free;      /* first of the list of those that nobody has; 0: none */
    uint64_t forgotten; /* waits of threads beyond the limit */
};

void waits_close(struct waits *waits); /* all zero is an empty one */
/* A wait of the thread has ended. *history: which one is the thread's, 0 at first. 0 or -ENOMEM. */
int waits_add(struct waits *waits, uint32_t *history, uint64_t start, uint64_t end, bool throttled);
/* Part of [from, to) that the thread waited. */
struct wait_times waits_within(const struct waits *waits, uint32_t history, uint64_t from, uint64_t to);
/* The thread has ended. */
void waits_end(struct waits *waits, uint32_t *history);

#endif
