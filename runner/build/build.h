/*
 * Demos from source: picks the toolchain, builds without root in a sandbox of its own (offline, cleaned
 * environment, own limits and time-out), makes the two copies of the executable (bare and observed), and
 * collects facts.
 */
#ifndef RUNNER_BUILD_BUILD_H
#define RUNNER_BUILD_BUILD_H

#include <stdbool.h>
#include <stdint.h>

#include "cgroup/cgroup.h"
#include "runner/gobin/gobin.h"
#include "runner/manifest/experiment.h"
#include "runner/support/error.h"

struct build {
    char *executable_bare, *executable_observed; /* absolute host paths of the two copies, read-only files */
    char *inside;           /* the same path inside the sandbox for both: /demo/<file name> */
    struct gobin *binary;   /* of the observed copy */
    char sha256[65];        /* of both copies */
    char *toolchain;        /* "go1.23.5 /usr/lib/go-1.23/bin/go"; NULL for exec: demos */
    char *go_line;          /* the go directive of go.mod; NULL: none */
    char *godebug_default;  /* DefaultGODEBUG of the build info; NULL: none */
    char *environment;      /* GOFLAGS=..., GOPROXY=off, ... one line */
    char source_sha256[65]; /* over names and contents of the source tree; "" for exec: demos */
    uint64_t build_ns;
    char *log; /* what the build printed; kept for the bundle when it failed */
};

struct build_options {
    const char *staging; /* an existing directory of ours for copies and sources (0711), absolute */
    const char *cache;   /* GOCACHE; stays between experiments; NULL: go-build in $XDG_CACHE_HOME/runner, else
                            in /var/cache/runner (root) or ~/.cache/runner. Given to nobody when we are root */
    struct cgroup *group;            /* below which a build group is made; NULL: no limits (tests) */
    uint64_t timeout_ns, memory_max; /* 0: no time-out, no memory limit */
    int cancel_fd;                   /* becomes readable when the operator interrupts (signalfd); -1: none */
};

/* Builds or copies one demo. A failed build is ERROR_DEMO; build->log tells why, and *build is filled as far
   as known (call build_free in any case). */
int build_demo(const struct demo *demo, const struct build_options *options, struct build *build,
               struct error *error);
void build_free(struct build *build);

/* The newest usable toolchain: go in PATH, /usr/local/go, /usr/lib/go-1.*. Allocated path; NULL and
   ERROR_HOST with the mend where there is none. `version` gets "go1.23.5". */
char *build_find_toolchain(char version[32], struct error *error);

#endif
