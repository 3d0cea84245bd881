/*
 * Work whose length the demo decides, in a child process that may use so much CPU time and no more: reading
 * DWARF takes what the file says, and a library that walks it cannot be stopped from outside.
 */
#ifndef RUNNER_GOBIN_CONFINED_H
#define RUNNER_GOBIN_CONFINED_H

#include <stdbool.h>
#include <stddef.h>

#define CONFINED_SIZE_MAX 4096 /* PIPE_BUF: one write */

/* Runs work(context) in a child. Where it is true, `size` bytes at `result`, which it changed in the child,
   are changed here, too. False also where the child was killed, crashed, or could not be started: then
   nothing is changed. Nothing else that `work` does is seen here. */
bool confined_run(bool (*work)(void *context), void *context, void *result, size_t size,
                  unsigned cpu_seconds);

#endif
