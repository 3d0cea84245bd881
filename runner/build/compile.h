/*
 * One `go build` in a sandbox of its own.
 *
 * Theory of operation. Inside, the sources are /src, the result is /out/program and GOCACHE is /cache; the
 * toolchain is where it is on the host. The environment is made from nothing: no proxy, no other toolchain,
 * no cgo, nothing of the user's settings; with cgo off `go build` runs no code of the sources. One poll loop
 * watches the output, the sandbox, the time-out and the operator. The memory limit is that of a group of its
 * own. Sources: `go help environment`, `go help build`.
 */
#ifndef RUNNER_BUILD_COMPILE_H
#define RUNNER_BUILD_COMPILE_H

#include <stdbool.h>

#include "runner/build/build.h"
#include "runner/build/log.h"
#include "runner/build/toolchain.h"
#include "runner/support/error.h"

struct compile_job {
    const char *name; /* of the demo: for messages and the group */
    const struct toolchain *toolchain;
    const char *source, *out, *cache; /* host folders, writable for the sandbox's user */
    const char *cwd;                  /* inside: /src or a folder below it */
    const char *package;              /* as `go build` takes it */
    bool vendored;                    /* the module has vendor/modules.txt */
    const struct build_options *options;
};

#define COMPILE_USER "nobody"

/* Runs it. `log` gets what it prints, also when it fails. ERROR_DEMO where the sources do not build or the
   build is beyond its limits; -ECANCELED where the operator interrupted. */
int compile_run(const struct compile_job *job, struct build_log *log, struct error *error);

/* The environment as one line, NAME=value separated by spaces. Fresh memory; NULL: none. */
char *compile_environment(const struct compile_job *job);

#endif
