/*
 * Pid 1 of a sandbox: sets it up, makes the demo's process, then forwards signals, reaps and reports.
 */
#ifndef RUNNER_SANDBOX_INIT_H
#define RUNNER_SANDBOX_INIT_H

#include "runner/sandbox/blueprint.h"

/* Called in the process that clone made. Does not return, and does not allocate. */
void init_main(struct blueprint *blueprint) __attribute__((noreturn));

#endif
