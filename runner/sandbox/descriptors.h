/*
 * Only the descriptors that are meant to be there: for processes that were cloned from runner, which has
 * many.
 */
#ifndef RUNNER_SANDBOX_DESCRIPTORS_H
#define RUNNER_SANDBOX_DESCRIPTORS_H

#include <stddef.h>

/* Moves *fd (and the descriptor itself stays open) to 3 or above when it is 0, 1 or 2, so that those can be
   made anew. 0 or a negative errno. */
int descriptors_lift(int *fd);

/* Closes all but `keep` (sorted in place; may repeat). close_range(2), else one by one. 0 or a negative
 * errno. */
int descriptors_close_others(int *keep, size_t count);

/* Sets FD_CLOEXEC on all from `first` up. 0 or a negative errno. */
int descriptors_close_on_exec(int first);

#endif
