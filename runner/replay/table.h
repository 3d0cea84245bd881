/*
 * An open-addressing hash map of fixed-size entries that stand in the slots themselves.
 *
 * An entry is a struct whose first member is struct table_key; the pair (id, space) is the key. Linear
 * probing; removal shifts the cluster back (Knuth 6.4, algorithm R), so that no tombstones gather and a map
 * that only turns over does not grow. The hash is multiply-shift with random factors (Dietzfelbinger et al.
 * 1997), one multiplication for each half of the key: a prepared trace cannot choose its collisions. Pointers
 * to entries are valid until the next insert or removal.
 */
#ifndef RUNNER_REPLAY_TABLE_H
#define RUNNER_REPLAY_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_key {
    uint64_t id;
    uint32_t space;
    uint32_t used; /* 0: the slot is free */
};

struct table {
    char *slots;
    size_t entry_size;
    size_t mask;    /* capacity - 1; the capacity is a power of two */
    unsigned shift; /* of a hash, so that an index is left */
    uint64_t id_factor, space_factor;
    size_t count, limit;
};

/* `limit`: most entries. 0 or -ENOMEM. */
int table_open(struct table *table, size_t entry_size, size_t limit);
void table_close(struct table *table);
void *table_find(const struct table *table, uint64_t id, uint32_t space);
/* A new entry, zero but for its key, which must not be there yet. 0, -ENOSPC at the limit, or -ENOMEM. */
int table_insert(struct table *table, uint64_t id, uint32_t space, void *entry);
void table_remove(struct table *table, void *entry);
/* All entries of a space. */
void table_remove_space(struct table *table, uint32_t space);
/* All entries in no order: NULL begins, NULL ends. */
void *table_next(const struct table *table, const void *entry);

#endif
