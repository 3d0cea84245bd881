/*
 * The sources of one demo: which folder is its module, and what its go.mod says.
 */
#ifndef RUNNER_BUILD_SOURCE_H
#define RUNNER_BUILD_SOURCE_H

#include <stdbool.h>

#include "runner/build/tree.h"
#include "runner/support/error.h"

struct source {
    char *root;    /* the module's folder on the host: with go.mod, at or above the demo's */
    char *below;   /* the demo's folder below it: "" or "/cmd/x" */
    char *copy;    /* the copy of the module's folder */
    char *go_line; /* the go directive, "1.23"; NULL: none */
    bool vendored; /* vendor/modules.txt is there */
    struct tree_facts facts;
};

/* Finds the module of folder `go_dir` and copies it to the new folder `copy`, owned by `uid` and `gid`.
   ERROR_DEMO where the folder or a go.mod is missing. Call source_free in any case. */
int source_stage(const char *go_dir, const char *copy, uid_t uid, gid_t gid, struct source *source,
                 struct error *error);
void source_free(struct source *source);

#endif
