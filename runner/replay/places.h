/*
 * What became of the goroutines of each go statement: one row for each pair of creating and started function,
 * with a column for each wait reason. What the findings (runner/findings) are judged by.
 *
 * Memory is fixed: the first PLACES_MAX - 1 places of the program have a row of their own, and what comes
 * later counts in row 0. Real programs have a few dozen.
 */
#ifndef RUNNER_REPLAY_PLACES_H
#define RUNNER_REPLAY_PLACES_H

#include <stdbool.h>
#include <stdint.h>

#include "runner/replay/reasons.h"
#include "runner/replay/table.h"

#define PLACES_MAX 512

/* Times are ns; stacks are numbers of runner/replay/stacks.h, 0: none is known. */
struct place_wait {
    uint64_t ended;       /* waits that came to an end */
    uint64_t time;        /* spent in them */
    uint64_t first, last; /* when the first and the latest of all waits, ended or not, began */
    uint32_t stack;       /* of the latest one whose stack is known */
    uint32_t stuck_stack; /* the same of those that are still blocked at the end */
    uint64_t stuck;       /* blocked at the end */
    uint64_t stuck_late;  /* of those: since the second half of the time in which the row's goroutines came */
    uint64_t stuck_time;
    uint64_t stuck_first, stuck_last; /* when the first and the last of those waits began */
};

struct place {
    uint64_t creator_pc, start_pc;
    bool runtime; /* the runtime's own */
    uint64_t created, exited;
    uint64_t first_created, last_created;
    uint64_t lived; /* from creation to exit, of those that exited */
    uint64_t ran;   /* on a CPU */
    uint64_t timers_made;
    uint64_t syscalls_blocked, syscall_time; /* longer than CARRIER_BLOCKED_NS (carriers.h); time of those */
    uint64_t late;                           /* waits for a P that came late after netpoll (starvation.h) */
    /* Long runs while somebody waited so: how many, that waiting's time in them, CPU time of the longest,
       when the first and the last ended. */
    uint64_t holds, held, longest_hold, first_held, last_held;
    struct place_wait waits[WAIT_REASONS];
};

struct places {
    struct place *rows; /* PLACES_MAX; row 0: others, and goroutines whose create was not seen */
    uint32_t count;     /* rows in use, row 0 included */
    struct table table; /* pair of functions -> row */
};

int places_open(struct places *places); /* 0 or -ENOMEM */
void places_close(struct places *places);
/* A goroutine was created; its row. */
uint32_t places_created(struct places *places, uint64_t creator_pc, uint64_t start_pc, bool runtime,
                        uint64_t now);
/* It had been counted in row 0, and its create has come now. */
void places_known(struct places *places);
void places_exited(struct places *places, uint32_t row, uint64_t lived);
/* It was on a CPU for `ran` ns more. */
void places_ran(struct places *places, uint32_t row, uint64_t ran);
/* `stack` 0: not captured. */
void places_parked(struct places *places, uint32_t row, uint8_t reason, uint64_t now, uint32_t stack);
void places_waited(struct places *places, uint32_t row, uint8_t reason, uint64_t time);
/* A goroutine that is still blocked at the end; after all others were told. */
void places_stuck(struct places *places, uint32_t row, uint8_t reason, uint64_t since, uint64_t end,
                  uint32_t stack);

#endif
