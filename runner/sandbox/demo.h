/*
 * The demo's process from its birth (a vfork child of init) through the barrier to execve.
 */
#ifndef RUNNER_SANDBOX_DEMO_H
#define RUNNER_SANDBOX_DEMO_H

#include "runner/sandbox/blueprint.h"

/* Returns only when a step failed, which it notes in blueprint->failure, or when runner closed the socket at
   the barrier; the value is the exit status. */
int demo_main(struct blueprint *blueprint);

#endif
