/*
 * Everything that init and the demo's process need, worked out by runner before the clone: they read this and
 * do system calls, and neither allocate nor look anything up. Pointers lead into the memory of the caller of
 * sandbox_prepare(), of which init has a copy.
 */
#ifndef RUNNER_SANDBOX_BLUEPRINT_H
#define RUNNER_SANDBOX_BLUEPRINT_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/capability.h>
#include <sys/types.h>

#include "runner/sandbox/ground.h"
#include "runner/sandbox/protocol.h"
#include "runner/sandbox/sandbox.h"
#include "runner/sandbox/spare.h"

#define BLUEPRINT_BINDS_MAX   64
#define BLUEPRINT_LINKS_MAX   16
#define BLUEPRINT_ENTRIES_MAX 16

struct blueprint_bind {
    int fd;             /* detached mount (`detached`), else O_PATH of the source */
    const char *target; /* absolute, inside */
    bool detached;
    bool finished; /* a detached mount that has its flags and is private */
    bool directory;
    bool writable;
};

struct blueprint_link { /* /bin -> usr/bin and the like */
    const char *path;
    char target[128];
};

struct blueprint {
    const struct sandbox_spec *spec;
    uid_t uid;
    gid_t gid;
    int control; /* init's end of the socket pair */
    int standard[3];
    int group; /* v2 directory of the trial, or -1 */
    int proc;  /* the host's /proc, which is writable; opened by init */
    int entries[BLUEPRINT_ENTRIES_MAX];
    size_t entry_count;
    struct blueprint_bind binds[BLUEPRINT_BINDS_MAX];
    size_t bind_count;
    struct blueprint_link links[BLUEPRINT_LINKS_MAX];
    size_t link_count;
    bool is_ahead;                 /* its namespaces were made before: */
    struct spare_namespaces ahead; /* owned; else all -1 */
    struct ground ground;          /* where they were not */
    struct sock_fprog filter;
    bool filter_late;                  /* see seccomp.h */
    struct sandbox_filter *own_filter; /* where the caller gave none */
    cap_t no_capabilities, last_capability;
    struct failure failure; /* the demo's process notes here, init reads: they share memory until execve */
};

/* Takes ownership of nothing; `control` is kept by the caller. */
int blueprint_make(const struct sandbox_spec *spec, int control, struct blueprint **blueprint,
                   struct error *error);
void blueprint_free(struct blueprint *blueprint);

#endif
