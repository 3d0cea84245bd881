/*
 * Go toolchains of this host. Nothing is executed to find them: the go command is a Go program itself, so its
 * build info states its version.
 */
#ifndef RUNNER_BUILD_TOOLCHAIN_H
#define RUNNER_BUILD_TOOLCHAIN_H

#include <stdint.h>

#include "runner/support/error.h"

struct toolchain {
    char *go;         /* the real file, absolute: /usr/lib/go-1.23/bin/go */
    char *root;       /* GOROOT: /usr/lib/go-1.23 */
    char version[32]; /* "go1.23.5" */
    uint32_t minor, patch;
};

/* The newest of: go in PATH, /usr/local/go, /usr/lib/go-1.*; with `minor` not 0, the newest of that minor
   version. ERROR_HOST with the mend where there is none. */
int toolchain_find(uint32_t minor, struct toolchain *toolchain, struct error *error);
void toolchain_free(struct toolchain *toolchain);

#endif
