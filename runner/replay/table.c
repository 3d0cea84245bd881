#include "runner/replay/table.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { FIRST_CAPACITY = 64 };

static uint64_t hash(const struct table *table, uint64_t id, uint32_t space)
{
    /* Two rounds of multiply and fold (the finaliser of MurmurHash3). */
    uint64_t h = (id ^ table->seed) + ((uint64_t)space << 32 | space);
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdU;
    h ^= h >> 33;
    h *= 0xc4ceb9fe1a85ec53U;
    return h ^ h >> 33;
}

static struct table_key *slot(const struct table *table, size_t index)
{
    return (struct table_key *)(void *)(table->slots + index * table->entry_size);
}

int table_open(struct table *table, size_t entry_size, size_t limit)
{
    *table = (struct table){.entry_size = entry_size, .mask = FIRST_CAPACITY - 1, .limit = limit};
    if (getrandom(&table->seed, sizeof table->seed, GRND_NONBLOCK) != sizeof table->seed)
        table->seed = (uintptr_t)table; /* before the kernel's pool is filled: the address has to do */
    table->slots = calloc(FIRST_CAPACITY, entry_size);
    return table->slots ? 0 : -ENOMEM;
}

void table_close(struct table *table)
{
    free(table->slots);
    *table = (struct table){0};
}

/* The slot of the key, else the free one where it would stand. */
static struct table_key *locate(const struct table *table, uint64_t id, uint32_t space)
{
    for (size_t i = hash(table, id, space) & table->mask;; i = (i + 1) & table->mask) {
        struct table_key *key = slot(table, i);
        if (!key->used || (key->id == id && key->space == space))
            return key;
    }
}

void *table_find(const struct table *table, uint64_t id, uint32_t space)
{
    struct table_key *key = locate(table, id, space);
    return key->used ? key : NULL;
}

static int grow(struct table *table)
{
    struct table larger = *table;
    larger.mask = 2 * table->mask + 1;
    larger.slots = calloc(larger.mask + 1, table->entry_size);
    if (!larger.slots)
        return -ENOMEM;
    for (const struct table_key *key = NULL; (key = table_next(table, key));)
        memcpy(locate(&larger, key->id, key->space), key, table->entry_size);
    free(table->slots);
    *table = larger;
    return 0;
}

int table_insert(struct table *table, uint64_t id, uint32_t space, void *entry)
{
    if (table->count >= table->limit)
        return -ENOSPC;
    /* At most 5/8 full: probes stay short. */
    if (table->count >= (table->mask + 1) / 8 * 5) {
        int result = grow(table);
        if (result < 0)
            return result;
    }
    struct table_key *key = locate(table, id, space);
    memset(key, 0, table->entry_size);
    *key = (struct table_key){.id = id, .space = space, .used = 1};
    table->count++;
    *(void **)entry = key;
    return 0;
}

void table_remove(struct table *table, void *entry)
{
    size_t hole = (size_t)((char *)entry - table->slots) / table->entry_size;
    for (size_t i = (hole + 1) & table->mask;; i = (i + 1) & table->mask) {
        struct table_key *key = slot(table, i);
        if (!key->used)
            break;
        size_t home = hash(table, key->id, key->space) & table->mask;
        /* It may fill the hole unless its home lies cyclically behind the hole. */
        bool stays = ((i - home) & table->mask) < ((i - hole) & table->mask);
        if (stays)
            continue;
        memcpy(slot(table, hole), key, table->entry_size);
        hole = i;
    }
    slot(table, hole)->used = 0;
    table->count--;
}

void *table_next(const struct table *table, const void *entry)
{
    size_t index = entry ? (size_t)((const char *)entry - table->slots) / table->entry_size + 1 : 0;
    for (; index <= table->mask; index++)
        if (slot(table, index)->used)
            return slot(table, index);
    return NULL;
}
