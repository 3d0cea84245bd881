/* Who a demo, and whoever talks to it, runs as. */
#ifndef RUNNER_SANDBOX_USERS_H
#define RUNNER_SANDBOX_USERS_H

#include <sys/types.h>

#include "runner/support/error.h"

/* The user that NULL stands for. */
const char *users_name(const char *name);

/* Looks `name` up in the host's user database. 0; ERROR_USAGE with the mend. */
int users_find(const char *name, uid_t *uid, gid_t *gid, struct error *error);

#endif
