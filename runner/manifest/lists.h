/*
 * Lists as the manifest yields them. Owned by struct experiment.
 */
#ifndef RUNNER_MANIFEST_LISTS_H
#define RUNNER_MANIFEST_LISTS_H

#include <stddef.h>

struct string_list {
    char **items;
    size_t count;
};

/* NAME=value pairs in the order of the manifest. */
struct env_list {
    struct env_entry {
        char *name;
        char *value;
    } * items;
    size_t count;
};

#endif
