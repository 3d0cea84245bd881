/*
 * The two copies of an executable: one for bare trials, one for observed trials. They are two inodes because
 * uprobes belong to an inode: the bare copy never has a breakpoint in it.
 */
#ifndef RUNNER_BUILD_COPIES_H
#define RUNNER_BUILD_COPIES_H

#include <stdbool.h>

#include "runner/support/error.h"

struct gobin;

struct copies {
    char *bare, *observed; /* absolute paths */
    char sha256[65];       /* of the content of both */
    struct gobin *binary;  /* of the observed one; NULL: a script */
};

/* Copies the executable behind descriptor `from` to STAGING/NAME.bare and STAGING/NAME.observed, mode 0555.
   Reading is done once, so the two are alike whatever happens to the original. ERROR_DEMO where it is neither
   an ELF executable for this machine nor (with `scripts`) a script. `label` is for messages. Call copies_free
   in any case. */
int copies_make(int from, const char *staging, const char *name, bool scripts, const char *label,
                struct copies *copies, struct error *error);
void copies_free(struct copies *copies);

#endif
