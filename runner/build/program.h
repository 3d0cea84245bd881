/*
 * The program of an exec: demo: from a name or path to an open file.
 */
#ifndef RUNNER_BUILD_PROGRAM_H
#define RUNNER_BUILD_PROGRAM_H

#include "runner/support/error.h"

/* `what` with a slash is a path, else it is looked up in PATH. Links are followed to the real file, whose
   path
   (*path, fresh memory) and descriptor (*fd) the caller gets. ERROR_DEMO, in different words for what is
   missing, is no file, or is not executable. `demo` is for messages. */
int program_open(const char *what, const char *demo, char **path, int *fd, struct error *error);

#endif
