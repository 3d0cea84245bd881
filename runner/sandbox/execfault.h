/*
 * Why did execve refuse? ENOENT is said of a missing program and of a missing loader alike, so the file is
 * looked at. Runs in the demo's process, inside the sandbox, without allocating.
 */
#ifndef RUNNER_SANDBOX_EXECFAULT_H
#define RUNNER_SANDBOX_EXECFAULT_H

#include "runner/sandbox/protocol.h"

/* `number` is the errno of execve(path). */
void execfault_note(const char *path, int number, struct failure *failure);

#endif
