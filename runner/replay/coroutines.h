/*
 * Who runs after a coroutine's switch.
 *
 * iter.Pull's two sides hand their thread to one another (runtime/coro.go, coroswitch_m): the one that
 * switches becomes blocked, the other one runs on the same thread, and neither is parked, readied or executed
 * by the scheduler. The event names the side that gives; the side that takes shows itself with its next event
 * on that thread. Switches that nobody has answered for are kept by thread.
 */
#ifndef RUNNER_REPLAY_COROUTINES_H
#define RUNNER_REPLAY_COROUTINES_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/replay/table.h"

struct coroutine_switch {
    struct table_key key; /* id: tid */
    uint64_t from;        /* goid of the side that gave its thread */
    uint64_t guess;       /* who ran on the other side the time before, 0: not known */
    uint64_t at;          /* ns */
    uint32_t space;       /* of both goids */
};

struct coroutines {
    struct table switches;
    struct table peers; /* by goid and space: who gave it a thread last */
};

int coroutines_open(struct coroutines *coroutines);
void coroutines_close(struct coroutines *coroutines);
/* The goroutine gives its thread away. 0 or -ENOMEM. */
int coroutines_switch(struct coroutines *coroutines, uint32_t tid, uint64_t goid, uint32_t space,
                      uint64_t now);
/* True where this goroutine is the one that gave the thread away, and nobody has taken it yet. */
bool coroutines_gave(const struct coroutines *coroutines, uint32_t tid, uint64_t goid, uint32_t space);
/* The goroutine has shown itself on a thread that another one gave away, at *since. False where none did. */
bool coroutines_take(struct coroutines *coroutines, uint32_t tid, uint64_t goid, uint32_t space,
                     uint64_t *since);
/* The scheduler put another goroutine on the thread: the event of the one that took it was lost. */
void coroutines_drop(struct coroutines *coroutines, uint32_t tid);
/* The goroutine ended. */
void coroutines_forget(struct coroutines *coroutines, uint64_t goid, uint32_t space);

#endif
