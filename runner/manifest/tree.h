/*
 * The YAML document as a tree with places, from bytes that nobody vouches for.
 *
 * libyaml's events are taken one at a time, so that each limit stops the work before memory is spent: bytes,
 * depth, nodes, length of a text, anchors, and what the aliases would amount to if they were written out
 * ("alias bomb"). An alias is the same node once more, never a copy. Duplicate keys (libyaml's document API
 * keeps both), tags, keys that are not words and second documents are diagnosed here.
 */
#ifndef RUNNER_MANIFEST_TREE_H
#define RUNNER_MANIFEST_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "runner/manifest/diagnostics.h"

#define TREE_MAX_DEPTH   16
#define TREE_MAX_NODES   20000
#define TREE_MAX_TEXT    65536 /* bytes of one scalar */
#define TREE_MAX_ANCHORS 100
#define TREE_MAX_WEIGHT  (8 << 20) /* bytes with all aliases written out */

enum tree_kind { TREE_SCALAR, TREE_SEQUENCE, TREE_MAPPING };

struct tree_node {
    enum tree_kind kind;
    struct place place;
    /* scalar */
    bool plain; /* neither quoted nor a block: may be a number, a switch, nothing */
    char *text; /* NUL-terminated; may hold NULs of its own where it was quoted */
    size_t length;
    /* sequence: the items; mapping: key, value, key, value, ... in the order of the file, keys are scalars */
    struct tree_node **items;
    size_t count, room;
    size_t weight; /* bytes with all aliases written out */
    bool open;     /* while it is read: an alias to it would be a circle */
    bool dropped;  /* key of a pair that was diagnosed and taken out */
};

struct tree {
    struct tree_node *root;
    struct tree_node **nodes;
    size_t count, room;
};

/* 0; -EINVAL: `diagnostics` has why, and there is no tree; -ENOMEM. Diagnostics beside a tree are possible:
   what they speak of is left out of it. */
int tree_parse(const char *data, size_t size, struct diagnostics *diagnostics, struct tree **tree);
void tree_free(struct tree *tree);

/* The value of a mapping's key, NULL where `node` is NULL, no mapping, or has no such key. */
const struct tree_node *tree_get(const struct tree_node *node, const char *key);
/* Whether it is a plain scalar that YAML takes for null: ~, null, or nothing. */
bool tree_is_nothing(const struct tree_node *node);

#endif
