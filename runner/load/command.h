/* `load.command`: any program as a load. */
#ifndef RUNNER_LOAD_COMMAND_H
#define RUNNER_LOAD_COMMAND_H

#include "runner/manifest/lists.h"
#include "runner/support/error.h"

/* A word with each `{url}` filled in; NULL: no memory. The caller's (free). */
char *command_word(const char *word, const char *url);

/* Replaces this process by the program, which is looked up in PATH where its name has no slash, with a small
   environment of its own. Returns only on failure, negative. */
int command_exec(const struct string_list *command, const char *url, struct error *error);

#endif
