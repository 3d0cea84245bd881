/*
 * Parts of a finding's sentence: figures and names as people read them.
 */
#ifndef RUNNER_FINDINGS_WORDS_H
#define RUNNER_FINDINGS_WORDS_H

#include "runner/findings/findings.h"

typedef char words_number[32];

/* Each writes to `to` and returns it. */
const char *words_count(words_number to, double value);
const char *words_time(words_number to, double ns);
const char *words_rate(words_number to, double per_s);

/* "load.Go.func1" of "example.org/demos/goroutine-leak/load.Go.func1"; "a function without a name" for NULL.
 */
const char *words_function(const char *name);

/* The innermost function of a stack that is neither the runtime's nor sync's; NULL: none is known. */
const char *words_blocks_in(const struct tally_stack *stack);
/* " in " where there is one, else "". */
const char *words_in(const struct tally_stack *stack);
/* Its short name, else "". */
const char *words_place(const struct tally_stack *stack);

#endif
