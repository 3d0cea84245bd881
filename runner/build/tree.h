/*
 * A stranger's source tree: copied without following links, and hashed over names and contents.
 *
 * Links that stay inside the tree are copied as links; what leads out, and what is neither file, folder nor
 * link, is left out and noted, so that a build never depends on something that the hash does not cover.
 * `.git` is left out too: history is no source. The hash is SHA-256 over the entries in byte order of their
 * names: type, path, size, content.
 */
#ifndef RUNNER_BUILD_TREE_H
#define RUNNER_BUILD_TREE_H

#include <stdint.h>
#include <sys/types.h>

#include "runner/support/error.h"

struct tree_facts {
    uint64_t files, bytes;
    char sha256[65];
    char notes[2048]; /* a line for each entry left out, as far as there is room */
};

#define TREE_ENTRIES_MAX 200000
#define TREE_BYTES_MAX   ((uint64_t)2 << 30)
#define TREE_DEPTH_MAX   64

/* Copies what is in folder `from` (a descriptor) into folder `to`, owned by `uid` and `gid` ((uid_t)-1:
   ours). `name` is for messages. ERROR_DEMO for a tree beyond the bounds. */
int tree_copy(int from, int to, uid_t uid, gid_t gid, const char *name, struct tree_facts *facts,
              struct error *error);

#endif
