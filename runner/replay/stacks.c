#include "runner/replay/stacks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct known {
    struct table_key key; /* id: hash of the addresses; space: how many of that hash came before */
    uint32_t number;
};

int stacks_open(struct stacks *stacks)
{
    *stacks = (struct stacks){0};
    return table_open(&stacks->table, sizeof(struct known), STACKS_MAX);
}

void stacks_close(struct stacks *stacks)
{
    table_close(&stacks->table);
    free(stacks->items);
    *stacks = (struct stacks){0};
}

/* FNV-1a (Fowler, Noll, Vo) over words. */
static uint64_t hash(const uint64_t pcs[EVENT_STACK_DEPTH])
{
    uint64_t sum = 0xcbf29ce484222325U;
    for (unsigned i = 0; i < EVENT_STACK_DEPTH; i++)
        sum = (sum ^ pcs[i]) * 0x100000001b3U;
    return sum;
}

uint32_t stacks_number(struct stacks *stacks, const uint64_t pcs[EVENT_STACK_DEPTH])
{
    enum { SAME_HASH = 4 };
    struct known *known;
    uint64_t id = hash(pcs);
    uint32_t before = 0;
    if (pcs[0] == 0)
        return 0;
    if (!stacks->items && !(stacks->items = calloc(STACKS_MAX + 1, sizeof *stacks->items)))
        return 0;
    while ((known = table_find(&stacks->table, id, before))) {
        if (memcmp(stacks->items[known->number], pcs, sizeof *stacks->items) == 0)
            return known->number;
        if (++before == SAME_HASH)
            return 0;
    }
    if (table_insert(&stacks->table, id, before, &known) < 0)
        return 0;
    known->number = ++stacks->count;
    memcpy(stacks->items[known->number], pcs, sizeof *stacks->items);
    return known->number;
}

const uint64_t *stacks_frames(const struct stacks *stacks, uint32_t number)
{
    return number && number <= stacks->count ? stacks->items[number] : NULL;
}
