#include "runner/replay/table.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { FIRST_CAPACITY_BITS = 6, FIRST_CAPACITY = 1 << FIRST_CAPACITY_BITS };

/* The index where the key would stand if all were alone. */
static size_t home_of(const struct table *table, uint64_t id, uint32_t space)
{
    return (id * table->id_factor + space * table->space_factor) >> table->shift;
}

static struct table_key *slot(const struct table *table, size_t index)
{
    return (struct table_key *)(void *)(table->slots + index * table->entry_size);
}

int table_open(struct table *table, size_t entry_size, size_t limit)
{
    *table = (struct table){.entry_size = entry_size,
                            .mask = FIRST_CAPACITY - 1,
                            .shift = 64 - FIRST_CAPACITY_BITS,
                            .limit = limit};
    uint64_t factors[2];
    if (getrandom(factors, sizeof factors, GRND_NONBLOCK) != sizeof factors) {
        /* Before the kernel's pool is filled: the address has to do. */
        factors[0] = (uintptr_t)table * UINT64_C(0x9e3779b97f4a7c15);
        factors[1] = ~factors[0] * UINT64_C(0xc4ceb9fe1a85ec53);
    }
    table->id_factor = factors[0] | 1;
    table->space_factor = factors[1] | 1;
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
    for (size_t i = home_of(table, id, space);; i = (i + 1) & table->mask) {
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
    larger.shift--;
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
    const struct table_key *removed = entry;
    size_t hole = home_of(table, removed->id, removed->space);
    while (slot(table, hole) != removed)
        hole = (hole + 1) & table->mask;
    for (size_t i = (hole + 1) & table->mask;; i = (i + 1) & table->mask) {
        struct table_key *key = slot(table, i);
        if (!key->used)
            break;
        size_t home = home_of(table, key->id, key->space);
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

void table_remove_space(struct table *table, uint32_t space)
{
    for (size_t i = 0; table->count && i <= table->mask;) {
        /* What removal shifts back may now stand here. */
        if (slot(table, i)->used && slot(table, i)->space == space)
            table_remove(table, slot(table, i));
        else
            i++;
    }
}

void *table_next(const struct table *table, const void *entry)
{
    size_t index = entry ? (size_t)((const char *)entry - table->slots) / table->entry_size + 1 : 0;
    for (; index <= table->mask; index++)
        if (slot(table, index)->used)
            return slot(table, index);
    return NULL;
}
