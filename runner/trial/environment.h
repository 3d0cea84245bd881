/*
 * The argument and environment vectors of a demo: nothing of runner's own environment gets in, so that a
 * trial is the same wherever it is started.
 */
#ifndef RUNNER_TRIAL_ENVIRONMENT_H
#define RUNNER_TRIAL_ENVIRONMENT_H

#include "runner/manifest/experiment.h"

/* NULL-terminated "NAME=value" strings: base, then the controls (GOMAXPROCS, GOGC, GOMEMLIMIT, GODEBUG, env),
   then the demo's; a later name replaces an earlier one. NULL: out of memory. Release with strings_free(). */
char **environment_make(const struct controls *controls, const struct demo *demo);
/* `program`, exec's own arguments, args. The same ownership. */
char **arguments_make(const struct demo *demo, const char *program);
void strings_free(char **strings);

#endif
