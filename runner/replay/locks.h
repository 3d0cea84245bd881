/*
 * Waits for mutexes and other semaphores of the runtime, by address.
 *
 * Memory is fixed: where there are more locks than rows, those that nobody waits for now and few have waited
 * for give up their place; what finds none even then counts in row 0. A lock that many wait for thus keeps
 * its row. Addresses are the program's: where a lock is freed and another one takes its place, both share a
 * row.
 */
#ifndef RUNNER_REPLAY_LOCKS_H
#define RUNNER_REPLAY_LOCKS_H

#include <stdint.h>

#include "runner/replay/table.h"

#define LOCKS_MAX 1024

struct lock {
    uint64_t address;
    uint32_t space;       /* of the process */
    uint32_t place;       /* row of the goroutine that waited last (places.h) */
    uint64_t waits;       /* begun */
    uint64_t time;        /* ns, of all waits; those that never ended are added by locks_wait_ended(), too */
    uint64_t first, last; /* when the first and the latest wait began */
    uint32_t waiting, peak;
    uint32_t stack; /* of the latest wait whose stack is known (stacks.h) */
    uint8_t reason; /* of the latest wait */
};

struct locks {
    struct lock *rows; /* LOCKS_MAX; row 0: others */
    uint32_t count;
    struct table table; /* address -> row */
};

int locks_open(struct locks *locks); /* 0 or -ENOMEM */
void locks_close(struct locks *locks);
/* The row of a lock; 0 where there is no room. A row that nobody waits at may be given to another lock by the
   next call. */
uint32_t locks_row(struct locks *locks, uint64_t address, uint32_t space);
struct lock_wait {
    uint32_t place, stack;
    uint8_t reason;
};
void locks_wait_begun(struct locks *locks, uint32_t row, const struct lock_wait *wait, uint64_t now);
void locks_wait_ended(struct locks *locks, uint32_t row, uint64_t time);

#endif
