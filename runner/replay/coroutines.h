/*
 * Who runs after a coroutine's switch.
 *
 * iter.Pull's two sides hand their thread to one another (runtime/coro.go, coroswitch_m): the one that
 * switches becomes blocked, the other one runs on the same thread, and neither is parked, readied or executed
 * by the scheduler. The newest switch of each thread is kept until the side that took the thread does
 * something else with it. Where the event does not name that side, it shows itself so.
 */
#ifndef RUNNER_REPLAY_COROUTINES_H
#define RUNNER_REPLAY_COROUTINES_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/replay/table.h"

struct coroutine_switch {
    struct table_key key; /* id: tid */
    uint64_t from;        /* goid of the side that gave its thread */
    uint64_t to;          /* goid of the side that took it; 0: not known yet */
    uint64_t at;          /* ns */
    uint32_t space;       /* of both goids */
};

struct coroutines {
    struct table switches;
};

int coroutines_open(struct coroutines *coroutines);
void coroutines_close(struct coroutines *coroutines);
/* `from` gives its thread to `to` (0: not known). 0 or -ENOMEM. */
int coroutines_switch(struct coroutines *coroutines, uint32_t tid, uint64_t from, uint64_t to, uint32_t space,
                      uint64_t now);
/* The newest switch of a thread, NULL where there is none, or it was of another program. Valid until the next
   call. */
struct coroutine_switch *coroutines_of(const struct coroutines *coroutines, uint32_t tid, uint32_t space);
/* Something else happened on the thread. */
void coroutines_drop(struct coroutines *coroutines, uint32_t tid);

#endif
