/*
 * What a number that was seen is worth beside the true one: a pure decision.
 */
#ifndef TESTS_ACCURACY_JUDGE_H
#define TESTS_ACCURACY_JUDGE_H

#include "tests/accuracy/cases.h"

enum verdict {
    VERDICT_NONE,    /* there is nothing to judge: not here, or not run */
    VERDICT_OK,      /* the truth, within the fact's tolerance */
    VERDICT_LOSSY,   /* not the truth, but the bundle says that events are missing, and as many as make up for
                        it */
    VERDICT_MISS,    /* not the truth */
    VERDICT_UNKNOWN, /* the bundle or the program does not say the number: a miss */
};

struct seen {
    double value; /* NAN: the bundle has no such number */
    double lost;  /* events that the bundle says are missing from it; 0: none */
};

/* `truth` NAN: the program has not said it. */
enum verdict judge(const struct fact *fact, struct seen seen, double truth);
bool verdict_is_miss(enum verdict verdict);

#endif
