/*
 * One goroutine of a replay; for goroutines*.c alone.
 */
#ifndef RUNNER_REPLAY_GOROUTINE_H
#define RUNNER_REPLAY_GOROUTINE_H

#include "runner/replay/goroutines.h"

struct goroutine {
    struct table_key key; /* id: goid; space: the program's (spaces.h) */
    uint64_t since;       /* of the state */
    uint64_t run_start;   /* of the slice; 0: not known */
    uint64_t start_pc, creator_pc;
    uint64_t created;
    uint16_t place; /* row of goroutines.places */
    uint16_t lock;  /* row of goroutines.locks that it waits at; 0: none, or not known */
    uint32_t stack; /* of the park that it is in; 0: not captured */
    uint8_t state, reason;
    bool runtime; /* the runtime's own */
    bool adopted; /* seen without its create */
};

/* The goroutine that an event names: known, created under its address, or never seen before. Other entries
   may move. *goroutine is NULL beyond the limit. 0 or -ENOMEM. */
int goroutine_resolve(struct goroutines *goroutines, uint64_t goid, uint64_t g, uint32_t space, uint64_t now,
                      struct goroutine **goroutine);
void goroutine_set_state(struct goroutines *goroutines, struct goroutine *goroutine,
                         enum goroutine_state state, uint64_t now);
/* A slice ends at `end`: at once, or when a park turns out to be one. 0 or -ENOMEM. */
int goroutine_end_slice(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t end);
void goroutine_end_lock_wait(struct goroutines *goroutines, struct goroutine *goroutine, uint64_t now);

/* It gives its thread to the other side of a coroutine, and goes on when it is given one; or its exit
   follows. Entries may move. 0 or -ENOMEM. */
int goroutine_switch(struct goroutines *goroutines, struct goroutine *goroutine,
                     const struct event_go_coro *event, uint64_t now);
/* Where coroutines switch, the scheduler's events mean something else. True: the event is dealt with. */
__attribute__((cold)) bool goroutine_in_coroutine(struct goroutines *goroutines, struct goroutine *goroutine,
                                                  const struct event_header *event, uint64_t now);

#endif
