/*
 * The ground on which every sandbox of a user stands: a tmpfs with devices, a few files of /etc, /tmp and
 * /dev/shm, before anything of a demo is in it. Planned by runner, built by init in its own mount namespace,
 * or ahead of it (spare.h).
 */
#ifndef RUNNER_SANDBOX_GROUND_H
#define RUNNER_SANDBOX_GROUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "runner/sandbox/protocol.h"

#define GROUND_FILES_MAX 8
/* Where the new root hangs until it is the root; exists on every host (FHS). */
#define GROUND_SCAFFOLD "/tmp"

struct ground_user {
    const char *name;
    uid_t uid;
    gid_t gid;
};

struct ground_file { /* small files that are written into the root */
    const char *path;
    char *content; /* owned */
};

struct ground {
    struct ground_file files[GROUND_FILES_MAX];
    size_t file_count;
    char tmp_options[96]; /* of the tmpfs on /tmp and on /dev/shm */
};

/* `tmp_bytes` as in struct sandbox_spec. Release with ground_free(), also after an error. */
int ground_plan(const struct ground_user *user, uint64_t tmp_bytes, bool network_host, struct ground *ground,
                struct error *error);
void ground_free(struct ground *ground);

/* In a mount namespace of one's own, as real root, without allocating: builds the ground at GROUND_SCAFFOLD
   and makes it the working directory. The host's tree is there yet. */
int ground_build(const struct ground *ground, struct failure *failure);
/* Makes the working directory the root, and leaves nothing else in the namespace. */
int ground_enter(struct failure *failure);

/* Notes errno as what became of "`doing` `path`"; -errno. */
int ground_fail(struct failure *failure, const char *doing, const char *path);

#endif
